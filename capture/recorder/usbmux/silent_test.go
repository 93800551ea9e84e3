package usbmux

import (
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// Something that listens and never answers does not hold a command for ever. The limit is tested with the clock of the test.
func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer there.Close()
		go func() { // takes what is asked, and says nothing
			b := make([]byte, 4096)
			for {
				if _, err := there.Read(b); err != nil {
					return
				}
			}
		}()
		begun := time.Now()
		c := &conn{here, func() bool { return true }}
		if _, err := (Mux{}).list(c); err == nil || time.Since(begun) != listTimeout {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}
