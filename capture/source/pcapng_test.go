package source

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/capture"
	"abroad/capture/corpus"
)

func TestPcapngEverything(t *testing.T) {
	want := []string{
		`note section "a comment"`,
		`note interface "uplink"`,
		fmt.Sprintf(`packet 1 2020-09-13T12:26:40.123456789Z ethernet if0 60/60 dir1 {42 43} drops 7 ["tap"] %x`, payload(60, 1)),
		fmt.Sprintf(`packet 2 2020-09-13T12:26:40.000001000Z raw if1 61/61 dir2 {0 0} drops 0 [] %x`, payload(61, 2)),
		fmt.Sprintf(`packet 3  ethernet if0 1000/1000 dir0 {0 0} drops 0 [] %x`, payload(1000, 3)),
		`names 192.0.2.1 ["one.example" "two.example"]`,
		`names ::1 ["six.example"]`,
		`note names "from a hosts file"`,
		`secrets 0x544c534b "CLIENT_R\n"`,
		`anomaly #0 @1604 unknown-block: a block of type 0x80000001`,
		`app #4 10123 "org.example" "App"`,
		`anomaly #5 @1676 unknown-block: a custom block of enterprise 32473`,
		fmt.Sprintf(`packet 6 2020-09-13T12:26:41.000000000Z ethernet if0 62/62 dir0 {0 0} drops 3 [] %x`, payload(62, 6)),
		`loss if0 1970-01-01T00:00:00.000000001Z received 100 dropped 9`,
		`note statistics "at the end"`,
		fmt.Sprintf(`packet 7 2020-09-13T12:26:42.000000000Z linux-sll if2 63/63 dir0 {0 0} drops 0 [] %x`, payload(63, 7)),
	}
	for name, o := range orders {
		got, m := dumpBytes(t, everything(o))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([]capture.Interface{
			{Link: capture.LinkEthernet, Name: "eth0", OS: "Linux", Filter: "tcp port 443"},
			{Link: capture.LinkRaw, SnapLen: 64, Name: "a tunnel"},
			{Link: capture.LinkLinuxSLL},
		}, m.Interfaces); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff([]capture.Section{{Hardware: "a machine", OS: "an OS", Application: "a program"}, {}}, m.Sections); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if m.Records != 5 || m.First.String() != "2020-09-13T12:26:40.000001000Z" || m.Last.String() != "2020-09-13T12:26:42.000000000Z" {
			t.Errorf("%s: %d packets from %s to %s", name, m.Records, m.First, m.Last)
		}
	}
}

// everyBlock is a file with a packet behind every kind of block, so that numbers show which of them tshark counts.
func everyBlock(o order) []byte {
	n := newNg(o).iface(1, 0)
	types := []uint32{0, 4, 5, 7, 8, 0xa, 0xb, 0xc, 0x101, 0x102, 0x80000000, 0x80000001, 0x12345, blockCustom, blockCustomKeep}
	for t := uint32(0x201); t <= 0x222; t++ {
		types = append(types, t)
	}
	for i, typ := range types {
		body := make([]byte, 64)
		if typ == blockCustom {
			o.PutUint32(body, 4711)
		}
		n.block(typ, body).enhanced(0, uint64(i), payload(60+i, i))
	}
	n.block(blockJournal, []byte("__REALTIME_TIMESTAMP=1600000000000000\nMESSAGE=hello\n")).enhanced(0, 1e6, payload(200, 1))
	n.block(blockCustom, n.u32(penPCAPdroid)).simple(60, payload(60, 1)).obsolete(0, 0, 0, payload(60, 2))
	return append(n.b, everything(o)...)
}

// Numbers are tshark's frame numbers, whatever stands between the packets.
func TestNumbersLikeTshark(t *testing.T) {
	corpus.Program(t, "tshark")
	dir := t.TempDir()
	for name, o := range orders {
		for what, file := range map[string][]byte{"every": everyBlock(o), "everything": everything(o)} {
			path := filepath.Join(dir, name+" "+what)
			if err := os.WriteFile(path, file, 0o644); err != nil {
				t.Fatal(err)
			}
			compareWithTshark(t, path, name+" "+what)
		}
	}
}

func TestPcapngOdd(t *testing.T) {
	le := binary.LittleEndian
	start := func() *ng { return newNg(le).iface(1, 0).enhanced(0, 1e6, payload(60, 1)) }
	end := func(n *ng) []byte { return n.enhanced(0, 2e6, payload(61, 2)).b }
	raw := func(n *ng, b ...byte) *ng { n.b = append(n.b, b...); return n }
	version := func(major, minor byte) []byte {
		n := start().section()
		at := len(n.b) - 28 + 12
		n.b[at], n.b[at+2] = major, minor
		return end(n.iface(1, 0))
	}
	manyInterfaces := start()
	for range maxInterfaces {
		manyInterfaces.iface(1, 0)
	}
	manyInterfaces.enhanced(maxInterfaces-1, 1, payload(60, 1)).enhanced(maxInterfaces, 1, payload(60, 1))
	manySections := start()
	for range maxSections + 5 {
		manySections.section()
	}
	muchText := start()
	for range maxText/60000 + 5 {
		muchText.iface(1, 0, muchText.text(2, strings.Repeat("x", 60000)))
	}
	comments := bytes.Repeat(start().text(1, "abc"), maxTexts+1)
	shortTail := start()
	shortTail.b = shortTail.b[:len(shortTail.b)-4]
	shortTail.b = le.AppendUint32(shortTail.b, 4)
	for name, c := range map[string]struct {
		file    []byte
		packets uint32
		want    []string
	}{
		"length 0":            {end(raw(start(), 6, 0, 0, 0, 0, 0, 0, 0)), 1, []string{"bad-block"}},
		"length 3":            {end(raw(start(), 6, 0, 0, 0, 3, 0, 0, 0)), 1, []string{"bad-block"}},
		"length 11":           {end(raw(start(), 6, 0, 0, 0, 11, 0, 0, 0)), 1, []string{"bad-block"}},
		"length 4 GB":         {end(raw(start(), 6, 0, 0, 0, 255, 255, 255, 255)), 1, []string{"cut-short"}},
		"length not by 4":     {end(raw(start(), 9, 0, 0, 128, 14, 0, 0, 0, 1, 2, 0, 0, 14, 0, 0, 0)), 2, []string{"odd-format", "unknown-block"}},
		"lengths differ":      {end(shortTail), 0, []string{"bad-block"}},
		"garbage":             {append(start().b, "this is not a block at all"...), 1, []string{"cut-short"}},
		"byte-order magic":    {end(raw(start(), 10, 13, 13, 10, 28, 0, 0, 0, 1, 2, 3, 4)), 1, []string{"bad-block"}},
		"version 2.0":         {version(2, 0), 1, []string{"bad-block"}},
		"version 1.2":         {version(1, 2), 2, nil},
		"version 1.7":         {version(1, 7), 2, []string{"odd-format"}},
		"short section":       {end(start().block(blockSection, start().u32(byteOrderMagic, 1))), 1, []string{"bad-block"}},
		"short interface":     {end(start().block(blockInterface, make([]byte, 4))), 1, []string{"bad-block"}},
		"short packet":        {end(start().block(blockEnhanced, make([]byte, 16))), 2, []string{"bad-option"}},
		"short old packet":    {end(start().block(blockPacket, make([]byte, 16))), 2, []string{"bad-option"}},
		"short simple":        {end(start().block(blockSimple)), 2, []string{"bad-option"}},
		"short statistics":    {end(start().block(blockStatistics, make([]byte, 8))), 2, []string{"bad-option"}},
		"short secrets":       {end(start().block(blockSecrets, make([]byte, 4))), 2, []string{"caplen-lies"}},
		"short custom":        {end(start().block(blockCustom)), 2, []string{"bad-option"}},
		"short app":           {end(start().block(blockCustom, start().u32(penPCAPdroid, 0x00010001, 1, 0x6060))), 2, []string{"caplen-lies"}},
		"no interface":        {end(newNg(le)), 0, []string{"unknown-interface"}},
		"no interface simple": {newNg(le).simple(60, payload(60, 1)).b, 0, []string{"unknown-interface"}},
		"next section":        {end(start().section()), 1, []string{"unknown-interface"}},
		"interface 1 of 1":    {end(start().enhanced(1, 0, payload(60, 1))), 2, []string{"unknown-interface"}},
		"interface 4G":        {end(start().enhanced(1<<32-1, 0, payload(60, 1))), 2, []string{"unknown-interface"}},
		"old interface 7":     {end(start().obsolete(7, 0, 0, payload(60, 1))), 2, []string{"unknown-interface"}},
		"statistics of 1":     {end(start().block(blockStatistics, start().u32(1, 0, 0))), 2, []string{"unknown-interface"}},
		"caplen":              {end(start().block(blockEnhanced, start().u32(0, 0, 0, 61, 61), payload(60, 1))), 2, []string{"caplen-lies"}},
		"caplen 1 GB":         {end(start().block(blockEnhanced, start().u32(0, 0, 0, 0x3fffffff, 61), payload(60, 1))), 2, []string{"caplen-lies"}},
		"simple caplen":       {end(start().simple(61, payload(60, 1))), 2, []string{"caplen-lies"}},
		"secrets caplen":      {end(start().block(blockSecrets, start().u32(1, 9), make([]byte, 8))), 2, []string{"caplen-lies"}},
		"simple over snaplen": {newNg(le).iface(1, 40).simple(1500, payload(40, 1)).b, 1, nil},
		"option too long":     {end(start().enhanced(0, 1e6, payload(60, 1), []byte{1, 0, 44, 1, 65, 65, 65, 65})), 3, []string{"bad-option"}},
		"half an option":      {end(start().iface(1, 0, []byte{1, 0, 0, 0, 2, 0, 9, 0})), 2, []string{"bad-option"}},
		"behind endofopt":     {end(start().enhanced(0, 1e6, payload(60, 1), []byte{0, 0, 0, 0, 1, 0, 44, 1})), 3, nil},
		"flags of 2 bytes":    {end(start().enhanced(0, 1e6, payload(60, 1), start().option(2, []byte{1, 0}))), 3, []string{"bad-option"}},
		"drops of 4 bytes":    {end(start().enhanced(0, 1e6, payload(60, 1), start().option(4, []byte{1, 0, 0, 0}))), 3, []string{"bad-option"}},
		"process of 4 bytes":  {end(start().enhanced(0, 1e6, payload(60, 1), start().option(8, []byte{1, 0, 0, 0}))), 3, []string{"bad-option"}},
		"tsresol of 2 bytes":  {end(start().iface(1, 0, start().option(9, []byte{1, 0}))), 2, []string{"bad-option"}},
		"tsoffset of 4 bytes": {end(start().iface(1, 0, start().option(14, []byte{1, 0, 0, 0}))), 2, []string{"bad-option"}},
		"isb_ifdrop of 4":     {end(start().block(blockStatistics, start().u32(0, 0, 0), start().option(5, []byte{1, 0, 0, 0}))), 2, []string{"bad-option"}},
		"tsresol 64":          {end(start().iface(1, 0, start().option(9, []byte{64})).enhanced(1, 5, payload(60, 1))), 3, []string{"time-range"}},
		"tsresol 255":         {end(start().iface(1, 0, start().option(9, []byte{255})).enhanced(1, 5, payload(60, 1))), 3, []string{"time-range"}},
		"far future":          {end(start().enhanced(0, 1<<64-1, payload(60, 1))), 3, []string{"time-range", "time-backwards"}},
		"name record":         {end(start().block(blockNames, []byte{1, 0, 20, 0, 1, 2, 3, 4})), 2, []string{"bad-option"}},
		"name address":        {end(start().block(blockNames, []byte{2, 0, 4, 0, 1, 2, 3, 4})), 2, []string{"bad-option"}},
		"name without end":    {end(start().block(blockNames, []byte{1, 0, 8, 0, 1, 2, 3, 4, 'a', 0, 'b', 'c'}, []byte{7, 0, 0, 0})), 2, nil},
		"many interfaces":     {manyInterfaces.b, 2, []string{"limit", "unknown-interface"}},
		"many comments":       {end(start().enhanced(0, 1e6, payload(60, 1), comments).iface(1, 0, comments)), 3, []string{"limit", "limit"}},
		"many sections":       {manySections.b, 1, []string{"limit"}},
		"much text":           {muchText.b, 1, []string{"limit"}},
	} {
		lines, m := dumpBytes(t, c.file)
		if got := codes(lines); !slices.Equal(got, c.want) || m.Records != c.packets {
			t.Errorf("%s: %d packets, %q; want %d, %q", name, m.Records, got, c.packets, c.want)
		}
		if len(m.Interfaces) > maxInterfaces || len(m.Sections) > maxSections {
			t.Errorf("%s: %d interfaces, %d sections", name, len(m.Interfaces), len(m.Sections))
		}
	}
}

// A block longer than MaxRecord is skipped if it ends as it begins, and not otherwise.
func TestPcapngLongBlock(t *testing.T) {
	le := binary.LittleEndian
	n := newNg(le).iface(1, 0)
	n.block(blockEnhanced, n.u32(0, 0, 0, MaxRecord, MaxRecord), make([]byte, MaxRecord))
	at := len(n.b) - 4
	n.enhanced(0, 1e6, payload(60, 1))
	lines, m := dumpBytes(t, n.b)
	if got := codes(lines); !slices.Equal(got, []string{"limit"}) || m.Records != 1 || !strings.HasPrefix(lines[1], "packet 2 ") {
		t.Errorf("got %q, %d packets, %.40s", got, m.Records, lines[len(lines)-1])
	}
	n.b[at]++
	n.b[at+1]++
	lines, m = dumpBytes(t, n.b)
	if got := codes(lines); !slices.Equal(got, []string{"bad-block"}) || m.Records != 0 {
		t.Errorf("got %q, %d packets", got, m.Records)
	}
}

// TestPCAPdroid reads a file that PCAPdroid's own writer made, and compares its table of apps with what was put in.
func TestPCAPdroid(t *testing.T) {
	path := corpus.Shared(t, "captures", "droid", "shared-droid.pcapng")
	var truth struct {
		Packets int                                      // with the frames that are not packets
		Apps    map[string]struct{ Package, App string } `json:"uid_map"`
	}
	b, err := os.ReadFile(corpus.Shared(t, "captures", "droid", "shared-droid.pcapng.truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for uid, app := range truth.Apps {
		want = append(want, fmt.Sprintf("%s %s %s", uid, app.Package, app.App))
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := Open(path, f)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		switch r := r.(type) {
		case *capture.Packet:
			if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "u-") {
				t.Errorf("packet %d: notes %q", r.Number, r.Notes)
			}
		case *capture.App:
			got = append(got, fmt.Sprintf("%d %s %s", r.UID, r.Package, r.Label))
		default:
			t.Error(line(r))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := int(rec.Manifest().Records) + len(got); n != truth.Packets {
		t.Errorf("%d frames, want %d", n, truth.Packets)
	}
	compareWithTshark(t, path, "shared-droid.pcapng")
}
