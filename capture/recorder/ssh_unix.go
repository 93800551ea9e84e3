//go:build unix

package recorder

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a Ctrl-C on the terminal from the program: it is stopped in order, by us.
func ownGroup(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
