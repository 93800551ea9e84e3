//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
)

// lastSignals end the process without a word, and would leave the terminal as it is. The others that a terminal sends stop the recording in order.
var lastSignals = []os.Signal{syscall.SIGQUIT}

// passOn does what a signal would have done, after the terminal was given back.
func passOn(s os.Signal) {
	signal.Reset(s)
	syscall.Kill(os.Getpid(), s.(syscall.Signal))
}

// interruptGroup does what Ctrl-C does on a terminal that is not raw: everybody who works in front of it is asked to stop, a recorder at the
// other end of a pipe too.
func interruptGroup() { syscall.Kill(0, syscall.SIGINT) }

// ownGroup keeps what a terminal sends away from a command, from its first instruction on.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// inForeground reports whether the process may take the terminal: a job in the background would be stopped for trying (termios(3)). Where it
// cannot be known, it may.
func inForeground() bool {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return true
	}
	_, rest, ok := bytes.Cut(b, []byte(") ")) // the name may hold spaces, and ends the first of its kind: it is ours
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 6 {
		return true
	}
	terminal, err := strconv.Atoi(string(fields[5])) // tpgid (proc(5)); -1 without a terminal
	return err != nil || terminal < 0 || terminal == syscall.Getpgrp()
}
