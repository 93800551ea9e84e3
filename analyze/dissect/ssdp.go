package dissect

import (
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
)

// ssdp reads UPnP's discovery, which is HTTP in datagrams (UPnP Device Architecture 2.0, section 1).
var ssdp = &Dissector{
	Name:  "ssdp",
	Doc:   "Recognises UPnP discovery.",
	Proto: audit.UDP,
	Ports: []uint16{1900},
	First: func(b byte) bool { return b == 'M' || b == 'N' || b == 'H' },
	Run: func(v *flow.View, see *Sight) flow.Step {
		h := earliest(v.Client, v.Server)
		if h == nil {
			return flow.Step{}
		}
		s := h.Segments[0]
		b := h.Bytes[s.Start:s.End]
		if q, _ := wire.ParseHTTPRequest(b); q.Method == "M-SEARCH" || q.Method == "NOTIFY" {
			see.See(audit.SeenProtocol, "ssdp", h, s.Start, len(q.Method))
			if host := hostOf(q.Host.Value); host != "" {
				see.See(audit.SeenHost, host, h, s.Start+q.Host.At.Off, q.Host.At.Len)
			}
			return flow.Step{Mine: true, Done: true}
		}
		if v.ServerAddr.Port() != 1900 && v.ClientAddr.Port() != 1900 {
			return flow.Step{}
		}
		if r, _ := wire.ParseHTTPResponse(b); r.Status == 200 {
			see.See(audit.SeenProtocol, "ssdp", h, s.Start, len("HTTP/1.1 200"))
			return flow.Step{Mine: true, Done: true}
		}
		return flow.Step{}
	},
}
