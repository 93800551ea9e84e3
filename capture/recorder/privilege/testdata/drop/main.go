// Command drop opens a packet socket, keeps several threads busy, drops its privileges, says what happened and waits for its standard input to end.
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"abroad/capture/recorder/privilege"
)

func main() {
	for range 6 {
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(started)
			select {}
		}()
		<-started
	}
	if _, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err != nil {
		fmt.Println("before:", err)
		return
	}
	if err := privilege.Drop(privilege.Caller(os.Args[1], os.Getenv)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	if _, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err == nil {
		fmt.Println("a packet socket can still be opened")
		os.Exit(1)
	}
	if err := unix.Setresuid(0, 0, 0); err == nil && os.Args[2] != "0" {
		fmt.Println("the way back to root is open")
		os.Exit(1)
	}
	fmt.Println("dropped")
	io.Copy(io.Discard, os.Stdin)
}
