package recorder

import (
	"encoding/binary"
	"hash/crc32"
	"io"

	"abroad/capture"
	"abroad/capture/session"
)

// A frame of PCAPdroid's stream with extensions: 14 bytes of made-up Ethernet header, the IP packet, up to three zeros, and a trailer of 32
// bytes: magic u32 and uid i32 (-1 = not known), both big-endian, the app's label[20], and the CRC-32 of everything before, little-endian.
const (
	trailerLen   = 32
	trailerMagic = 0x01072021
)

// A frameKind is what one frame turned out to be.
type frameKind uint8

const (
	frameOwned   frameKind = iota // with a trailer that names a uid
	frameUnowned                  // with a trailer that names none
	frameBroken                   // its trailer is damaged or missing
	frameBare                     // an IP packet alone: it did not fit the snap length with what goes around it
)

func classifyFrame(b []byte, original uint32) frameKind {
	if bareIP(b, original) {
		return frameBare
	}
	if len(b) < 14+trailerLen || uint32(len(b)) != original {
		return frameBroken
	}
	t := b[len(b)-trailerLen:]
	if binary.BigEndian.Uint32(t) != trailerMagic || binary.LittleEndian.Uint32(t[28:]) != crc32.ChecksumIEEE(b[:len(b)-4]) {
		return frameBroken
	}
	if int32(binary.BigEndian.Uint32(t[4:])) < 0 {
		return frameUnowned
	}
	return frameOwned
}

// bareIP says whether b is an IP packet, whole or cut, by its own length field. A made-up Ethernet header begins with zeros.
func bareIP(b []byte, original uint32) bool {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4 && b[0]&15 >= 5:
		return uint32(binary.BigEndian.Uint16(b[2:])) == original
	case len(b) >= 40 && b[0]>>4 == 6:
		return 40+uint32(binary.BigEndian.Uint16(b[4:])) == original
	}
	return false
}

// pump passes PCAPdroid's stream on until it ends. The frames stay as they came, trailers and all: they are the evidence.
func (s *androidSource) pump(conn io.Reader, sink Sink) error {
	stream, err := openPcapStream(conn)
	if err != nil {
		return err
	}
	about := InterfaceInfo{
		Link: stream.link, SnapLen: stream.snap, Name: "pcapdroid", Description: "PCAPdroid's stream, with its trailers", Micro: stream.micro(),
	}
	if s.options.App != "" {
		about.Filter = "app " + s.options.App
	}
	if stream.link != capture.LinkEthernet {
		about.Description = "PCAPdroid's stream, without trailers"
		if err := sink.Event(session.EventWarning, says("PCAPdroid sends no trailers: packets are not mapped to apps")); err != nil {
			return err
		}
	}
	whole, err := sink.Interface(about)
	if err != nil {
		return err
	}
	bare, announced := uint32(0), false
	for {
		var p capture.Packet
		if err := stream.next(&p); err != nil {
			return err
		}
		s.count.received.Add(1)
		if p.Truncated() {
			s.count.truncated.Add(1)
		}
		p.Iface = whole
		kind := frameUnowned
		if stream.link == capture.LinkEthernet {
			kind = classifyFrame(p.Data, p.OrigLen)
		}
		switch kind {
		case frameBroken:
			s.count.damaged.Add(1)
			s.count.unattributed.Add(1)
		case frameUnowned:
			s.count.unattributed.Add(1)
		case frameBare:
			s.count.unattributed.Add(1)
			if !announced {
				about.Link, about.Description = capture.LinkRaw, "packets that PCAPdroid sent without header and trailer"
				if bare, err = sink.Interface(about); err != nil {
					return err
				}
				announced = true
			}
			p.Iface = bare
		}
		if err := sink.Packet(&p); err != nil {
			return err
		}
	}
}
