package usbmux

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"abroad/capture/recorder/usbmux/usbmuxtest"
)

func mux(t *testing.T, p *usbmuxtest.Phone) Mux {
	address := p.Start(t)
	return FromEnvironment(func(string) string { return address })
}

func TestFromEnvironment(t *testing.T) {
	for spec, want := range map[string]Mux{
		"": {"unix", "/var/run/usbmuxd"}, "UNIX:/a": {"unix", "/a"}, "unix:///a": {"unix", "/a"}, "/a": {"unix", "/a"}, "127.0.0.1:27015": {"tcp", "127.0.0.1:27015"},
	} {
		if got := FromEnvironment(func(string) string { return spec }); got != want {
			t.Errorf("%q: %v", spec, got)
		}
	}
}

func TestLockdown(t *testing.T) {
	m := mux(t, &usbmuxtest.Phone{Apps: map[string]map[string]string{"org.example.a": {"CFBundleExecutable": "A"}}})
	list, err := m.Devices(t.Context())
	want := []Device{{3, usbmuxtest.UDID, "USB"}, {8, usbmuxtest.UDID, "Network"}} // the cable first
	if diff := cmp.Diff(want, list); diff != "" || err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	d, err := Find(list, "")
	if d != want[0] || err != nil {
		t.Fatal(d, err)
	}
	l, err := m.Lockdown(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if f, err := l.Facts(); f.Model != "iPhone16,2" || f.Clock == 0 || err != nil {
		t.Errorf("%+v, %v", f, err)
	}
	if app, ok, err := l.App("org.example.a"); app.Executable != "A" || !ok || err != nil {
		t.Errorf("%+v, %v, %v", app, ok, err)
	}
	if _, ok, err := l.App("org.example.b"); ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if l.Strange() {
		t.Error("the certificate of the pairing is strange")
	}
	l.record.DeviceCertificate = l.record.HostCertificate
	if c, err := l.StartService(PacketService); err != nil || !l.Strange() {
		t.Errorf("a certificate that is not the pairing's: strange %v, %v", l.Strange(), err)
	} else {
		c.Close()
	}
	if _, err := m.Lockdown(t.Context(), want[1]); err == nil {
		t.Error("a device that does not answer let us in")
	}
}

// A packet of the study's layout, read back; cut at every byte of its header it is an error.
func TestParsePacket(t *testing.T) {
	o := usbmuxtest.Owner{Interface: "pdp_ip0", PID: 7, Process: "daemon", EPID: -1, EProc: "", Pre: 0}
	frame := append([]byte{0x60}, make([]byte, 50)...)
	b := usbmuxtest.Message(o, time.Unix(1760000000, 5000), frame)
	p, err := ParsePacket(b)
	want := Packet{Length: 51, IfType: 0xff, Family: 30, Interface: "pdp_ip0", PID: 7, Process: "daemon", EPID: -1, Sec: 1760000000, Micro: 5, Frame: frame}
	if diff := cmp.Diff(want, p); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for i := range b[:99] {
		if _, err := ParsePacket(b[:i]); err == nil {
			t.Errorf("cut at %d is a packet", i)
		}
	}
	binary.BigEndian.PutUint32(b, 1<<31)
	if _, err := ParsePacket(b); err == nil {
		t.Error("a header longer than the message is taken")
	}
}

func FuzzParsePacket(f *testing.F) {
	f.Add(usbmuxtest.Message(usbmuxtest.Owner{Interface: "en0", PID: 1, Process: "a", Pre: 14}, time.Unix(1, 0), []byte("frame")))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePacket(b)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(b, p.Frame) || len(p.Frame) > len(b)-packetHeader || strings.ContainsRune(p.Process+p.EProcess+p.Interface, 0) {
			t.Fatalf("%+v", p)
		}
	})
}

// FuzzNext holds what a hostile device sends: whole messages or an end, and no more memory than was sent.
func FuzzNext(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x10<plist></plist>!"))
	f.Add([]byte("\x00\x00\x00\x0cbplist00\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xffx"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		near, far := net.Pipe()
		go func() { far.Write(sent); far.Close() }()
		defer near.Close()
		r := NewPacketReader(near)
		for n := 0; ; n++ {
			_, err := r.Next()
			if _, ok := errors.AsType[*MessageError](err); ok || err == nil {
				if n > len(sent)/4 {
					t.Fatal("more messages than were sent")
				}
				continue
			}
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "a message of") {
				return
			}
			t.Fatal(err)
		}
	})
}
