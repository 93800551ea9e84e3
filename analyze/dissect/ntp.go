package dissect

import (
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
)

// ntp recognises the Network Time Protocol. Its packets have no magic number, so it is looked for on its port only.
var ntp = &Dissector{
	Name:  "ntp",
	Doc:   "Recognises network time.",
	Proto: audit.UDP,
	Ports: []uint16{123},
	Run: func(v *flow.View, see *Sight) flow.Step {
		h := earliest(v.Client, v.Server)
		if h == nil || v.ServerAddr.Port() != 123 && v.ClientAddr.Port() != 123 {
			return flow.Step{}
		}
		s := h.Segments[0]
		if _, err := wire.ParseNTP(h.Bytes[s.Start:s.End]); err != nil {
			return flow.Step{}
		}
		see.See(audit.SeenProtocol, "ntp", h, s.Start, s.End-s.Start)
		return flow.Step{Mine: true, Done: true}
	},
}
