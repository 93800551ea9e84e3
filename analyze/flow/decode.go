package flow

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"abroad/capture"
)

// Limits of what one frame may make the decoder do. Reaching one is said in an anomaly.
const (
	MaxHeaders    = 40  // link and extension headers behind each other in one frame, tunnels included
	MaxKinds      = 256 // different undecoded kinds with a number in them; more are counted together
	maxFrameNotes = 64  // anomalies of one frame
)

// A Decoder opens frames: link layer, IP, fragments, tunnels, transport. There is one per recording, since it holds the fragments of
// datagrams that are not complete. It is not safe for concurrent use.
//
// Every layer is a method that takes the captured bytes from its header on and their length as sent, which is at least as much, and
// reports whether an IP packet was found. Layers are cut from the frame without limiting their capacity, so that the capacity of a slice
// tells where in the frame it begins.
//
// The layers that nearly every packet has (Ethernet, IPv4, IPv6, TCP, UDP) are read by hand: gopacket v1.1.19 refuses IPv4 options of two
// bytes, lengths of 0 (segmentation offload) and headers that a snap length cut, and reading them this way takes a third of the time.
// Rarer ones are gopacket's as far as its layers are sound (802.1Q, LLC, SNAP, SCTP, VXLAN); its GRE, GTP-U, SLL and radiotap layers are not:
// they index without looking.
type Decoder struct {
	note  func(capture.Anomaly)
	frame *capture.Packet
	out   *Packet
	kind  Undecoded         // why the last layer gave up
	found []capture.Anomaly // in this frame

	headers int  // read in this frame
	strict  int  // > 0 inside what only may be a packet: lengths have to fit
	joined  bool // the bytes at hand are a reassembled datagram's, not the frame's

	more  aggregate // subframes not yet asked for
	kinds kinds
	owner owners
	parts fragments

	vlan  layers.Dot1Q
	llc   layers.LLC
	snap  layers.SNAP
	sctp  layers.SCTP
	vxlan layers.VXLAN
}

// NewDecoder returns a Decoder that hands what is not as its format says to note, at once, with the record number in At.
func NewDecoder(note func(capture.Anomaly)) *Decoder { return &Decoder{note: note} }

// Decode reads one frame. When ok is false the frame holds no IP packet that can be part of a flow, and kind says why; out is then not
// to be used. When ok is true, ask Next for further packets of the frame.
func (d *Decoder) Decode(p *capture.Packet, out *Packet) (kind Undecoded, ok bool) {
	d.frame, d.out = p, out
	d.headers, d.joined = 0, false
	if d.more.rest != nil {
		d.more = aggregate{}
	}
	if d.parts.oldest != nil {
		d.expire(p.Time)
	}
	*out = Packet{Dir: p.Dir, FirstInFrame: true}
	if p.Notes != nil || p.Process.PID != 0 {
		out.Attribution = d.owner.fromFile(p)
	}
	b, sent := p.Data, max(len(p.Data), int(p.OrigLen))
	if p.Link == capture.LinkEthernet {
		ok = d.outerEthernet(b, sent)
	} else {
		ok = d.link(p.Link, b, sent)
	}
	if d.headers > MaxHeaders {
		d.warn("network", capture.Limit, nil, "more than %d headers inside each other", MaxHeaders)
	}
	if len(d.found) > 0 {
		d.tell()
	}
	if !ok {
		return d.kind, false
	}
	return Undecoded{}, true
}

// Next gives the next IP packet of the frame that Decode read, for the few link layers that carry several in one frame (802.11 A-MSDU).
// It returns false when there is none; out is then not to be used.
func (d *Decoder) Next(out *Packet) bool {
	if len(d.more.rest) == 0 {
		return false
	}
	d.out, d.more.around.FirstInFrame = out, false
	ok := d.subframes()
	if len(d.found) > 0 {
		d.tell()
	}
	return ok
}

// Flush ends the recording: datagrams that were never completed are reported.
func (d *Decoder) Flush() {
	for d.parts.oldest != nil {
		d.give(d.parts.oldest, "before the recording ended")
	}
}

// attempt runs open on bytes that may be what open reads. If they are not, everything is as before, except that the headers read count: a
// frame that looks like many things is not read many times.
func (d *Decoder) attempt(open func(*Decoder, []byte, int) bool, b []byte, sent int) bool {
	if !d.deeper() {
		return false
	}
	before, found, kind, joined := *d.out, len(d.found), d.kind, d.joined
	d.strict++
	ok := open(d, b, sent)
	d.strict--
	if !ok {
		*d.out, d.found, d.kind, d.joined, d.more = before, d.found[:found], kind, joined, aggregate{}
	}
	return ok
}

// deeper counts one more header; false when there are too many.
func (d *Decoder) deeper() bool {
	d.headers++
	return d.headers <= MaxHeaders || d.drop(capture.Limit, "too many headers inside each other")
}

// offset returns where in the frame b begins; -1 when its bytes are a reassembled datagram's.
func (d *Decoder) offset(b []byte) int {
	if d.joined {
		return -1
	}
	return cap(d.frame.Data) - cap(b)
}

// clip cuts b and its length as sent to n bytes, leaving padding and trailers behind.
func clip(b []byte, sent, n int) ([]byte, int) {
	return b[:min(n, len(b))], min(n, sent)
}

func be16(b []byte) int { return int(binary.BigEndian.Uint16(b)) }
