package flow

import "abroad/capture"

// A Decoder opens frames: link layer, IP, fragments, tunnels, transport. There is one per recording, since it holds the fragments of
// datagrams that are not complete. It is not safe for concurrent use.
type Decoder struct {
	note func(capture.Anomaly)
}

// NewDecoder returns a Decoder that hands what is not as its format says to note, at once, with the record number in At.
func NewDecoder(note func(capture.Anomaly)) *Decoder { return &Decoder{note: note} }

// Undecoded says why a frame gave no packet. It is comparable, and its Detail comes from a bounded set: count by it.
type Undecoded struct {
	Code   capture.Code
	Detail string // "arp", "ethertype 0x88cc", "ipv4 header" …
}

// Decode reads one frame. When ok is false the frame holds no IP packet that can be part of a flow, and kind says why; out is then not
// to be used. When ok is true, ask Next for further packets of the frame.
func (d *Decoder) Decode(p *capture.Packet, out *Packet) (kind Undecoded, ok bool) {
	return Undecoded{Code: capture.UnknownLink, Detail: p.Link.String()}, false
}

// Next gives the next IP packet of the frame that Decode read, for the few link layers that carry several in one frame (802.11 A-MSDU).
func (d *Decoder) Next(out *Packet) bool { return false }

// Flush ends the recording: datagrams that were never completed are reported.
func (d *Decoder) Flush() {}
