package flow

import (
	"fmt"
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// Limits of reassembly. A datagram given up is reported as fragment-lost, with the reason.
const (
	MaxDatagram      = 64 << 10           // bytes of one datagram's payload; the format allows no more
	MaxFragmentBytes = 16 << 20           // bytes held for all unfinished datagrams of a recording
	MaxDatagrams     = 4096               // unfinished datagrams of a recording
	FragmentTimeout  = 30_000_000_000     // nanoseconds of capture time since the first fragment seen: Linux's, half of what RFC 8200 asks for
	datagramOverhead = 1024               // bytes that an unfinished datagram takes besides its data
	unit             = 8                  // bytes; fragments begin at multiples of it
	maxUnits         = MaxDatagram / unit // of one datagram
)

// datagramKey tells which fragments belong together (RFC 791, RFC 8200 section 4.5), within one stack of tunnels.
type datagramKey struct {
	src, dst netip.Addr
	id       uint32
	proto    audit.Proto // 0 for IPv6
	v6       bool
	tunnels  Tunnels
}

// A datagram is what is known of a fragmented one.
type datagram struct {
	key    datagramKey
	began  capture.Time
	record uint32 // of the first fragment seen
	data   []byte // payload as far as the furthest fragment
	seen   []bool // units that came
	units  int    // how many of them
	end    int    // payload length, from the last fragment; -1 while it has not come
	kept   int    // bytes from the start that no snap length cut
	ip     uint32 // IP bytes of the fragments that came
	next   int    // what the payload is, as the first fragment says
	clash  bool   // an overlap was reported

	around Packet         // what was said around the first fragment
	frame  capture.Packet // that fragment's frame, without its bytes; Number 0 while it has not come

	older, newer *datagram // unfinished ones, in the order in which they began
}

func (g *datagram) size() int { return cap(g.data) + cap(g.seen) + datagramOverhead }

// fragments holds the unfinished datagrams of a recording.
type fragments struct {
	byKey          map[datagramKey]*datagram
	oldest, newest *datagram
	bytes          int         // size of all of them
	late           []*datagram // given up, not yet asked for
	lateBytes      int         // size of all of those
}

// fragment adds a fragment: the captured bytes b of sent, at offset off of its datagram, which holds what next says if this is the first.
// When the datagram is complete it returns the payload, its length as sent and what it is; until then the packet is Incomplete.
func (d *Decoder) fragment(k datagramKey, next int, b []byte, sent, off int, more bool) (payload []byte, length, is int, complete bool) {
	o := d.out
	o.Fragment, o.Incomplete, o.Proto = true, true, audit.Proto(next)
	if more && sent%unit != 0 {
		d.warn("network", capture.Malformed, b, "fragment of %d bytes that is not the last, want a multiple of %d", sent, unit)
		b, sent = clip(b, sent, sent&^(unit-1))
	}
	end := off + sent
	if end >= MaxDatagram {
		d.warn("network", capture.Malformed, b, "fragment ends at byte %d of its datagram, the most is %d", end, MaxDatagram-1)
		return nil, 0, 0, false
	}
	g := d.parts.byKey[k]
	if g == nil {
		g = d.parts.begin(k, d.frame)
	}
	if off == 0 && g.frame.Number == 0 {
		g.next, g.around, g.frame = next, *o, *d.frame
		g.frame.Data, g.frame.Notes = nil, nil
	}
	g.ip += o.IPLen
	before := g.size()
	d.fill(g, b, sent, off, more)
	d.parts.bytes += g.size() - before
	if g.end < 0 || g.units < (g.end+unit-1)/unit {
		d.bound(g)
		return nil, 0, 0, false
	}
	d.parts.leave(g)
	o.Incomplete, o.IPLen, d.joined = false, g.ip, true
	payload = g.data[:min(g.end, g.kept)]
	o.Truncated = len(payload) < g.end
	return payload, g.end, g.next, true
}

// fill puts a fragment where it belongs. Bytes that came before win.
func (d *Decoder) fill(g *datagram, b []byte, sent, off int, more bool) {
	end := off + sent
	clash := false
	if !more {
		if g.end < 0 && len(g.data) <= end {
			g.end = end
		} else if g.end != end {
			clash = true
		}
	}
	if g.end >= 0 && end > g.end {
		clash = true
		b, sent = clip(b, sent, max(g.end-off, 0))
		end = off + sent
	}
	if end > len(g.data) {
		g.data = extend(g.data, end)
		g.seen = extend(g.seen, (end+unit-1)/unit)
	}
	for at := 0; at < sent; at += unit {
		i, n := (off+at)/unit, min(unit, sent-at)
		have := b[min(at, len(b)):min(at+n, len(b))]
		was := g.data[off+at : off+at+n]
		if !g.seen[i] {
			g.seen[i] = true
			g.units++
			copy(was, have)
			if len(have) < n {
				g.kept = min(g.kept, off+at+len(have))
			}
		} else if off+at+len(have) <= g.kept && string(was[:len(have)]) != string(have) {
			clash = true
		}
	}
	if clash && !g.clash {
		g.clash = true
		d.warn("network", capture.FragmentOverlap, b, "fragments of the datagram of record %d disagree; the bytes that came first are kept", g.record)
	}
}

// extend makes s n long; what is new is zero. It grows in steps, so that a datagram in many small fragments is not copied as often.
func extend[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	grown := make([]T, n, min(max(n, 2*cap(s)), MaxDatagram))
	copy(grown, s)
	return grown
}

// begin remembers a new datagram.
func (p *fragments) begin(k datagramKey, frame *capture.Packet) *datagram {
	g := &datagram{key: k, began: frame.Time, record: frame.Number, end: -1, kept: MaxDatagram, older: p.newest}
	if p.byKey == nil {
		p.byKey = map[datagramKey]*datagram{}
	}
	p.byKey[k] = g
	if p.newest != nil {
		p.newest.newer = g
	} else {
		p.oldest = g
	}
	p.newest = g
	p.bytes += g.size()
	return g
}

// leave forgets a datagram.
func (p *fragments) leave(g *datagram) {
	if g.older != nil {
		g.older.newer = g.newer
	} else {
		p.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		p.newest = g.older
	}
	delete(p.byKey, g.key)
	p.bytes -= g.size()
}

// bound gives up the oldest datagrams until the limits hold again, but never g, which just grew.
func (d *Decoder) bound(g *datagram) {
	p := &d.parts
	for len(p.byKey) > MaxDatagrams || p.bytes > MaxFragmentBytes {
		oldest := p.oldest
		if oldest == g {
			if oldest = g.newer; oldest == nil {
				return
			}
		}
		d.give(oldest, "when the limit of unfinished datagrams was reached")
	}
}

// expire gives up what waited for too long.
func (d *Decoder) expire(now capture.Time) {
	for g := d.parts.oldest; g != nil && now != capture.NoTime && g.began != capture.NoTime && now-g.began > FragmentTimeout; g = d.parts.oldest {
		d.give(g, "within 30 s")
	}
}

// give reports a datagram that will not be completed.
func (d *Decoder) give(g *datagram, why string) {
	d.parts.leave(g)
	if p := &d.parts; g.frame.Number != 0 && p.lateBytes+g.size() <= MaxFragmentBytes {
		p.late = append(p.late, g)
		p.lateBytes += g.size()
	}
	if d.note == nil {
		return
	}
	size := fmt.Sprintf("about %d bytes of an unknown number", g.units*unit)
	if g.end >= 0 {
		size = fmt.Sprintf("about %d of %d bytes", g.units*unit, g.end)
	}
	d.note(capture.Anomaly{
		At: capture.Ref{Record: g.record}, Offset: -1, Stage: "network", Code: capture.FragmentLost,
		Detail: "datagram with " + size + " was not completed " + why,
	})
}

// Late gives a packet whose datagram was never completed, as far as it came: its first fragment has the ports, and a filter on ports lets
// no other pass. It is truncated, and its IPLen is the sum over the fragments that came. The frame is the first fragment's, without bytes.
//
// Ask after every Decode, and after Flush, until it returns nil: what is not asked for is kept only up to MaxFragmentBytes.
func (d *Decoder) Late(out *Packet) (frame *capture.Packet) {
	p := &d.parts
	for len(p.late) > 0 {
		g := p.late[0]
		p.late[0] = nil
		p.lateBytes -= g.size()
		if p.late = p.late[1:]; len(p.late) == 0 {
			p.late = nil
		}
		d.frame, d.out, d.joined, d.headers, d.more = &g.frame, out, true, 0, aggregate{}
		*out = g.around
		out.Incomplete, out.IPLen = false, g.ip
		payload, sent := g.beginning()
		if g.key.v6 {
			d.extensions(g.next, payload, sent)
		} else {
			d.transport(audit.Proto(g.next), payload, sent)
		}
		d.tell()
		if out.Truncated = true; !out.Incomplete { // else there is one more fragment inside
			return &g.frame
		}
	}
	return nil
}

// beginning returns the bytes of an unfinished datagram without a hole, and how long it is, as far as known.
func (g *datagram) beginning() (payload []byte, sent int) {
	have := 0
	for have < len(g.seen) && g.seen[have] {
		have++
	}
	payload, sent = g.data[:min(have*unit, g.kept, len(g.data))], g.end
	if sent < 0 {
		sent = len(g.data)
		if g.next == int(audit.UDP) && len(payload) >= 8 { // the only one that says how long it is
			sent = max(sent, be16(payload[4:]))
		}
	}
	return payload, sent
}
