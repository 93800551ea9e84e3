package dissect

import (
	"fmt"
	"runtime"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// Limits of the Driver. Reaching MaxSeen or MaxRestarts is an anomaly with the code "limit" and ends the reading of the flow.
const (
	MaxSeen     = 50_000  // observations and answers of one flow
	MaxRestarts = 4       // protocols inside each other: CONNECT, then CONNECT, then STARTTLS …
	maxStrange  = 8       // datagrams in a row, or segments of a stream, that are passed over until one makes sense
	maxSilent   = 4 << 10 // bytes that one side may send unrecognised while the other is silent
)

// Rethrow lets a dissector's panic pass instead of turning it into an anomaly. Tests set it, so that a bug fails them.
var Rethrow bool

// A State is what the Driver remembers of a flow from call to call; it lives in the flow. The zero State is a new flow's.
type State struct {
	rejected uint32 // bit i: dissector i does not want the bytes at hand
	seen     uint16 // observations and answers so far
	chosen   uint8  // index of the dissector, plus one
	sides    uint8  // which heads had bytes when rejected was filled: 1 client, 2 server
	strange  uint8  // what was passed over, see maxStrange
	restarts uint8
}

// A Driver finds the dissector for each flow and asks it. It is not safe for concurrent use; flows may be fed in any order.
type Driver struct {
	list     []*Dissector
	tcp, udp []uint8           // indices into list
	ports    [2][1 << 16]uint8 // [0] TCP, [1] UDP: index into list plus one
	first    [256]uint32       // by the first byte of a head: the dissectors that may want it, bit i
	desk     desk

	// What a call works on after something was consumed inside it.
	view           flow.View
	client, server flow.Head
}

// NewDriver returns a Driver that asks the dissectors of All.
func NewDriver() *Driver { return newDriver(All) }

func newDriver(list []*Dissector) *Driver {
	d := &Driver{list: list}
	for i, one := range list {
		for b := range d.first {
			if one.First == nil || one.First(byte(b)) {
				d.first[b] |= 1 << i
			}
		}
		for j, proto := range [...]audit.Proto{audit.TCP, audit.UDP} {
			if one.Proto != 0 && one.Proto != proto {
				continue
			}
			if proto == audit.TCP {
				d.tcp = append(d.tcp, uint8(i))
			} else {
				d.udp = append(d.udp, uint8(i))
			}
			for _, port := range one.Ports {
				if d.ports[j][port] == 0 {
					d.ports[j][port] = uint8(i + 1)
				}
			}
		}
	}
	return d
}

// Feed shows the heads of a flow to its dissector. It empties out first.
//
// The caller forgets the Client and Server bytes that the Step names, skips what goes beyond the heads, takes Became as the flow's Plain if
// Restart is set, and calls again when NeedClient or NeedServer (0 = any new byte; of what is then in the head) is met, until Done or until
// the flow ends, when it calls once more with Closed set. It need not call again at once: Feed reads on behind what it consumed. More is
// set exactly if nothing was consumed; out is then empty but for App and what the Driver itself has to say.
func (d *Driver) Feed(v *flow.View, st *State, out *Sight) flow.Step {
	out.cut(mark{})
	out.desk = &d.desk
	var sum flow.Step
	for cur := v; ; cur = d.behind(v, sum) {
		step, again := d.turn(cur, st, out)
		sum.Done = step.Done
		sum.Client, sum.Server = add(sum.Client, step.Client), add(sum.Server, step.Server)
		sum.NeedClient, sum.NeedServer = step.NeedClient, step.NeedServer
		if step.Restart {
			sum.Restart, sum.Became = true, step.Became
			*st = State{seen: st.seen, restarts: st.restarts + 1}
			if st.restarts > MaxRestarts {
				sum.Done = true
				out.limit("protocols inside each other", MaxRestarts, v)
			}
		}
		if !again || sum.Done {
			break
		}
	}
	if n := int(st.seen) + len(out.Seen) + len(out.Answers); n < MaxSeen {
		st.seen = uint16(n)
	} else {
		sum.Done = true
		out.limit("observations", MaxSeen, v)
	}
	sum.Done = sum.Done || v.Closed
	sum.More = !sum.Done && !sum.Restart && sum.Client == 0 && sum.Server == 0
	sum.Mine = !sum.Done || st.chosen > 0
	return sum
}

// turn asks about v once. again says that something was consumed and that what is behind it should be asked about at once.
func (d *Driver) turn(v *flow.View, st *State, out *Sight) (step flow.Step, again bool) {
	if sides(v) == 0 && !v.Client.Gap && !v.Server.Gap {
		return flow.Step{More: true}, false
	}
	if st.chosen > 0 {
		if step = d.call(st.chosen-1, v, st, out); step.Mine || step.More {
			if v.Proto == audit.UDP && !step.More {
				st.strange = 0
			}
			return step, !step.More
		}
		*st = State{seen: st.seen, strange: st.strange, restarts: st.restarts, rejected: 1 << (st.chosen - 1), sides: sides(v)} // its protocol ended
	}
	switch v.Proto {
	case audit.TCP:
		step = d.search(v, d.tcp, &d.ports[0], st, out)
	case audit.UDP:
		step = d.search(v, d.udp, &d.ports[1], st, out)
	default:
		return flow.Step{Done: true}, false
	}
	if step.Mine || step.More {
		return step, !step.More
	}
	return d.pass(v, st)
}

// search asks the dissectors one after the other, first those that the ports suggest.
func (d *Driver) search(v *flow.View, list []uint8, ports *[1 << 16]uint8, st *State, out *Sight) flow.Step {
	if sides := sides(v); sides != st.sides {
		st.sides, st.rejected = sides, 0
	}
	if st.sides == 0 {
		return flow.Step{} // only gaps
	}
	var may uint32
	for _, h := range [...]*flow.Head{v.Client, v.Server} {
		if len(h.Bytes) > 0 {
			may |= d.first[h.Bytes[0]]
		}
	}
	st.rejected |= ^may
	wait := flow.Step{NeedClient: flow.MaxHead, NeedServer: flow.MaxHead}
	switch st.sides { // what the silent side says first may decide
	case 1:
		wait.NeedServer = 1
	case 2:
		wait.NeedClient = 1
	}
	ask := func(i uint8) (flow.Step, bool) {
		if st.rejected&(1<<i) != 0 {
			return flow.Step{}, false
		}
		step := d.call(i, v, st, out)
		switch {
		case step.Mine:
			st.chosen = i + 1
			return step, true
		case step.More:
			wait.More = true
			wait.NeedClient, wait.NeedServer = min(wait.NeedClient, step.NeedClient), min(wait.NeedServer, step.NeedServer)
		default:
			st.rejected |= 1 << i
		}
		return flow.Step{}, false
	}
	a, b := ports[v.ServerAddr.Port()], ports[v.ClientAddr.Port()]
	if a > 0 {
		if step, ok := ask(a - 1); ok {
			return step
		}
	}
	if b > 0 && b != a {
		if step, ok := ask(b - 1); ok {
			return step
		}
	}
	for _, i := range list {
		if i+1 == a || i+1 == b {
			continue
		}
		if step, ok := ask(i); ok {
			return step
		}
	}
	if wait.More && !v.Closed {
		return wait
	}
	return flow.Step{}
}

// pass decides what to do with bytes that nobody wants.
func (d *Driver) pass(v *flow.View, st *State) (step flow.Step, again bool) {
	if v.Proto == audit.UDP {
		st.strange++
		st.rejected = 0
		return flow.Step{Client: len(v.Client.Bytes), Server: len(v.Server.Bytes), Done: st.strange >= maxStrange}, false
	}
	// The bytes may begin inside a message, or be a start that nobody knows with TLS behind it: try where the next packet begins. The side that
	// is silent may tell who speaks, so it is waited for first unless bytes are missing.
	if v.MidStream || v.Client.Gap || v.Server.Gap || st.strange > 0 || st.sides == 3 {
		if st.strange++; st.strange > maxStrange {
			return flow.Step{Done: true}, false
		}
		st.rejected = 0
		c, s := firstRun(v.Client), firstRun(v.Server)
		switch {
		case c.n > 0 && (s.n == 0 || c.record <= s.record):
			return flow.Step{Client: c.n}, true
		case s.n > 0:
			return flow.Step{Server: s.n}, true
		}
	}
	switch {
	case st.sides == 1 && len(v.Client.Bytes) < maxSilent && !v.Client.Gap:
		return flow.Step{More: true, NeedClient: maxSilent, NeedServer: 1}, false
	case st.sides == 2 && len(v.Server.Bytes) < maxSilent && !v.Server.Gap:
		return flow.Step{More: true, NeedClient: 1, NeedServer: maxSilent}, false
	}
	return flow.Step{Done: true}, false
}

// call runs dissector i and makes its answer fit the contract.
func (d *Driver) call(i uint8, v *flow.View, st *State, out *Sight) (step flow.Step) {
	one, m := d.list[i], out.mark()
	out.App, out.chosen = "", st.chosen == i+1
	before := m.app
	if !Rethrow {
		defer func() {
			if r := recover(); r != nil {
				out.cut(m)
				out.broken(one.Name, r, v)
				step = flow.Step{}
			}
		}()
	}
	step = one.Run(v, out)
	if !step.Mine && !step.More {
		out.cut(m)
		return flow.Step{}
	}
	step.Client, step.Server = max(step.Client, 0), max(step.Server, 0)
	if step.Restart && step.Client == 0 && step.Server == 0 {
		step.Restart = false // it would begin again with the same bytes
		step.Done = true
	}
	if !step.Done && step.Client == 0 && step.Server == 0 {
		step.More = step.More || step.Mine
	}
	if step.More {
		step.Client, step.Server, step.Done, step.Restart = 0, 0, false, false
	}
	switch {
	case !step.Mine:
		out.cut(m)
		return step
	case step.More && !v.Closed:
		app := out.App
		out.cut(m)
		out.App = app
	default:
		out.stamp(m, one, v)
	}
	switch {
	case out.App != "":
	case out.chosen: // it said once what it is
		out.App = before
	default:
		out.App = one.Name
	}
	return step
}

// broken records a panic.
func (s *Sight) broken(name string, r any, v *flow.View) {
	where := ""
	// The frames are: this function, the deferred one, the runtime's, and then the place.
	for skip := 3; skip < 8; skip++ {
		if pc, _, line, ok := runtime.Caller(skip); ok && !isRuntime(runtime.FuncForPC(pc).Name()) {
			where = fmt.Sprintf(" (%s, line %d)", runtime.FuncForPC(pc).Name(), line)
			break
		}
	}
	a := capture.Anomaly{Offset: -1, Stage: name, Code: capture.DissectorPanic, Detail: fmt.Sprintf("%v%s", r, where)}
	a.At = firstPacket(v)
	s.Anomalies = append(s.Anomalies, a)
}

// limit records that a limit was reached.
func (s *Sight) limit(what string, n int, v *flow.View) {
	s.Anomalies = append(s.Anomalies, capture.Anomaly{
		At: firstPacket(v), Offset: -1, Stage: "dissect", Code: capture.Limit, Detail: fmt.Sprintf("more than %d %s in one flow", n, what),
	})
}

func firstPacket(v *flow.View) capture.Ref {
	for _, h := range [...]*flow.Head{v.Client, v.Server} {
		if len(h.Segments) > 0 {
			return capture.Ref{Record: h.Segments[0].Record}
		}
	}
	return capture.Ref{}
}

func isRuntime(name string) bool { return len(name) > 8 && name[:8] == "runtime." }
