package main

import (
	"encoding/binary"
	"slices"
	"time"
)

// TCP flags.
const (
	tcpFIN = 1 << iota
	tcpSYN
	tcpRST
	tcpPSH
	tcpACK
)

// A segment is one TCP segment before it has its acknowledgement number.
type segment struct {
	at      time.Duration
	up      bool
	flags   byte
	seq     uint32 // relative: the SYN is 0
	data    []byte
	options []byte
	repeat  bool // a copy of an earlier one
	order   int  // breaks ties of time
}

// end is the sequence number after the segment.
func (g *segment) end() uint32 {
	n := g.seq + uint32(len(g.data))
	if g.flags&(tcpSYN|tcpFIN) != 0 {
		n++
	}
	return n
}

// A stream lays out one TCP connection as the recording point sees it.
type stream struct {
	path
	segments []segment
	next     [2]uint32     // next relative sequence number: down, up
	now      time.Duration // of the last segment
	lastUp   time.Duration // when the device last sent something that wants an answer
}

func side(up bool) int {
	if up {
		return 1
	}
	return 0
}

func (s *stream) put(at time.Duration, up bool, flags byte, data []byte) {
	i := side(up)
	seg := segment{at: at, up: up, flags: flags, seq: s.next[i], data: data, order: len(s.segments)}
	if flags&tcpSYN != 0 {
		seg.options = s.synOptions()
	}
	s.segments = append(s.segments, seg)
	s.next[i] += uint32(len(data))
	if flags&(tcpSYN|tcpFIN) != 0 {
		s.next[i]++
	}
	s.now = max(s.now, at)
}

// synOptions are maximum segment size, selective acknowledgement permitted, window scale 7.
func (s *stream) synOptions() []byte {
	b := binary.BigEndian.AppendUint16([]byte{2, 4}, uint16(s.mss))
	return append(b, 4, 2, 1, 3, 3, 7, 1, 1)[:12]
}

// merge joins neighbouring events of one direction that happened at one time.
func merge(events []event) (list []event) {
	for _, e := range events {
		if n := len(list); n > 0 && !e.end && !list[n-1].end && list[n-1].up == e.up && list[n-1].notBefore == e.notBefore {
			list[n-1].data = append(slices.Clip(list[n-1].data), e.data...)
			continue
		}
		list = append(list, e)
	}
	return list
}

// layTCP turns what crossed a connection into segments: handshake, data in pieces of the maximum segment size, acknowledgements, end.
func layTCP(f *flow, p path, faults faults) []packet {
	s := &stream{path: p}
	t := f.start
	s.put(t, true, tcpSYN, nil)
	if f.unanswered {
		s.next[1] = 0
		s.put(t+time.Second+7*ms, true, tcpSYN, nil)
		s.next[1] = 0
		s.put(t+3*time.Second+19*ms, true, tcpSYN, nil)
		return s.packets(f)
	}
	t += s.syn + s.jitter()
	s.put(t, false, tcpSYN|tcpACK, nil)
	t += s.gap(60 * time.Microsecond)
	s.put(t, true, tcpACK, nil)
	s.lastUp = t
	events := merge(f.tape.list())
	for i, e := range events {
		switch {
		case e.up && e.end && faults.reset:
			s.put(max(s.now+s.gap(200*time.Microsecond), e.notBefore), true, tcpRST|tcpACK, nil)
			return s.finish(f, faults)
		case e.end:
			s.end(e)
		case e.up:
			s.send(e, i+1 < len(events) && !events[i+1].up && !events[i+1].end)
		default:
			s.receive(e, i+1 < len(events) && events[i+1].up && !events[i+1].end && events[i+1].notBefore <= s.now)
		}
	}
	return s.finish(f, faults)
}

// send lays out bytes that go up. If an answer follows it carries the acknowledgement of the last piece.
func (s *stream) send(e event, answered bool) {
	t := max(s.now+s.gap(400*time.Microsecond), e.notBefore)
	pieces := slices.Collect(slices.Chunk(e.data, s.mss))
	for i, piece := range pieces {
		flags := byte(tcpACK)
		if i == len(pieces)-1 {
			flags |= tcpPSH
		}
		s.put(t, true, flags, piece)
		if last := i == len(pieces)-1; last && !answered || !last && i%2 == 1 {
			s.put(t+s.rtt+s.jitter(), false, tcpACK, nil)
			s.now = t
		}
		s.lastUp = t
		t += s.gap(20 * time.Microsecond)
	}
}

// receive lays out bytes that come down. If the device answers at once, its answer carries the acknowledgement.
func (s *stream) receive(e event, answered bool) {
	t := max(s.lastUp+s.rtt+s.jitter(), s.now+s.gap(50*time.Microsecond), e.notBefore)
	pieces := slices.Collect(slices.Chunk(e.data, s.mss))
	for i, piece := range pieces {
		flags := byte(tcpACK)
		if i == len(pieces)-1 {
			flags |= tcpPSH
		}
		s.put(t, false, flags, piece)
		if last := i == len(pieces)-1; last && !answered || !last && i%2 == 1 {
			t += s.gap(40 * time.Microsecond)
			s.put(t, true, tcpACK, nil)
		}
		t += s.gap(90 * time.Microsecond)
	}
}

// end lays out the end of one direction and its acknowledgement.
func (s *stream) end(e event) {
	if e.up {
		t := max(s.now+s.gap(200*time.Microsecond), e.notBefore)
		s.put(t, true, tcpFIN|tcpACK, nil)
		s.lastUp = t
		if s.over(false) { // the other side is done already: it only acknowledges
			s.put(t+s.rtt+s.jitter(), false, tcpACK, nil)
		}
		return
	}
	t := max(s.lastUp+s.rtt+s.jitter(), s.now+s.gap(50*time.Microsecond), e.notBefore)
	s.put(t, false, tcpFIN|tcpACK, nil)
	s.put(t+s.gap(60*time.Microsecond), true, tcpACK, nil)
}

func (s *stream) over(up bool) bool {
	return slices.ContainsFunc(s.segments, func(g segment) bool { return g.up == up && g.flags&tcpFIN != 0 })
}

// finish makes sure that a connection that the device ended is ended by the other side too, and applies the faults.
func (s *stream) finish(f *flow, faults faults) []packet {
	if s.over(true) && !s.over(false) {
		s.end(event{notBefore: s.now})
	}
	faults.apply(s)
	return s.packets(f)
}

// packets sorts the segments by time, gives each the acknowledgement that its sender could know, and writes them.
func (s *stream) packets(f *flow) (list []packet) {
	slices.SortStableFunc(s.segments, func(a, b segment) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.order - b.order
	})
	isn := [2]uint32{s.rng.Uint32(), s.rng.Uint32()}
	id := [2]uint16{uint16(s.rng.Uint32()), uint16(s.rng.Uint32())}
	window := [2]uint16{501, 502}
	var sent [2]uint32 // by each side, up to here
	for i, g := range s.segments {
		if len(g.data) == 0 && g.flags&(tcpSYN|tcpFIN|tcpRST) == 0 {
			g.seq = sent[side(g.up)]
		}
		sent[side(g.up)] = max(sent[side(g.up)], g.end())
		var ack uint32
		if g.flags&tcpACK != 0 {
			ack = isn[side(!g.up)] + s.known(i)
		}
		src, dst := s.local, s.far
		if !g.up {
			src, dst = dst, src
		}
		flags, win := g.flags, window[side(g.up)]
		if flags&tcpSYN != 0 {
			win = 64240
		}
		b := binary.BigEndian.AppendUint16(nil, src.Port())
		b = binary.BigEndian.AppendUint16(b, dst.Port())
		b = binary.BigEndian.AppendUint32(b, isn[side(g.up)]+g.seq)
		b = binary.BigEndian.AppendUint32(b, ack)
		b = append(b, byte(20+len(g.options))<<2, flags)
		b = binary.BigEndian.AppendUint16(b, win)
		b = append(b, 0, 0, 0, 0)
		b = append(b, g.options...)
		b = append(b, g.data...)
		binary.BigEndian.PutUint16(b[16:], transportSum(src.Addr(), dst.Addr(), protoTCP, b))
		ttl := byte(64)
		if !g.up {
			ttl = s.ttl
		}
		n := side(g.up)
		id[n]++
		list = append(list, packet{at: g.at, up: g.up, ip: ipPacket(src.Addr(), dst.Addr(), protoTCP, b, ttl, id[n]), flow: f, uid: f.uid})
	}
	if n := len(list); n > 0 {
		list[n-1].last = f.tcp && !f.unanswered
	}
	return list
}

// known returns how far the sender of segment i has the other direction without a hole: the device knows what arrived, the other side
// what was sent a round trip ago.
func (s *stream) known(i int) uint32 {
	g := s.segments[i]
	limit := g.at
	if !g.up {
		limit -= min(s.syn, s.rtt)
	}
	var have []segment
	for j, o := range s.segments {
		if o.up != g.up && (o.at < limit || o.at == limit && j < i) {
			have = append(have, o)
		}
	}
	slices.SortStableFunc(have, func(a, b segment) int { return int(int64(a.seq) - int64(b.seq)) })
	var next uint32
	for _, o := range have {
		if o.seq <= next {
			next = max(next, o.end())
		}
	}
	return next
}

// faults are things that go wrong on a connection, so that a reader of the recording has something to be careful about.
type faults struct {
	lateSYN   bool // the SYN was sent a second before as well: its round trip is ambiguous
	lateHello bool // the ClientHello is repeated 3 ms before its answer: the short time means nothing
	reorder   bool // two segments that come down change places
	duplicate bool // a segment that comes down arrives twice
	lost      bool // a segment that comes down arrives a round trip later
	reset     bool // the device ends the connection with RST
}

func (x faults) apply(s *stream) {
	data := func(up bool) (list []int) { // indices of data segments, in order
		for i, g := range s.segments {
			if g.up == up && len(g.data) > 0 {
				list = append(list, i)
			}
		}
		return list
	}
	down, up := data(false), data(true)
	if x.lateSYN {
		again := s.segments[0]
		again.at -= time.Second
		again.order = -1
		s.segments = append(s.segments, again)
	}
	if x.lateHello && len(up) > 0 && len(down) > 0 {
		answer := s.segments[down[0]].at
		for _, i := range up {
			if g := s.segments[i]; g.at < answer {
				g.at, g.repeat, g.order = answer-3*ms+time.Duration(i)*10*time.Microsecond, true, len(s.segments)
				s.segments = append(s.segments, g)
			}
		}
	}
	if x.reorder && len(down) > 3 {
		i := s.burst(down)
		a, b := &s.segments[i], &s.segments[i+1]
		for !(len(b.data) > 0 && !b.up) { // step over an acknowledgement between them
			i++
			b = &s.segments[i+1]
		}
		a.at, b.at = b.at, a.at
		a.order, b.order = b.order, a.order
	}
	if x.duplicate && len(down) > 1 {
		g := s.segments[down[1]]
		g.at, g.repeat, g.order = g.at+s.gap(300*time.Microsecond), true, len(s.segments)
		s.segments = append(s.segments, g)
	}
	if x.lost && len(down) > 3 {
		i := s.burst(down)
		was, late := s.segments[i].at, s.rtt+400*time.Microsecond
		for j := range s.segments { // what was under way arrives, the device's acknowledgement of it says so; the rest waits
			g := &s.segments[j]
			waits := g.at > was+s.rtt/2 || g.up && g.at > was && (len(g.data) > 0 || g.flags&tcpFIN != 0)
			if j == i || waits {
				g.at += late
			}
		}
	}
}

// burst returns the first of the given segments that is of full size and not the last of its burst.
func (s *stream) burst(down []int) int {
	for k := 2; k+1 < len(down); k++ {
		if len(s.segments[down[k]].data) == s.mss && s.segments[down[k+1]].at-s.segments[down[k]].at < ms {
			return down[k]
		}
	}
	return down[1]
}
