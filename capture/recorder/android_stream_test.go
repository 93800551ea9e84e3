package recorder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/capture"
)

// streamed reads a stream to its end.
func streamed(b []byte) (list []capture.Packet, err error) {
	s, err := openPcapStream(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	for {
		var p capture.Packet
		if err := s.next(&p); err != nil {
			return list, err
		}
		p.Data = bytes.Clone(p.Data)
		list = append(list, p)
	}
}

// smallStream is a header and two packets, in either byte order and either unit of time.
func smallStream(order binary.AppendByteOrder, magic uint32) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(order.AppendUint16(b, 2), 4)
	b = order.AppendUint32(append(b, make([]byte, 8)...), 32768)
	b = order.AppendUint32(b, 101)
	for _, data := range [...]string{"one", "three"} {
		b = order.AppendUint32(order.AppendUint32(b, 1760000000), 7)
		b = order.AppendUint32(order.AppendUint32(b, uint32(len(data))), 5)
		b = append(b, data...)
	}
	return b
}

func TestPcapStream(t *testing.T) {
	const second = 1760000000 * capture.Time(1e9)
	for _, test := range []struct {
		order binary.AppendByteOrder
		magic uint32
		unit  capture.Time
	}{{binary.LittleEndian, 0xa1b2c3d4, 1000}, {binary.BigEndian, 0xa1b2c3d4, 1000}, {binary.LittleEndian, 0xa1b23c4d, 1}, {binary.BigEndian, 0xa1b23c4d, 1}} {
		b := smallStream(test.order, test.magic)
		list, err := streamed(b)
		want := []capture.Packet{{Time: second + 7*test.unit, Data: []byte("one"), OrigLen: 5}, {Time: second + 7*test.unit, Data: []byte("three"), OrigLen: 5}}
		if diff := cmp.Diff(want, list); diff != "" || err != io.EOF {
			t.Errorf("%#x: %v\n%s", test.magic, err, diff)
		}
		borders := map[int]bool{0: true, 24: true, 24 + 19: true, len(b): true}
		for i := range b {
			list, err := streamed(b[:i])
			if borders[i] != (err == io.EOF) || !borders[i] && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("cut at %d: %d packets, %v", i, len(list), err)
			}
		}
	}
}

// FuzzPcapStream: what comes out was in the stream, in order, and no impossible length is believed.
func FuzzPcapStream(f *testing.F) {
	f.Add(smallStream(binary.LittleEndian, 0xa1b2c3d4))
	f.Add(smallStream(binary.BigEndian, 0xa1b23c4d))
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := streamed(b)
		if err == nil {
			t.Fatal("a stream has no end")
		}
		at := 24
		for _, p := range list {
			at += 16
			if len(p.Data) > maxStreamRecord || !bytes.HasPrefix(b[at:], p.Data) {
				t.Fatalf("%d bytes at %d", len(p.Data), at)
			}
			at += len(p.Data)
		}
	})
}

// frameOf builds a frame as PCAPdroid does.
func frameOf(ip []byte, uid int32, label string) []byte {
	b := append(make([]byte, 12), 0x08, 0x00)
	b = append(b, ip...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	b = binary.BigEndian.AppendUint32(b, trailerMagic)
	b = binary.BigEndian.AppendUint32(b, uint32(uid))
	name := make([]byte, 20)
	copy(name[:19], label)
	b = append(b, name...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
}

// ipPacket is an IPv4 packet without anything in it, n bytes long.
func ipPacket(n int) []byte {
	b := make([]byte, n)
	b[0] = 0x45
	binary.BigEndian.PutUint16(b[2:], uint16(n))
	return b
}

func TestClassifyFrame(t *testing.T) {
	whole := frameOf(ipPacket(41), 10123, "Kerfisþjónusta símaþjónn") // the label is cut inside a letter
	damaged := bytes.Clone(whole)
	damaged[30] ^= 1
	v6 := append([]byte{0x60, 0, 0, 0, 0, 2}, make([]byte, 36)...)
	for name, test := range map[string]struct {
		b        []byte
		original int
		want     frameKind
	}{
		"whole":       {whole, len(whole), frameOwned},
		"nobody's":    {frameOf(ipPacket(40), -1, ""), len(frameOf(ipPacket(40), -1, "")), frameUnowned},
		"flipped bit": {damaged, len(damaged), frameBroken},
		"cut":         {whole[:60], len(whole), frameBroken},
		"no trailer":  {whole[:14+41], 14 + 41, frameBroken},
		"bare":        {ipPacket(60), 60, frameBare},
		"bare, cut":   {ipPacket(60)[:30], 60, frameBare},
		"bare IPv6":   {v6, 42, frameBare},
		"empty":       {nil, 0, frameBroken},
	} {
		if got := classifyFrame(test.b, uint32(test.original)); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// A packet without header and trailer goes to an interface of its own, whose link type is true of it.
func TestBareFrames(t *testing.T) {
	stream := smallStream(binary.LittleEndian, 0xa1b2c3d4)[:24]
	stream[20] = 1 // Ethernet
	for _, b := range [][]byte{frameOf(ipPacket(40), 10123, "App"), ipPacket(60), frameOf(ipPacket(44), 10123, "App"), ipPacket(64)} {
		for _, v := range [...]uint32{1760000000, 0, uint32(len(b)), uint32(len(b))} {
			stream = binary.LittleEndian.AppendUint32(stream, v)
		}
		stream = append(stream, b...)
	}
	s := &androidSource{}
	sink := record(t, SourceInfo{})
	if err := s.pump(bytes.NewReader(stream), sink); err != io.EOF {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Received != 4 || st.Unattributed != 2 || st.Damaged != 0 {
		t.Errorf("%+v", st)
	}
	if err := sink.w.Close("complete", ""); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(sink.dir + "/capture/000001.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b, []byte("packets that PCAPdroid sent without header and trailer")); n != 1 {
		t.Errorf("%d interfaces for bare packets", n)
	}
}

func TestParsePackage(t *testing.T) {
	pkg, ok := parsePackage(dumpApp, "org.example.practice")
	if want := (androidPackage{"4.2.1 beta", "421", "10123", "com.android.vending", ""}); pkg != want || !ok {
		t.Errorf("%+v, %v", pkg, ok)
	}
	shared := strings.Replace(dumpApp, "    codePath", "    sharedUser=SharedUserSetting{1a2b org.example.family/10123}\n    codePath", 1)
	if pkg, _ := parsePackage(shared, "org.example.practice"); pkg.shared != "org.example.family/10123" {
		t.Errorf("shared with %q", pkg.shared)
	}
	for _, dump := range []string{"", "Unable to find package: org.example.practice\n", strings.ReplaceAll(dumpApp, "[org.example.practice]", "[org.example.practice2]"),
		dumpApp[strings.Index(dumpApp, "Hidden"):]} {
		if pkg, ok := parsePackage(dump, "org.example.practice"); ok || pkg != (androidPackage{}) {
			t.Errorf("%+v of %.40q", pkg, dump)
		}
	}
	for _, id := range []string{"", "a b", "a;b", "a'b", "ä", strings.Repeat("a", 256)} {
		if validAppID(id) {
			t.Errorf("%q is a package name", id)
		}
	}
}

func FuzzParsePackage(f *testing.F) {
	f.Add(dumpApp)
	f.Fuzz(func(t *testing.T, dump string) {
		pkg, ok := parsePackage(dump, "org.example.practice")
		if !ok && pkg != (androidPackage{}) || strings.ContainsAny(pkg.version+pkg.code+pkg.uid+pkg.installer+pkg.shared, "\n\x1b\x00") {
			t.Fatalf("%+v, %v", pkg, ok)
		}
	})
}
