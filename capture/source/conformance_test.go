package source

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"abroad/capture"
	"abroad/capture/corpus"
)

// A frame is what tshark and this package can both say of a packet.
type frame struct {
	time     string // "1585164045.313526000"; "" if there is none
	captured int
	length   uint32
	encap    string // tshark's number for the link type; "" for a frame that is no packet
	md5      string // of the data
}

// tsharkEncap is what tshark calls the link types of packets that the toolkit decodes, and of a few more.
var tsharkEncap = map[capture.LinkType]string{
	capture.LinkNull: "15", capture.LinkEthernet: "1", capture.LinkPPP: "4", capture.LinkRawBSD: "7", capture.LinkRaw: "7", capture.LinkIEEE80211: "20",
	capture.LinkLinuxSLL: "25", capture.LinkRadiotap: "23", capture.LinkUser2: "47", capture.LinkIPv4: "129", capture.LinkIPv6: "130",
	capture.LinkNFLOG: "141", capture.LinkLinuxSLL2: "210", 2: "184", 6: "2", 10: "6", 104: "28", 107: "26", 129: "9", 140: "42", 165: "63", 192: "97",
	227: "125", 231: "146", 235: "132",
}

// tsharkFrames lists the frames of a capture by number, as tshark reads them, and tells whether it read the file to its end without a
// complaint. Protocols are disabled because dissecting is what takes tshark's time; the fields of a frame do not depend on it.
func tsharkFrames(tshark, file string) (frames map[uint32]frame, whole bool, err error) {
	args := []string{"-n", "-r", file, "-o", "frame.generate_md5_hash:TRUE", "-T", "fields"}
	for _, field := range []string{"number", "time_epoch", "cap_len", "len", "encap_type", "md5_hash"} {
		args = append(args, "-e", "frame."+field)
	}
	for _, proto := range []string{"ip", "ipv6", "eth", "data"} {
		args = append(args, "--disable-protocol", proto)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(tshark, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	whole = cmd.Run() == nil
	for _, complaint := range []string{"damaged or corrupt", "cut short", "isn't a capture file"} {
		whole = whole && !strings.Contains(stderr.String(), complaint)
	}
	frames = map[uint32]frame{}
	for l := range strings.Lines(stdout.String()) {
		f := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if len(f) != 6 {
			return nil, false, fmt.Errorf("tshark says %q of %s", l, file)
		}
		number, _ := strconv.ParseUint(f[0], 10, 32)
		captured, _ := strconv.Atoi(f[2])
		length, _ := strconv.ParseUint(f[3], 10, 32)
		frames[uint32(number)] = frame{f[1], captured, uint32(length), f[4], f[5]}
	}
	return frames, whole, nil
}

// ourFrames lists the packets of a capture by number, and the numbers of those whose time this package corrects and says so.
func ourFrames(file string) (frames map[uint32]frame, corrected map[uint32]bool, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	rec, err := Open(file, f)
	if err != nil {
		return nil, nil, err
	}
	frames, corrected = map[uint32]frame{}, map[uint32]bool{}
	listed := map[capture.Code]int{}
	for r, err := range rec.Records() {
		if err != nil {
			return nil, nil, err
		}
		switch r := r.(type) {
		case *capture.Packet:
			sum := md5.Sum(r.Data)
			encap, ok := tsharkEncap[r.Link]
			if !ok {
				encap = "?"
			}
			frames[r.Number] = frame{epoch(r.Time), len(r.Data), r.OrigLen, encap, hex.EncodeToString(sum[:])}
			corrected[r.Number] = r.Time == capture.MaxTime && listed[capture.TimeRange] == maxSame // those anomalies are no longer listed
		case *capture.Anomaly:
			if r.Code == capture.TimeRange || r.Code == capture.OddFormat {
				corrected[r.At.Record] = true
				listed[r.Code]++
			}
		}
	}
	return frames, corrected, nil
}

// epoch writes a time as tshark's frame.time_epoch.
func epoch(t capture.Time) string {
	if t == capture.NoTime {
		return ""
	}
	sec, nano := int64(t)/1e9, int64(t)%1e9
	if nano < 0 {
		sec, nano = sec-1, nano+1e9
	}
	return fmt.Sprintf("%d.%09d", sec, nano)
}

// compareWithTshark checks that every packet tshark shows is here under the same number, the same to the byte, and that there is no other
// packet, unless tshark gave up on the file.
func compareWithTshark(t testing.TB, file, name string) (packets int) {
	t.Helper()
	packets, _, diffs := differences(corpus.Program(t, "tshark"), file)
	for _, d := range diffs {
		t.Errorf("%s: %s", name, d)
	}
	return packets
}

// differences returns how many packets tshark shows, whether it read the whole file, and up to a few differences to what is read here.
func differences(tshark, file string) (packets int, whole bool, diffs []string) {
	want, whole, err := tsharkFrames(tshark, file)
	if err != nil {
		return 0, false, []string{err.Error()}
	}
	got, corrected, err := ourFrames(file)
	if err != nil {
		if len(want) > 0 {
			diffs = append(diffs, fmt.Sprintf("tshark reads %d frames: %v", len(want), err))
		}
		return 0, whole, diffs
	}
	for number, w := range want {
		g, ok := got[number]
		if w.encap == "" {
			if ok {
				diffs = append(diffs, fmt.Sprintf("%d is a packet here, and none to tshark", number))
			}
			continue
		}
		packets++
		if corrected[number] {
			w.time = g.time
		}
		if g != w && len(diffs) < 5 {
			diffs = append(diffs, fmt.Sprintf("packet %d is %v, tshark has %v", number, g, w))
		}
	}
	if whole && len(got) != packets {
		diffs = append(diffs, fmt.Sprintf("%d packets, tshark has %d", len(got), packets))
	}
	return packets, whole, diffs
}

// A batch is a file to compare, and the captures it was made of.
type batch struct {
	path  string
	parts []corpus.Capture
}

// TestConformance compares what is read of the collection with what tshark reads: every pcapng file, every compressed one, every pcap with
// an unusual magic number or named for what is wrong with it, and some of the others. ABROAD_ALL=1 takes all of them, which takes minutes.
//
// Starting tshark is what takes the time. So pcapng files in which nothing is wrong are written one behind the other, which makes a pcapng
// file of many sections.
func TestConformance(t *testing.T) {
	tshark := corpus.Program(t, "tshark")
	const perBatch = 20
	var batches []batch
	var join []corpus.Capture
	for i, c := range corpus.All(t) {
		magic, ok := unusual(t, c)
		switch {
		case i%80 != 0 && !ok && os.Getenv("ABROAD_ALL") == "":
		case magic == blockSection && clean(t, c):
			if join = append(join, c); len(join) == perBatch {
				batches, join = append(batches, concatenate(t, join)), nil
			}
		default:
			batches = append(batches, batch{c.Path, []corpus.Capture{c}})
		}
	}
	if len(join) > 0 {
		batches = append(batches, concatenate(t, join))
	}
	if testing.Short() {
		batches = batches[:10]
	}
	var wg sync.WaitGroup
	work := make(chan batch)
	var total, files atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for b := range work {
				packets, whole, diffs := differences(tshark, b.path)
				total.Add(int64(packets))
				files.Add(int64(len(b.parts)))
				if len(b.parts) > 1 && !whole {
					diffs = append(diffs, "tshark does not read all sections")
				}
				for _, d := range diffs {
					t.Errorf("%s: %s", b.parts[0].Name, d)
				}
				if len(diffs) > 0 && len(b.parts) > 1 { // which of them is it?
					for _, c := range b.parts {
						compareWithTshark(t, c.Path, c.Name)
					}
				}
			}
		})
	}
	for _, b := range batches {
		work <- b
	}
	close(work)
	wg.Wait()
	t.Logf("%d packets of %d captures are the same to tshark", total.Load(), files.Load())
}

// concatenate writes captures one behind the other.
func concatenate(t *testing.T, parts []corpus.Capture) batch {
	var all []byte
	for _, c := range parts {
		b, err := os.ReadFile(c.Path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	f, err := os.CreateTemp(t.TempDir(), "*.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(all); err != nil {
		t.Fatal(err)
	}
	return batch{f.Name(), parts}
}

// clean reports whether nothing is remarked in a capture but the order of its times.
func clean(t *testing.T, c corpus.Capture) bool {
	f, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, _ := dump(t, c.Path, f)
	return !slices.ContainsFunc(codes(lines), func(code string) bool { return code != string(capture.TimeBackwards) })
}

// unusual returns a capture's magic number and whether it is to be compared in any case.
func unusual(t *testing.T, c corpus.Capture) (magic uint32, ok bool) {
	f, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [4]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return 0, true
	}
	magic = binary.BigEndian.Uint32(b[:])
	return magic, magic != 0xd4c3b2a1 || strings.Contains(c.Name, "invalid") || strings.Contains(c.Name, "fuzz")
}
