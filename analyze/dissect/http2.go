package dissect

import (
	"fmt"
	"net/netip"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// http2Dissector reads HTTP/2 that is not encrypted (RFC 9113, section 3.3), also behind an upgrade from HTTP/1. Its header compression has a
// memory, so a connection is read from its start, as far as one head reaches, and nothing is consumed before.
var http2Dissector = &Dissector{
	Name:  "http2",
	Doc:   "Reads hosts, methods and paths from unencrypted HTTP/2 requests.",
	Proto: audit.TCP,
	First: func(b byte) bool { return b == wire.HTTP2Preface[0] },
	Run:   runHTTP2,
}

func runHTTP2(v *flow.View, see *Sight) flow.Step {
	h := v.Client
	if !begins(h.Bytes, wire.HTTP2Preface) {
		if h = v.Server; !begins(h.Bytes, wire.HTTP2Preface) {
			return flow.Step{}
		}
	}
	last := v.Closed || h.Gap || len(h.Bytes) >= flow.MaxHead
	whole := len(h.Bytes) >= len(wire.HTTP2Preface)
	if !last {
		step := flow.Step{Mine: whole, More: true, NeedClient: flow.MaxHead, NeedServer: flow.MaxHead}
		switch {
		case h == v.Client && !whole:
			step.NeedClient = len(wire.HTTP2Preface)
		case !whole:
			step.NeedServer = len(wire.HTTP2Preface)
		case h == v.Client && v.Server.Offset == 0:
			requests, _, _ := wire.ReadHTTP2(h.Bytes)
			if len(requests) > 0 && !asksDNS(requests) {
				return flow.Step{Mine: true, Server: all, NeedClient: flow.MaxHead} // what is answered is not read
			}
			if len(requests) == 0 {
				step.NeedClient = len(h.Bytes) + 1
			}
		}
		return step
	}
	if !whole {
		return flow.Step{}
	}
	see.Flags |= audit.Plaintext
	requests, n, err := wire.ReadHTTP2(h.Bytes)
	for i := range requests {
		q := &requests[i]
		see.See(audit.SeenRequest, fmt.Sprintf("%s %s (%d bytes)", q.Method, q.Path, q.PathLen), h, q.At.Off, q.At.Len)
		host := hostOf(q.Authority)
		if host == "" {
			host = hostOf(q.Host)
		}
		if host != "" {
			see.See(audit.SeenHost, host, h, q.At.Off, q.At.Len)
		}
	}
	if err != nil && wire.Need(err) == 0 {
		see.Malformed(capture.Malformed, fmt.Sprintf("frames: %v", err), h, min(n, len(h.Bytes)-1))
	}
	if asksDNS(requests) {
		dnsInFrames(v.Client, len(wire.HTTP2Preface), v.ClientAddr, v.ServerAddr, see)
		dnsInFrames(v.Server, 0, v.ServerAddr, v.ClientAddr, see)
	}
	return flow.Step{Mine: true, Done: true}
}

// asksDNS reports whether a request's path is the one that resolvers use (RFC 8484, section 4.1).
func asksDNS(requests []wire.HTTP2Request) bool {
	for i := range requests {
		if strings.HasSuffix(requests[i].Path, "/dns-query") {
			return true
		}
	}
	return false
}

// dnsInFrames reads DNS messages that stand each in one DATA frame. It is DNS over HTTPS without encryption, as decrypting proxies record it.
func dnsInFrames(h *flow.Head, off int, from, to netip.AddrPort, see *Sight) {
	for off+9 <= len(h.Bytes) {
		c := wire.At(h.Bytes, off)
		n, typ, flags := int(c.Uint(3)), c.Byte(), c.Byte()
		start, end := off+9, off+9+n
		off = end
		if typ != 0 || end > len(h.Bytes) {
			continue
		}
		if flags&0x08 != 0 && n > 0 {
			start, end = start+1, end-int(h.Bytes[start])
		}
		if start >= end {
			continue
		}
		first := len(see.Answers)
		m := message{h: h, off: start, b: h.Bytes[start:end], from: from, to: to}
		m.read(see, false)
		for i := range see.Answers[first:] {
			see.Answers[first+i].By = dnsDissector.Name
		}
	}
}
