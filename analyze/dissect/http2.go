package dissect

import (
	"fmt"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// http2Dissector reads HTTP/2 that is not encrypted (RFC 9113, section 3.3), also behind an upgrade from HTTP/1. Its header compression has a
// memory, so a connection is read from its start, as far as one head reaches.
var http2Dissector = &Dissector{
	Name:  "http2",
	Doc:   "Reads hosts, methods and paths from unencrypted HTTP/2 requests.",
	Proto: audit.TCP,
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
		if !whole && h == v.Client {
			step.NeedClient = len(wire.HTTP2Preface)
		} else if !whole {
			step.NeedServer = len(wire.HTTP2Preface)
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
	return flow.Step{Mine: true, Done: true}
}
