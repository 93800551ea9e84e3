package flow

import (
	"bufio"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/corpus"
	"abroad/capture/source"
)

var every = flag.Bool("every-capture", false, "compare every capture of the collection with tshark, not only the sample")

// tuple is what tshark and the decoder are compared by. Protocols other than the five are all 0, as are incomplete fragments.
type tuple struct {
	src, dst         string
	proto            audit.Proto
	srcPort, dstPort string
}

var tsharkProtos = map[string]audit.Proto{"tcp": audit.TCP, "udp": audit.UDP, "icmp": audit.ICMP, "icmpv6": audit.ICMPv6, "sctp": audit.SCTP}

// tsharkTuple finds the innermost IP packet of a frame that is not quoted in an ICMP error. fields are frame.protocols, then every
// occurrence of the addresses and ports.
func tsharkTuple(fields []string) (t tuple, ok bool) {
	at := map[string]int{"ip": -1, "ipv6": -1, "tcp": -1, "udp": -1, "sctp": -1}
	list := func(i, n int) string {
		all := strings.Split(fields[i], ",")
		if n < 0 || n >= len(all) {
			return ""
		}
		return all[n]
	}
	for _, layer := range strings.Split(fields[0], ":") {
		if _, known := at[layer]; known {
			at[layer]++
		}
		switch layer {
		case "ip":
			t, ok = tuple{src: list(1, at[layer]), dst: list(2, at[layer])}, true
		case "ipv6":
			t, ok = tuple{src: list(3, at[layer]), dst: list(4, at[layer])}, true
		}
		proto, known := tsharkProtos[layer]
		if !known || !ok || t.proto != 0 {
			continue
		}
		t.proto = proto
		switch layer {
		case "tcp":
			t.srcPort, t.dstPort = list(5, at[layer]), list(6, at[layer])
		case "udp":
			t.srcPort, t.dstPort = list(7, at[layer]), list(8, at[layer])
		case "sctp":
			t.srcPort, t.dstPort = list(9, at[layer]), list(10, at[layer])
		default:
			return t, ok // what follows is quoted
		}
	}
	return t, ok
}

func runTshark(t *testing.T, program, path string) map[uint32]tuple {
	t.Helper()
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,", "-o", "tcp.desegment_tcp_streams:false"}
	for _, f := range strings.Fields("frame.number frame.protocols ip.src ip.dst ipv6.src ipv6.dst tcp.srcport tcp.dstport udp.srcport udp.dstport sctp.srcport sctp.dstport") {
		args = append(args, "-e", f)
	}
	cmd := exec.Command(program, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := map[uint32]tuple{}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		number, err := strconv.ParseUint(fields[0], 10, 32)
		if err != nil {
			t.Fatalf("tshark says %q", lines.Text())
		}
		if tup, ok := tsharkTuple(fields[1:]); ok {
			found[uint32(number)] = tup
		}
	}
	_ = cmd.Wait() // it complains about captures that are cut short
	return found
}

// ours decodes a whole capture.
func ours(t *testing.T, c corpus.Capture) (found map[uint32]tuple, why map[uint32]Undecoded) {
	t.Helper()
	found, why = map[uint32]tuple{}, map[uint32]Undecoded{}
	eachPacket(t, c, func(d *Decoder, p *capture.Packet) {
		var o Packet
		kind, ok := d.Decode(p, &o)
		if !ok {
			why[p.Number] = kind
			return
		}
		for more := true; more; more = d.Next(&o) {
			found[p.Number] = tupleOf(&o)
		}
	}, func(p *capture.Packet, o *Packet) { found[p.Number] = tupleOf(o) })
	return found, why
}

func tupleOf(o *Packet) tuple {
	tup := tuple{src: o.Src.String(), dst: o.Dst.String()}
	switch {
	case o.Incomplete:
	case o.Proto == audit.TCP, o.Proto == audit.UDP, o.Proto == audit.SCTP:
		tup.proto, tup.srcPort, tup.dstPort = o.Proto, fmt.Sprint(o.SrcPort), fmt.Sprint(o.DstPort)
	case o.Proto == audit.ICMP, o.Proto == audit.ICMPv6:
		tup.proto = o.Proto
	}
	return tup
}

// eachPacket hands every packet of a capture to f, with a fresh Decoder, and then to late what comes late.
func eachPacket(t testing.TB, c corpus.Capture, f func(d *Decoder, p *capture.Packet), late func(p *capture.Packet, o *Packet)) {
	t.Helper()
	file, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := source.Open(c.Name, file)
	if err != nil {
		return // not a capture; the source's tests have an eye on that
	}
	d := NewDecoder(nil)
	for rec, err := range r.Records() {
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if p, ok := rec.(*capture.Packet); ok {
			f(d, p)
		}
		var o Packet
		for p := d.Late(&o); p != nil; p = d.Late(&o) {
			late(p, &o)
		}
	}
	d.Flush()
	var o Packet
	for p := d.Late(&o); p != nil; p = d.Late(&o) {
		late(p, &o)
	}
}

func TestAgainstTshark(t *testing.T) {
	program := corpus.Program(t, "tshark")
	files, packets, differ := 0, 0, 0
	for _, c := range corpus.All(t) {
		if !*every && !slices.Contains(sample, c.Name) {
			continue
		}
		theirs := runTshark(t, program, c.Path)
		mine, why := ours(t, c)
		n := 0
		for number := uint32(1); int(number) <= len(mine)+len(why); number++ {
			their, we := theirs[number], mine[number]
			packets++
			if same(their, we) {
				continue
			}
			if n++; n > known[c.Name] && n <= known[c.Name]+3 {
				t.Errorf("%s: record %d: tshark %v, we %v %v", c.Name, number, their, we, why[number])
			}
		}
		if n < known[c.Name] {
			t.Errorf("%s: %d records differ, fewer than are known", c.Name, n)
		}
		files++
		differ += n
	}
	t.Logf("%d captures, %d packets, %d differ", files, packets, differ)
	if files < len(sample) {
		t.Errorf("%d captures of %d are in the collection", files, len(sample))
	}
}

func same(a, b tuple) bool {
	if x, err := netip.ParseAddr(a.src); err == nil {
		a.src = x.Unmap().String()
	}
	if x, err := netip.ParseAddr(a.dst); err == nil {
		a.dst = x.Unmap().String()
	}
	return a == b
}
