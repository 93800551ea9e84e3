//go:build !unix

package main

import (
	"os"
	"os/exec"
)

var lastSignals = []os.Signal{os.Kill} // never delivered: there is nothing to wait for

func passOn(os.Signal) {}

func interruptGroup() {}

func ownGroup(*exec.Cmd) {}

// inForeground is false: there is no way here to hand a Ctrl-C on that a raw terminal gives as a character, so there is no live view.
func inForeground() bool { return false }
