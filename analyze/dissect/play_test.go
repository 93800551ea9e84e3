package dissect

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

func TestMain(m *testing.M) {
	Rethrow = true
	os.Exit(m.Run())
}

// A play is one flow, packet by packet, that is sent through a flow table and a Driver.
type play struct {
	proto      audit.Proto
	port       uint16 // of the server
	clientPort uint16 // 0 = 40000
	mid        bool   // no handshake
	open       bool   // do not close the flow
	packets    []packet
}

type packet struct {
	server bool
	data   string
	lost   bool // never recorded
	cut    int  // bytes that the snap length cut off
}

func up(data string) packet   { return packet{data: data} }
func down(data string) packet { return packet{data: data, server: true} }

func addrPort(a netip.Addr, port uint16) netip.AddrPort { return netip.AddrPortFrom(a, port) }

// split cuts every packet into segments of n bytes.
func split(packets []packet, n int) (list []packet) {
	for _, p := range packets {
		for chunk := range slices.Chunk([]byte(p.data), n) {
			list = append(list, packet{server: p.server, data: string(chunk)})
		}
	}
	return list
}

// played is everything that was seen of a play.
type played struct {
	Sight
	steps   int  // calls of the Driver
	strange bool // the Driver passed something over
	flow    *flow.Flow
	bytes   map[uint32]string // payload by record; a byte stands in its frame at the offset that it has in the payload, plus frameOff
}

const frameOff = 54

var everyone = sync.OnceValue(NewDriver)

var (
	clientIP = netip.MustParseAddr("198.18.0.1")
	serverIP = netip.MustParseAddr("198.18.0.2")
)

// run plays p. The list of dissectors is All if none are given.
func (p play) run(t testing.TB, list ...*Dissector) *played {
	t.Helper()
	r := &played{bytes: map[uint32]string{}}
	f := &feeder{t: t, driver: everyone(), out: r}
	if len(list) > 0 {
		f.driver = newDriver(list)
	}
	table := flow.NewTable(0, f, func(capture.Anomaly) {})
	if p.clientPort == 0 {
		p.clientPort = 40000
	}
	var number uint32
	seq := map[bool]uint32{false: 1000, true: 5000}
	send := func(server bool, pay string, length int, flags flow.TCP) {
		number++
		c := &capture.Packet{Number: number, Time: capture.Time(number) * 1_000_000}
		k := &flow.Packet{Src: clientIP, Dst: serverIP, SrcPort: p.clientPort, DstPort: p.port, Proto: p.proto, PayloadOff: frameOff, FirstInFrame: true}
		if server {
			k.Src, k.Dst, k.SrcPort, k.DstPort = k.Dst, k.Src, k.DstPort, k.SrcPort
		}
		k.Payload, k.PayloadLen, k.IPLen = []byte(pay), uint32(length), uint32(length+40)
		k.Truncated = len(pay) < length
		k.TCP = flags
		k.TCP.Seq = seq[server]
		r.bytes[number] = pay
		table.Add(c, k)
		for i := range k.Payload {
			k.Payload[i] = 0xee // whoever kept it would see that
		}
	}
	if p.proto == audit.TCP && !p.mid {
		send(false, "", 0, flow.TCP{SYN: true})
		send(true, "", 0, flow.TCP{SYN: true, ACK: true})
		seq[false]++
		seq[true]++
	}
	for _, one := range p.packets {
		if !one.lost {
			send(one.server, one.data[:len(one.data)-one.cut], len(one.data), flow.TCP{ACK: true})
		}
		seq[one.server] += uint32(len(one.data))
	}
	if !p.open {
		table.Finish()
	}
	if len(table.Flows) > 0 {
		r.flow = table.Flows[0]
	}
	for _, s := range r.Seen {
		r.check(t, s.Refs)
	}
	for _, a := range r.Answers {
		r.check(t, []capture.Ref{a.Seen})
	}
	return r
}

// check fails if a Ref lies outside its packet.
func (r *played) check(t testing.TB, refs []capture.Ref) {
	t.Helper()
	if len(refs) == 0 {
		t.Errorf("seen without a packet to prove it")
	}
	for _, ref := range refs {
		data, ok := r.bytes[ref.Record]
		if !ok || ref.Off < frameOff || int(ref.Off-frameOff+ref.Len) > len(data) {
			t.Errorf("ref %v is outside the packet of %d bytes", ref, len(data))
		}
	}
}

// at returns the bytes that refs name.
func (r *played) at(refs []capture.Ref) string {
	var b strings.Builder
	for _, ref := range refs {
		b.WriteString(r.bytes[ref.Record][ref.Off-frameOff:][:ref.Len])
	}
	return b.String()
}

// list writes what was seen in short form: "sni example.com", "answer dns example.com A 192.0.2.1 60".
func (r *played) list() (list []string) {
	for _, s := range r.Seen {
		list = append(list, fmt.Sprintf("%s %s", s.Kind, s.Value))
	}
	for _, a := range r.Answers {
		list = append(list, fmt.Sprintf("answer %s: %s %s %s %s %d", a.By, a.Question, a.Name, a.Type, a.Value, a.TTL))
	}
	return list
}

// values returns the values of one kind.
func (r *played) values(kind audit.ObservationKind) (list []string) {
	for _, s := range r.Seen {
		if s.Kind == kind {
			list = append(list, s.Value)
		}
	}
	return list
}

// want compares list, flags and app.
func (r *played) want(t testing.TB, app string, flags audit.Flags, list ...string) {
	t.Helper()
	if r.App != app {
		t.Errorf("app %q, want %q", r.App, app)
	}
	if r.Flags != flags {
		t.Errorf("flags %v, want %v", r.Flags.Words(), flags.Words())
	}
	if got := r.list(); !slices.Equal(got, list) {
		t.Errorf("seen\n\t%q\nwant\n\t%q", got, list)
	}
}

// codes lists the anomalies.
func (r *played) codes() (list []string) {
	for _, a := range r.Anomalies {
		list = append(list, fmt.Sprintf("%s %s", a.Stage, a.Code))
	}
	return list
}

// feeder puts a Driver behind a flow table and checks its answers.
type feeder struct {
	t      testing.TB
	driver *Driver
	state  State
	sight  Sight
	out    *played
	done   bool
}

func (f *feeder) Feed(_ *flow.Flow, v *flow.View) flow.Step {
	step := f.driver.Feed(v, &f.state, &f.sight)
	f.out.steps++
	switch {
	case f.done:
		f.t.Errorf("asked after Done")
	case step.More && (step.Done || step.Restart || step.Client != 0 || step.Server != 0):
		f.t.Errorf("contradictory step %+v", step)
	case step.More && len(f.sight.Seen)+len(f.sight.Answers) > 0:
		f.t.Errorf("seen with More: %v", f.sight.Seen)
	case v.Closed && !step.Done:
		f.t.Errorf("not done at the end: %+v", step)
	case !step.Done && !step.More && !step.Mine:
		f.t.Errorf("no answer: %+v", step)
	}
	f.done = f.done || step.Done
	o := f.out
	o.strange = o.strange || f.state.strange > 0
	o.Seen = append(o.Seen, f.sight.Seen...)
	o.Answers = append(o.Answers, f.sight.Answers...)
	o.RTT = append(o.RTT, f.sight.RTT...)
	o.Anomalies = append(o.Anomalies, f.sight.Anomalies...)
	o.Flags |= f.sight.Flags
	if f.sight.App != "" {
		o.App = f.sight.App
	}
	return step
}
