//go:build linux

package labtest

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"abroad/capture/lab"
)

// Sender returns a function that sends any frame out of an interface of a namespace.
func Sender(t testing.TB, in *lab.Namespace, name string) (send func(frame []byte)) {
	t.Helper()
	var fd int
	if err := in.Do(func() error {
		i, err := net.InterfaceByName(name)
		if err != nil {
			return err
		}
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index})
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return func(b []byte) {
		t.Helper()
		if _, err := unix.Write(fd, b); err != nil {
			t.Error(err)
		}
	}
}

// UDP is a frame from a machine on the phone's network to port 9 of the gateway. Its check sums are 0.
func UDP(mac string, from netip.Addr, text string) []byte {
	to, _ := net.ParseMAC(lab.GatewayMAC)
	source, err := net.ParseMAC(mac)
	if err != nil {
		panic(err)
	}
	b := append(append([]byte(nil), to...), source...)
	b = append(b, 0x08, 0x00, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(28+len(text)))
	b = append(b, 0, 0, 0, 0, 64, 17, 0, 0)
	b = append(append(b, from.AsSlice()...), lab.GatewayAddr.AsSlice()...)
	b = append(b, 0x12, 0x34, 0, 9)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(text)))
	return append(append(b, 0, 0), text...)
}
