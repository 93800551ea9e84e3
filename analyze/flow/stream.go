package flow

import (
	"abroad/analyze/audit"
	"abroad/capture"
)

// An assembly holds the heads of one flow whose dissector wants more.
type assembly struct {
	half   [2]half // from A, from B
	need   [2]int  // the dissector is asked again when a head holds this many bytes; 0 = any new byte
	plain  string  // what stood before a Restart
	held   int     // bytes of memory counted for it in heads.held
	queued bool    // in the queue of those that hold memory
}

// heads is the memory of all assemblies of a table.
type heads struct {
	free  []*assembly
	queue []*Flow // that hold memory of their own, oldest first
	first int     // queue[:first] is done with
	held  int     // bytes
}

// waiting reports whether segments behind a hole are kept.
func (f *Flow) waiting() bool {
	return f.open != nil && len(f.open.half[0].late)+len(f.open.half[1].late) > 0
}

// assembly returns f's assembly, a new one if need be.
func (t *Table) assembly(f *Flow) *assembly {
	if f.open != nil {
		return f.open
	}
	if n := len(t.heads.free); n > 0 {
		f.open, t.heads.free = t.heads.free[n-1], t.heads.free[:n-1]
	} else {
		f.open = new(assembly)
	}
	if f.seen&synA != 0 {
		f.open.half[0].begun, f.open.half[0].next = true, f.isnA+1
	}
	if f.seen&synB != 0 {
		f.open.half[1].begun, f.open.half[1].next = true, f.isnB+1
	}
	return f.open
}

// keepLong is how many free assemblies may keep memory for long heads.
const keepLong = 64

// release takes f's assembly back.
func (t *Table) release(f *Flow) {
	a := f.open
	if a == nil {
		return
	}
	f.open = nil
	for i := range a.half {
		if cap(a.half[i].own) > 4<<10 && len(t.heads.free) > keepLong {
			a.half[i].own = nil // a few long heads are kept for the next flows; many would be memory for nothing
		}
		a.half[i].reset()
	}
	t.heads.held -= a.held
	a.need, a.plain, a.held, a.queued = [2]int{}, "", 0, false
	t.heads.free = append(t.heads.free, a)
}

// stream adds a TCP segment to its half in order.
func (t *Table) stream(f *Flow, fromA bool, seq uint32, c *capture.Packet, p *Packet) {
	a := t.assembly(f)
	side := sideOf(fromA)
	h := &a.half[side]
	if !h.begun {
		h.begun, h.next = true, seq
	}
	held, gap := len(h.Bytes), h.Gap
	at := segmentOf(c, p)
	switch ahead := int32(seq - h.next); {
	case ahead == 0:
		h.add(p.Payload, p.PayloadLen, at)
		h.next += p.PayloadLen
	case ahead < 0:
		t.behind(f, h, uint32(-ahead), p, at)
	case h.wait(seq, p.Payload, p.PayloadLen, at):
	default:
		t.hole(f, h)
		t.feed(f, side) // a reader that goes on behind the hole must say so before what waits there is added
		if f.open != a {
			return
		}
		held, gap = len(h.Bytes), h.Gap
		h.drain()
		if !h.wait(seq, p.Payload, p.PayloadLen, at) {
			h.missing, h.Gap = h.missing+uint64(p.PayloadLen), true
		}
	}
	h.drain()
	if len(h.Bytes) != held || h.Gap != gap {
		t.feed(f, side)
	}
	t.recount(f)
}

func sideOf(fromA bool) int {
	if fromA {
		return 0
	}
	return 1
}

// behind handles a segment that begins back bytes before what has come: a retransmission, an overlap, or the true beginning of a stream
// that the recording shows in the wrong order.
func (t *Table) behind(f *Flow, h *half, back uint32, p *Packet, at Segment) {
	payload, length := p.Payload, p.PayloadLen
	if length == 1 && back == 1 {
		return // keep-alive
	}
	if f.seen&(synA|synB) == 0 && back == length+uint32(len(h.Bytes)) && h.missing == 0 && int(length) == len(payload) && h.prepend(payload, at) {
		return
	}
	f.flags |= audit.Retransmitted
	if h.differs(payload, back) {
		f.flags |= audit.Overlapped
		t.note(capture.Anomaly{At: capture.Ref{Record: at.Record}, Offset: -1, Stage: "transport", Code: capture.StreamOverlap,
			Detail: "retransmitted bytes differ from the first ones; the first ones count"})
	}
	if back < length {
		at.FrameOff = advance(at.FrameOff, int(back))
		h.add(payload[min(int(back), len(payload)):], length-back, at)
		h.next += length - back
	}
}

// drain adds the waiting segments that are next now.
func (h *half) drain() {
	for len(h.late) > 0 {
		i := h.earliest()
		if int32(h.late[i].seq-h.next) > 0 {
			return
		}
		l := h.take(i)
		old := h.next - l.seq
		if old >= l.length {
			continue
		}
		l.at.FrameOff = advance(l.at.FrameOff, int(old))
		h.settle()
		h.add(l.bytes[min(int(old), len(l.bytes)):], l.length-old, l.at)
		h.next = l.seq + l.length
	}
}

// hole gives up on the bytes that are missing before what waits.
func (t *Table) hole(f *Flow, h *half) {
	if len(h.late) == 0 {
		return
	}
	next := h.late[h.earliest()].seq
	f.flags |= audit.Gap
	h.add(nil, next-h.next, Segment{FrameOff: -1})
	h.next = next
}

// datagram adds a UDP payload to its half, as a segment of its own.
func (t *Table) datagram(f *Flow, fromA bool, c *capture.Packet, p *Packet) {
	a := t.assembly(f)
	side := sideOf(fromA)
	h := &a.half[side]
	h.add(p.Payload, uint32(len(p.Payload)), segmentOf(c, p))
	if n := len(h.Segments); n > 0 && p.PayloadLen > uint32(len(p.Payload)) {
		h.Segments[n-1].Cut = true // of datagrams only the one itself is cut: the next one is whole
	}
	t.feed(f, side)
	if f.open == a && a.plain == "" && a.half[0].empty() && a.half[1].empty() {
		t.release(f) // nothing is kept between datagrams
		return
	}
	t.recount(f)
}

// empty reports whether there is nothing to show and nothing to pass over.
func (h *half) empty() bool { return len(h.Bytes) == 0 && !h.Gap && h.skip == 0 }

// feed asks the dissectors about f after the head of side has changed, and does what they say. A Reader reads on behind what it consumed
// by itself, so asking once is enough.
func (t *Table) feed(f *Flow, side int) {
	a := f.open
	if h := &a.half[side]; len(h.Bytes) < a.need[side] && !h.Gap {
		return
	}
	step := t.ask(f, false)
	if step.Done || !step.Mine && !step.More && !step.Restart {
		f.seen |= settled
		t.release(f)
		return
	}
	if step.Restart {
		a.plain = step.Became
	}
	for i, n := range [2]int{step.Client, step.Server} {
		if n > 0 {
			a.half[i].consume(n)
		}
	}
	a.need = [2]int{step.NeedClient, step.NeedServer}
	full := len(a.half[0].Bytes) >= MaxHead || len(a.half[1].Bytes) >= MaxHead
	if full {
		f.flags |= audit.HeadCut
	}
	if full || a.half[0].Gap && a.half[1].Gap {
		t.close(f) // no head can grow any more
	}
}

// ask shows the flow's heads to the dissectors.
func (t *Table) ask(f *Flow, closed bool) Step {
	a := f.open
	t.view = View{
		Proto: f.Proto, ClientAddr: f.A, ServerAddr: f.B, Client: &a.half[0].Head, Server: &a.half[1].Head,
		Closed: closed, MidStream: f.Proto == audit.TCP && f.seen&(synA|synB) == 0, Plain: a.plain,
	}
	return t.reader.Feed(f, &t.view)
}

// close asks the dissectors a last time, with what there is, and settles the flow.
func (t *Table) close(f *Flow) {
	if f.seen&settled != 0 {
		return
	}
	if a := f.open; a != nil {
		for i := range a.half {
			if h := &a.half[i]; len(h.late) > 0 {
				t.hole(f, h)
				t.feed(f, i)
				if f.open != a {
					return
				}
				h.drain()
			}
		}
		if !a.half[0].empty() || !a.half[1].empty() {
			t.ask(f, true)
		}
	}
	f.seen |= settled
	t.release(f)
}

// recount makes sure that nothing points into the packet that was just added, and that all heads together stay within MaxHeads.
func (t *Table) recount(f *Flow) {
	a := f.open
	if a == nil {
		return
	}
	a.half[0].settle()
	a.half[1].settle()
	held := a.half[0].held() + a.half[1].held()
	t.heads.held += held - a.held
	a.held = held
	if !a.queued && held > 0 {
		a.queued = true
		t.heads.queue = append(t.heads.queue, f)
	}
	for t.heads.held > MaxHeads && t.heads.first < len(t.heads.queue) {
		old := t.heads.queue[t.heads.first]
		t.heads.queue[t.heads.first] = nil
		t.heads.first++
		if old.open != nil && old.open.queued {
			old.flags |= audit.HeadCut
			t.close(old)
		}
	}
	if t.heads.first > 1024 && t.heads.first*2 > len(t.heads.queue) {
		t.heads.queue = append(t.heads.queue[:0], t.heads.queue[t.heads.first:]...)
		t.heads.first = 0
	}
}
