package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

var errInterrupted = errors.New("interrupted")

// interruptible runs work until it is done or the user gives it up, and does not wait for work that hangs on a silent pipe.
//
// When stdin is read, the first Ctrl-C goes to the recorder in front of the pipe too: it ends the recording, and what was recorded is worth
// an audit. Only the second one gives up.
func interruptible[T any](ctx context.Context, stdin bool, stderr io.Writer, work func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	done := make(chan result, 1)
	go func() {
		value, err := work(ctx)
		done <- result{value, err}
	}()
	for {
		select {
		case r := <-done:
			return r.value, r.err
		case s := <-signals:
			if stdin && s == os.Interrupt {
				stdin = false
				fmt.Fprintln(stderr, "abroad: interrupted: reading on until the pipe ends; interrupt again to give up")
				continue
			}
			var none T
			return none, errInterrupted
		}
	}
}
