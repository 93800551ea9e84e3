package adb

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// Lines as the platform tools print them; the last two were cut and invented by a device.
const deviceLines = "28031FDH2000AB         device usb:1-1 product:shiba model:Pixel_8 device:shiba transport_id:1\n" +
	"emulator-5554\toffline\n" +
	"ZY22  unauthorized usb:3-2 transport_id:4\n" +
	"????????????\tno permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html]\n" +
	"half\n" + "a b model:c model:d\n"

func TestParseDevices(t *testing.T) {
	want := []Device{
		{"28031FDH2000AB", Ready, "Pixel_8", "usb:1-1"}, {"emulator-5554", Offline, "", ""}, {"ZY22", Unauthorized, "", "usb:3-2"},
		{"????????????", NoPermissions, "", ""}, {"a", "b", "d", ""},
	}
	list := parseDevices(deviceLines)
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	for serial, says := range map[string]string{
		"": "", "28031FDH2000AB": "", "ZY22": `use device "ZY22": adb says it is unauthorized`, "x": `find device "x": it is not connected`,
	} {
		d, err := Find(list, serial)
		if says == "" && (err != nil || d != want[0]) || says != "" && (err == nil || err.Error() != says) {
			t.Errorf("find %q: %v, %v", serial, d, err)
		}
	}
	if _, err := Find(append(list, Device{Serial: "two", State: Ready}), ""); err == nil || !strings.Contains(err.Error(), `"28031FDH2000AB", "two"`) {
		t.Errorf("two devices: %v", err)
	}
	if _, err := Find(nil, ""); !errors.Is(err, ErrNoDevice) {
		t.Errorf("no device: %v", err)
	}
	for _, d := range want[1:] {
		if e := (&NotReadyError{d}); e.Hint() == "" {
			t.Errorf("%v has no hint", d)
		}
	}
}

func FuzzParseDevices(f *testing.F) {
	f.Add(deviceLines)
	f.Fuzz(func(t *testing.T, text string) {
		list := parseDevices(text)
		if len(list) > MaxDevice {
			t.Fatalf("%d devices", len(list))
		}
		for _, d := range list {
			if utf8.ValidString(text) && (d.Serial == "" || d.State == "" || !strings.Contains(text, d.Serial)) {
				t.Fatalf("%+v is not in the list", d)
			}
		}
	})
}

func TestFromEnvironment(t *testing.T) {
	for _, test := range []struct {
		env  map[string]string
		want Server // compared without Program
		bad  bool
	}{
		{nil, Server{Network: "tcp", Address: "127.0.0.1:5037", local: 5037}, false},
		{map[string]string{"ANDROID_ADB_SERVER_PORT": "15037"}, Server{Network: "tcp", Address: "127.0.0.1:15037", local: 15037}, false},
		{map[string]string{"ANDROID_ADB_SERVER_ADDRESS": "198.51.100.9"}, Server{Network: "tcp", Address: "198.51.100.9:5037"}, false},
		{map[string]string{"ADB_SERVER_SOCKET": "tcp:6000"}, Server{Network: "tcp", Address: "127.0.0.1:6000", local: 6000}, false},
		{map[string]string{"ADB_SERVER_SOCKET": "tcp:[2001:db8::1]:6000"}, Server{Network: "tcp", Address: "[2001:db8::1]:6000"}, false},
		{map[string]string{"ADB_SERVER_SOCKET": "localfilesystem:/run/adb"}, Server{Network: "unix", Address: "/run/adb"}, false},
		{map[string]string{"ADB_SERVER_SOCKET": "vsock:1"}, Server{}, true},
		{map[string]string{"ANDROID_ADB_SERVER_PORT": "0"}, Server{}, true},
		{map[string]string{"ANDROID_ADB_SERVER_PORT": "x"}, Server{}, true},
	} {
		s, err := FromEnvironment(func(name string) string { return test.env[name] })
		if (err != nil) != test.bad || err == nil && *s != test.want {
			t.Errorf("%v: %+v, %v", test.env, s, err)
		}
	}
}

// A program that is no adb server may answer anything: nothing of it is believed, and no length of its reserves memory.
func TestStrangeServers(t *testing.T) {
	for answer, says := range map[string]string{
		"":                      "unexpected EOF",
		"OK":                    "unexpected EOF",
		"HTTP/1.1 400 Bad":      `"HTTP"`,
		"OKAY":                  "unexpected EOF",
		"OKAYzzzz":              `a length of "zzzz"`,
		"OKAYffff" + "0029":     "unexpected EOF",
		"OKAY0004" + "beef!":    "",
		"OKAY0002" + "-1":       `it says "-1"`,
		"FAIL0003no!":           `"no!"`,
		"FAIL00ffno!":           "unexpected EOF",
		"OKAY0005" + "00029":    "",
		"OKAY0006" + "1" + "00": "unexpected EOF",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			io.ReadFull(c, make([]byte, len("000chost:version")))
			io.WriteString(c, answer)
		}()
		_, err = (&Server{Network: "tcp", Address: l.Addr().String()}).Version(t.Context())
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v", answer, err)
		}
		l.Close()
	}
}

// FuzzProcess holds the output of a command against its frames: output comes out in order, whole frames only, and never more than came in.
func FuzzProcess(f *testing.F) {
	frame := func(kind byte, data string) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte{kind}, uint32(len(data))), data...)
	}
	f.Add(append(append(frame(1, "out"), frame(2, "err")...), frame(3, "\x07")...))
	f.Add(frame(1, "cut")[:6])
	f.Add(frame(9, "other"))
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, sent []byte) {
		near, far := net.Pipe()
		go func() { far.Write(sent); far.Close() }()
		p := &Process{c: &conn{Conn: near, ctx: t.Context(), release: func() bool { return true }}}
		defer p.Close()
		out, err := io.ReadAll(p)
		if len(out)+len(p.Errors()) > len(sent) {
			t.Fatalf("%d bytes came of %d", len(out)+len(p.Errors()), len(sent))
		}
		if err == nil && !p.ended {
			t.Fatal("an end without an exit code is quiet")
		}
	})
}
