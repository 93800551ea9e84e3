package main

import "syscall"

// clockSynced asks the kernel whether something keeps the clock (adjtimex(2): TIME_ERROR means that nothing does).
func clockSynced() (synced, known bool) {
	const timeError = 5
	state, err := syscall.Adjtimex(&syscall.Timex{})
	return state != timeError, err == nil
}
