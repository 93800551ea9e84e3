package flow

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// lines is a Reader that reads a protocol of lines: it consumes whole lines of both sides and is done at "end".
type lines struct {
	got    map[int][]string // by flow: ">line" from the client, "<line" from the server
	closed map[int]int      // last calls by flow
}

func (l *lines) Feed(f *Flow, v *View) Step {
	if v.Closed {
		l.closed[f.Index]++
	}
	step := Step{Mine: true, More: true}
	for i, h := range [2]*Head{v.Client, v.Server} {
		text := string(h.Bytes)
		n := strings.LastIndexByte(text, '\n') + 1
		if n == 0 && !h.Gap {
			continue
		}
		for line := range strings.Lines(text[:n]) {
			l.got[f.Index] = append(l.got[f.Index], "><"[i:i+1]+strings.TrimSpace(line))
			step.Done = step.Done || line == "end\n"
		}
		if h.Gap {
			n = len(text) + 1 // go on behind the hole
		}
		if i == 0 {
			step.Client = n
		} else {
			step.Server = n
		}
		step.More = false
	}
	return step
}

// bench drives a Table with packets in short form.
type bench struct {
	*Table
	lines     *lines
	number    uint32
	now       capture.Time
	anomalies []capture.Anomaly
}

func newBench(limit int) *bench {
	b := &bench{lines: &lines{map[int][]string{}, map[int]int{}}}
	b.Table = NewTable(limit, b.lines, func(a capture.Anomaly) { b.anomalies = append(b.anomalies, a) })
	return b
}

const (
	phone  = "10.0.0.2:40000"
	server = "192.0.2.1:443"
)

// packet adds one packet; flags are letters of "SAFR".
func (b *bench) packet(proto audit.Proto, src, dst string, seq uint32, flags, payload string) bool {
	return b.packetCut(proto, src, dst, seq, flags, payload, len(payload))
}

func (b *bench) packetCut(proto audit.Proto, src, dst string, seq uint32, flags, payload string, length int) bool {
	b.number++
	b.now += 1e6
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	frame := []byte("frame:" + payload) // the table must not keep it
	p := &Packet{
		Src: s.Addr(), Dst: d.Addr(), SrcPort: s.Port(), DstPort: d.Port(), Proto: proto, Payload: frame[6:], PayloadLen: uint32(length), PayloadOff: 6,
		IPLen: uint32(40 + length), Truncated: length > len(payload),
		TCP: TCP{Seq: seq, SYN: strings.Contains(flags, "S"), ACK: strings.Contains(flags, "A"), FIN: strings.Contains(flags, "F"), RST: strings.Contains(flags, "R")},
	}
	ok := b.Add(&capture.Packet{Number: b.number, Time: b.now, Data: frame}, p)
	for i := range frame {
		frame[i] = '!'
	}
	return ok
}

func (b *bench) handshake() {
	b.packet(audit.TCP, phone, server, 99, "S", "")
	b.packet(audit.TCP, server, phone, 499, "SA", "")
	b.packet(audit.TCP, phone, server, 100, "A", "")
}

func (b *bench) up(seq uint32, payload string) { b.packet(audit.TCP, phone, server, seq, "A", payload) }
func (b *bench) down(seq uint32, payload string) {
	b.packet(audit.TCP, server, phone, seq, "A", payload)
}

func (b *bench) want(t *testing.T, flow int, want ...string) {
	t.Helper()
	if got := b.lines.got[flow]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("flow %d: read %q, want %q", flow, got, want)
	}
}

func TestStreamInOrder(t *testing.T) {
	b := newBench(0)
	b.handshake()
	b.up(100, "hel")
	b.up(103, "lo\nwor")
	b.down(500, "yes\n")
	b.up(109, "ld\nend\n")
	b.up(116, "never read\n")
	b.Finish()
	b.want(t, 0, ">hello", "<yes", ">world", ">end")
	f := b.Flows[0]
	if f.A.String() != phone || f.PacketsUp != 6 || f.PacketsDown != 2 || f.PayloadUp != 3+6+7+11 || f.State != audit.StateOpen {
		t.Errorf("flow is %+v", f.Flow)
	}
	if len(f.RTT) != 1 || f.RTT[0].NS != 1e6 || f.RTT[0].Sent.Record != 1 || f.RTT[0].Got.Record != 2 {
		t.Errorf("samples are %+v", f.RTT)
	}
	if f.open != nil || b.heads.held != 0 {
		t.Errorf("a finished flow holds %d bytes", b.heads.held)
	}
}

// TestStreamShuffled sends the same stream in many orders, with repeats and overlaps: what is read does not change.
func TestStreamShuffled(t *testing.T) {
	text := "one\ntwo\nthree\nfour\nfive\nsix\nend\n"
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		start := uint32(0xfffffff8) // the numbers wrap
		type piece struct{ from, to int }
		var pieces []piece
		for at := 0; at < len(text); {
			n := min(1+r.IntN(9), len(text)-at)
			pieces = append(pieces, piece{at, at + n})
			if r.IntN(3) == 0 {
				pieces = append(pieces, piece{max(0, at-r.IntN(5)), min(len(text), at+n+r.IntN(5))})
			}
			at += n
		}
		r.Shuffle(len(pieces), func(i, j int) {
			if i-j < 6 && j-i < 6 {
				pieces[i], pieces[j] = pieces[j], pieces[i]
			}
		})
		b := newBench(0)
		b.packet(audit.TCP, phone, server, start-1, "S", "")
		for _, p := range pieces {
			b.up(start+uint32(p.from), text[p.from:p.to])
		}
		b.Finish()
		b.want(t, 0, ">one", ">two", ">three", ">four", ">five", ">six", ">end")
		if b.Flows[0].Flags.Has(audit.Overlapped) {
			t.Errorf("seed %d: equal bytes are said to differ", seed)
		}
	}
}

func TestStreamOverlapDiffers(t *testing.T) {
	b := newBench(0)
	b.handshake()
	b.up(100, "first")
	b.up(100, "other\n")
	b.Finish()
	b.want(t, 0, ">first")
	if !b.Flows[0].Flags.Has(audit.Overlapped | audit.Retransmitted) {
		t.Errorf("flags are %v", b.Flows[0].Flags.Words())
	}
	if len(b.anomalies) != 1 || b.anomalies[0].Code != capture.StreamOverlap || b.anomalies[0].At.Record != 5 {
		t.Errorf("anomalies are %+v", b.anomalies)
	}
}

func TestStreamGap(t *testing.T) {
	b := newBench(0)
	b.handshake()
	b.up(100, "one\ntw")
	for i := range uint32(MaxLate + 1) { // six bytes never come
		b.up(112+4*i, "abc\n")
	}
	b.down(500, "yes\n")
	b.Finish()
	want := []string{">one"}
	for range MaxLate + 1 {
		want = append(want, ">abc") // what waited behind the hole, and nothing that spans it
	}
	b.want(t, 0, append(want, "<yes")...)
	if !b.Flows[0].Flags.Has(audit.Gap) {
		t.Errorf("flags are %v", b.Flows[0].Flags.Words())
	}
}

// TestStreamSnapped: a snap length cuts every packet; what is behind the cut is never joined to what is before it.
func TestStreamSnapped(t *testing.T) {
	b := newBench(0)
	b.handshake()
	b.packetCut(audit.TCP, phone, server, 100, "A", "one\ntw", 100)
	b.packetCut(audit.TCP, phone, server, 200, "A", "o\n", 100)
	b.Finish()
	b.want(t, 0, ">one", ">o") // not "two"
	if !b.Flows[0].Flags.Has(audit.Truncated) || b.Flows[0].PayloadUp != 200 {
		t.Errorf("flow is %+v", b.Flows[0].Flow)
	}
}

// TestMidStream: without a handshake the second segment may stand before the first.
func TestMidStream(t *testing.T) {
	b := newBench(0)
	b.up(107, "ld")
	b.up(100, "hello\nw")
	b.up(109, "\n")
	b.Finish()
	b.want(t, 0, ">hello", ">wld")
	if b.Flows[0].State != audit.StateMidStream {
		t.Errorf("state is %q", b.Flows[0].State)
	}
}

func TestConnections(t *testing.T) {
	b := newBench(0)
	b.handshake()
	b.up(100, "one\n")
	b.packet(audit.TCP, phone, server, 104, "FA", "")
	b.packet(audit.TCP, server, phone, 500, "FA", "")
	b.packet(audit.TCP, phone, server, 7000, "S", "") // the same sockets again
	b.up(7001, "two\n")
	b.packet(audit.TCP, server, phone, 900, "RA", "")
	b.packet(audit.TCP, server, "10.0.0.2:40001", 5, "SA", "") // begins with the answer
	b.packet(audit.TCP, "10.0.0.2:40002", server, 5, "S", "")
	b.packet(audit.TCP, "10.0.0.2:40002", server, 5, "S", "")
	b.Finish()
	var states []string
	for _, f := range b.Flows {
		states = append(states, fmt.Sprintf("%s %s", f.A, f.State))
	}
	want := "[10.0.0.2:40000 closed 10.0.0.2:40000 reset 10.0.0.2:40001 open 10.0.0.2:40002 unanswered]"
	if fmt.Sprint(states) != want {
		t.Errorf("flows are %v, want %v", states, want)
	}
	b.want(t, 0, ">one")
	b.want(t, 1, ">two")
	if f := b.Flows[3]; !f.Flags.Has(audit.Retransmitted | audit.OneSided) {
		t.Errorf("flags are %v", f.Flags.Words())
	}
}

func TestRepeatedHandshakeGivesNoSample(t *testing.T) {
	for _, order := range []string{"ssa", "sas", "saa"} {
		b := newBench(0)
		for _, c := range order {
			if c == 's' {
				b.packet(audit.TCP, phone, server, 99, "S", "")
			} else {
				b.packet(audit.TCP, server, phone, 499, "SA", "")
			}
		}
		repeated := b.Flows[0].HandshakeRepeated()
		b.Finish()
		if f := b.Flows[0]; len(f.RTT) != 0 || !repeated {
			t.Errorf("%s: samples %+v of an ambiguous handshake", order, f.RTT)
		}
	}
}

func TestDatagrams(t *testing.T) {
	b := newBench(0)
	for range 3 {
		b.packet(audit.UDP, phone, server, 0, "", "ask\n")
		b.packet(audit.UDP, server, phone, 0, "", "answer\n")
	}
	b.packet(audit.UDP, phone, server, 0, "", "half a line")
	b.Finish()
	b.want(t, 0, ">ask", "<answer", ">ask", "<answer", ">ask", "<answer")
	if b.lines.closed[0] != 1 {
		t.Errorf("asked %d times at the end", b.lines.closed[0])
	}
}

func TestFlowLimit(t *testing.T) {
	b := newBench(2)
	for i := range 5 {
		ok := b.packet(audit.UDP, fmt.Sprintf("10.0.0.2:%d", 50000+i), server, 0, "", "x")
		if ok != (i < 2) {
			t.Errorf("packet %d sorted in: %v", i, ok)
		}
	}
	b.packet(audit.UDP, server, "10.0.0.2:50004", 0, "", "x")
	b.Finish()
	n := b.Overflow[OverflowKey{netip.MustParseAddrPort(server), audit.UDP}]
	if len(b.Flows) != 2 || n == nil || n.Packets != 4 || n.Bytes != 4*41 {
		t.Errorf("%d flows, overflow %+v", len(b.Flows), b.Overflow)
	}
	if len(b.anomalies) != 1 || b.anomalies[0].Code != capture.Limit {
		t.Errorf("anomalies are %+v", b.anomalies)
	}
}

// TestHeadsBounded opens more unfinished flows than the heads may hold: the oldest give up, and say so.
func TestHeadsBounded(t *testing.T) {
	b := newBench(0)
	long := strings.Repeat("x", 1400)
	flows := 10 + MaxHeads/(4*len(long))
	for i := range flows {
		src := fmt.Sprintf("10.0.%d.%d:%d", i/250%250, i%250, 1000+i/62500)
		for k := range uint32(4) {
			b.packet(audit.TCP, src, server, 100+1400*k, "A", long)
		}
		if b.heads.held > MaxHeads {
			t.Fatalf("heads hold %d bytes", b.heads.held)
		}
	}
	if !b.Flows[0].HasFlags(audit.HeadCut) || b.lines.closed[0] != 1 || b.Flows[flows-1].HasFlags(audit.HeadCut) {
		t.Error("the oldest flow did not give up, or the newest did")
	}
	b.Finish()
	if b.heads.held != 0 {
		t.Errorf("%d bytes are held after the end", b.heads.held)
	}
}

func TestRefs(t *testing.T) {
	h := Head{Bytes: []byte("helloworld"), Segments: []Segment{{Start: 0, End: 5, Record: 7, FrameOff: 54}, {Start: 5, End: 10, Record: 9, FrameOff: -1}}}
	refs := h.Refs(3, 4)
	if len(refs) != 2 || refs[0] != (capture.Ref{Record: 7, Off: 57, Len: 2}) || refs[1] != (capture.Ref{Record: 9}) {
		t.Errorf("refs are %+v", refs)
	}
	if h.TimeAt(99) != capture.NoTime {
		t.Error("a time behind the end")
	}
}

// FuzzTable sends arbitrary segments: nothing is read that was not sent, memory goes back to zero, counters add up.
func FuzzTable(f *testing.F) {
	f.Add([]byte("\x00\x05hello\x05\x02\nx\x80\x04yes\n"))
	f.Add([]byte("\x06\x01\x01\x00\x05abcd\n\x03\x03d\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := newBench(3)
		packets, sentBang := 0, strings.ContainsRune(string(in), '!')
		for len(in) >= 2 {
			seq, n := uint32(in[0]&0x3f), int(in[1]&0x1f)
			kind := in[0] >> 6
			in = in[2:]
			n = min(n, len(in))
			payload := string(in[:n])
			in = in[n:]
			packets++
			switch kind {
			case 0:
				b.up(seq, payload)
			case 1:
				b.down(seq, payload)
			case 2:
				b.packetCut(audit.TCP, phone, server, seq, []string{"S", "SA", "F", "R"}[seq%4], payload, n+int(seq%3))
			default:
				b.packet(audit.UDP, fmt.Sprintf("10.0.0.2:%d", 1+seq%5), server, 0, "", payload)
			}
		}
		b.Finish()
		var sum uint64
		for _, f := range b.Flows {
			sum += uint64(f.PacketsUp) + uint64(f.PacketsDown)
		}
		for _, n := range b.Overflow {
			sum += n.Packets
		}
		if sum != uint64(packets) || b.heads.held != 0 {
			t.Fatalf("%d packets, %d counted, %d bytes held", packets, sum, b.heads.held)
		}
		for _, got := range b.lines.got {
			for _, line := range got {
				if !sentBang && strings.ContainsRune(line, '!') {
					t.Fatalf("read %q, which stands in a frame that is gone", line)
				}
			}
		}
	})
}
