// Package privilege gives up what a process no longer needs once its socket is open.
//
// In: who is to be the owner of what is written from then on. Out: a process none of whose threads has a capability or can get one back.
// Drop looks at the result in /proc and fails if a thread has kept anything; the caller must end then.
package privilege
