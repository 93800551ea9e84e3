package dissect

import (
	"bytes"
	"encoding/binary"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
)

// A verdict says whether bytes are of a protocol.
type verdict byte

const (
	no      verdict = iota
	perhaps         // too few bytes to tell
	yes
)

// known makes a dissector that recognises a protocol by the first bytes of either side, or the first datagram, and reads nothing else. ports,
// if given, are the only ones on which it is believed; first lists the bytes that it may begin with, none meaning any.
func known(name, doc string, proto audit.Proto, ports []uint16, first string, flags audit.Flags, is func(b []byte) verdict) *Dissector {
	return &Dissector{
		Name:  name,
		Doc:   doc,
		Proto: proto,
		Ports: ports,
		First: func(b byte) bool { return first == "" || strings.IndexByte(first, b) >= 0 },
		Run: func(v *flow.View, see *Sight) (step flow.Step) {
			if len(ports) > 0 && !onAny(v, ports) {
				return flow.Step{}
			}
			for _, h := range [...]*flow.Head{v.Client, v.Server} {
				if len(h.Segments) == 0 {
					continue
				}
				b := h.Bytes
				if v.Proto == audit.UDP {
					b = b[:h.Segments[0].End]
				}
				switch is(b) {
				case yes:
					see.Flags |= flags
					see.See(audit.SeenProtocol, name, h, 0, min(len(b), 16))
					return flow.Step{Mine: true, Done: true}
				case perhaps:
					step.More = step.More || v.Proto == audit.TCP && !v.Closed && !h.Gap
				}
			}
			return step
		},
	}
}

// startsWith believes bytes that begin with one of list.
func startsWith(list ...string) func(b []byte) verdict {
	return func(b []byte) (best verdict) {
		for _, s := range list {
			if begins(b, s) {
				if len(b) >= len(s) {
					return yes
				}
				best = perhaps
			}
		}
		return best
	}
}

// believe makes a verdict of ok.
func believe(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

const capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

var (
	ssh = known("ssh", "Recognises SSH.", audit.TCP, nil, "S", 0, startsWith("SSH-2.0-", "SSH-1.99", "SSH-1.5-")) // RFC 4253, section 4.2

	bitTorrent = known("bittorrent", "Recognises BitTorrent.", audit.TCP, nil, "\x13", 0, startsWith("\x13BitTorrent protocol")) // BEP 3

	// RFC 2131, section 3: operation, hardware type and length, and the magic cookie behind the BOOTP header.
	dhcp = known("dhcp", "Recognises DHCP.", audit.UDP, []uint16{67, 68}, "\x01\x02", 0, func(b []byte) verdict {
		return believe(len(b) >= 240 && (b[0] == 1 || b[0] == 2) && binary.BigEndian.Uint32(b[236:]) == 0x63825363)
	})

	// RFC 8415, section 8: a message type and a transaction id.
	dhcp6 = known("dhcpv6", "Recognises DHCPv6.", audit.UDP, []uint16{546, 547}, "", 0, func(b []byte) verdict {
		return believe(len(b) >= 4 && b[0] >= 1 && b[0] <= 13)
	})

	// RFC 1002, section 4.2: a DNS header, and a name of 32 letters from A to P.
	nbns = known("nbns", "Recognises NetBIOS name service.", audit.UDP, []uint16{137}, "", 0, func(b []byte) verdict {
		if len(b) < 46 || b[12] != 32 || b[45] != 0 {
			return no
		}
		for _, c := range b[13:45] {
			if c < 'A' || c > 'P' {
				return no
			}
		}
		return yes
	})

	// The handshake initiation has 148 bytes, the response 92 (Donenfeld, WireGuard, section 5.4).
	wireGuard = known("wireguard", "Recognises WireGuard.", audit.UDP, nil, "\x01\x02", 0, func(b []byte) verdict {
		return believe(len(b) == 148 && string(b[:4]) == "\x01\x00\x00\x00" || len(b) == 92 && string(b[:4]) == "\x02\x00\x00\x00")
	})

	// A CONNECT packet and its protocol name (MQTT 3.1.1, section 3.1; MQTT 3.1 wrote another name).
	mqtt = known("mqtt", "Recognises MQTT.", audit.TCP, nil, "\x10", audit.Plaintext, func(b []byte) verdict {
		switch {
		case b[0] != 0x10:
			return no
		case len(b) < 12:
			return perhaps
		}
		return believe(bytes.Contains(b[:12], []byte("\x00\x04MQTT")) || bytes.Contains(b[:12], []byte("\x00\x06MQIsdp")))
	})

	rtsp = known("rtsp", "Recognises RTSP.", audit.TCP, nil, capitals, audit.Plaintext, textProtocol("RTSP/1.0"))
	sip  = known("sip", "Recognises SIP.", 0, nil, capitals, audit.Plaintext, textProtocol("SIP/2.0"))
)

const maxTextLine = 1024 // bytes

// textProtocol believes text whose first line is a request or response of the given version (RFC 2326, RFC 3261).
func textProtocol(version string) func(b []byte) verdict {
	return func(b []byte) verdict {
		if b[0] < 'A' || b[0] > 'Z' {
			return no
		}
		if begins(b, version) {
			if len(b) > len(version) {
				return believe(b[len(version)] == ' ')
			}
			return perhaps
		}
		line, _, ok := bytes.Cut(b[:min(len(b), maxTextLine)], []byte("\r\n"))
		for _, c := range line {
			if c < ' ' && c != '\r' || c >= 0x7f {
				return no
			}
		}
		switch {
		case ok:
			return believe(bytes.HasSuffix(line, []byte(" "+version)))
		case len(b) < maxTextLine:
			return perhaps
		}
		return no
	}
}
