package source

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"runtime"
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
	want, whole, err := tsharkFrames(corpus.Program(t, "tshark"), file)
	if err != nil {
		t.Error(err)
		return
	}
	got, corrected, err := ourFrames(file)
	if err != nil {
		if len(want) > 0 {
			t.Errorf("%s: tshark reads %d frames: %v", name, len(want), err)
		}
		return
	}
	bad := 0
	for number, w := range want {
		g, ok := got[number]
		if w.encap == "" {
			if ok {
				t.Errorf("%s: %d is a packet here, and none to tshark", name, number)
			}
			continue
		}
		packets++
		if corrected[number] {
			w.time = g.time
		}
		if g != w {
			if bad++; bad <= 3 {
				t.Errorf("%s: packet %d is %v, tshark has %v", name, number, g, w)
			}
		}
	}
	if whole && len(got) != packets {
		t.Errorf("%s: %d packets, tshark has %d", name, len(got), packets)
	}
	return packets
}

// TestConformance compares what is read of the collection with what tshark reads: every pcapng file, every compressed one, every pcap with
// an unusual magic number or named for what is wrong with it, and some of the others. ABROAD_ALL=1 takes all of them, which takes minutes.
func TestConformance(t *testing.T) {
	corpus.Program(t, "tshark")
	var chosen []corpus.Capture
	for i, c := range corpus.All(t) {
		if i%80 == 0 || unusual(t, c) || os.Getenv("ABROAD_ALL") != "" {
			chosen = append(chosen, c)
		}
	}
	if testing.Short() {
		chosen = chosen[:20]
	}
	var wg sync.WaitGroup
	work := make(chan corpus.Capture)
	var total atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for c := range work {
				total.Add(int64(compareWithTshark(t, c.Path, c.Name)))
			}
		})
	}
	for _, c := range chosen {
		work <- c
	}
	close(work)
	wg.Wait()
	t.Logf("%d packets of %d captures are the same to tshark", total.Load(), len(chosen))
}

func unusual(t *testing.T, c corpus.Capture) bool {
	f, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var magic [4]byte
	n, _ := f.Read(magic[:])
	return n < 4 || magic != [4]byte{0xd4, 0xc3, 0xb2, 0xa1} || strings.Contains(c.Name, "invalid") || strings.Contains(c.Name, "fuzz")
}
