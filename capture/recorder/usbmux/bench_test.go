package usbmux

import (
	"net"
	"testing"
	"time"

	"howett.net/plist"

	"abroad/capture/recorder/usbmux/usbmuxtest"
)

// BenchmarkNext reads full-size packets as pcapd sends them.
func BenchmarkNext(b *testing.B) {
	frame := make([]byte, 1514)
	message := usbmuxtest.Message(usbmuxtest.Owner{Interface: "en0", PID: 1, Process: "Practice", Pre: 14}, time.Unix(1760000000, 0), frame)
	for name, format := range map[string]int{"binary": plist.BinaryFormat, "xml": plist.XMLFormat} {
		b.Run(name, func(b *testing.B) {
			body, err := plist.Marshal(message, format)
			if err != nil {
				b.Fatal(err)
			}
			sent := append([]byte{0, 0, byte(len(body) >> 8), byte(len(body))}, body...)
			near, far := net.Pipe()
			go func() {
				for {
					if _, err := far.Write(sent); err != nil {
						return
					}
				}
			}()
			defer near.Close()
			r := NewPacketReader(near)
			b.SetBytes(int64(len(frame)))
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
