package dissect

import (
	"errors"
	"io"
	"net"
	"strconv"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// socks reads what is asked of a SOCKS proxy; what follows is another protocol.
var socks = &Dissector{
	Name:  "socks",
	Doc:   "Reads the destination asked of a SOCKS proxy.",
	Proto: audit.TCP,
	Ports: []uint16{1080},
	First: func(b byte) bool { return b == 4 || b == 5 },
	Run:   runSOCKS,
}

func runSOCKS(v *flow.View, see *Sight) flow.Step {
	if v.MidStream || v.Plain != "" || v.Client.Offset+v.Server.Offset > 0 {
		return flow.Step{} // the first bytes prove little
	}
	step := askSOCKS(v, v.Client, v.Server, see)
	if !step.Mine && !step.More {
		// Behind a relay the proxy may be the one that connects.
		step = askSOCKS(v, v.Server, v.Client, see)
		step.Client, step.Server, step.NeedClient, step.NeedServer = step.Server, step.Client, step.NeedServer, step.NeedClient
	}
	return step
}

// askSOCKS reads the request in c and its answer in s.
func askSOCKS(v *flow.View, c, s *flow.Head, see *Sight) flow.Step {
	if len(c.Bytes) == 0 {
		return flow.Step{}
	}
	q, err := wire.ParseSOCKS(c.Bytes)
	waiting := errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !waiting || len(s.Bytes) > 0 && !answersSOCKS(s.Bytes, q.Version) {
		return flow.Step{}
	}
	last := v.Closed || c.Gap || s.Gap
	if waiting {
		if last || len(c.Bytes) > 1<<10 {
			return flow.Step{}
		}
		return flow.Step{More: true, Mine: q.Version == 5 && len(s.Bytes) > 0}
	}
	n, granted, err := wire.ParseSOCKSReply(s.Bytes, q.Version)
	if errors.Is(err, io.ErrUnexpectedEOF) && !last {
		return flow.Step{More: true, Mine: len(s.Bytes) > 0, NeedClient: flow.MaxHead, NeedServer: len(s.Bytes) + 1}
	}
	if len(s.Bytes) == 0 && q.Version == 5 || err != nil {
		if len(s.Bytes) == 0 {
			return flow.Step{} // a whole request that nobody answered could be anything
		}
		see.Malformed(capture.CutShort, "the proxy's answer is cut", s, 0)
	}
	host := net.JoinHostPort(lowerName(q.Host.Value), strconv.Itoa(int(q.Port)))
	see.Flags |= audit.Proxied
	at := q.Host.At
	if at.Len == 0 {
		at = wire.Span{Len: q.Len} // a request without a host is shown whole
	}
	see.See(audit.SeenUpgrade, "socks "+host, c, at.Off, at.Len)
	return flow.Step{Mine: true, Client: q.Len, Server: n, Restart: granted, Done: !granted, Became: "socks " + host}
}

// answersSOCKS reports whether b can begin a proxy's answer: the method it chose, or the code of SOCKS 4.
func answersSOCKS(b []byte, version byte) bool {
	_, _, err := wire.ParseSOCKSReply(b, version)
	return err == nil || errors.Is(err, io.ErrUnexpectedEOF) && (len(b) < 2 || version != 5 || b[1] <= 9 || b[1] >= 0x80)
}

// proxyHeader passes over the header that a load balancer puts in front of a connection.
var proxyHeader = &Dissector{
	Name:  "proxy-protocol",
	Doc:   "Skips the header that a load balancer puts in front of a connection.",
	Proto: audit.TCP,
	First: func(b byte) bool { return b == 'P' || b == '\r' },
	Run: func(v *flow.View, see *Sight) flow.Step {
		c := v.Client
		if len(c.Bytes) == 0 || c.Offset > 0 {
			return flow.Step{}
		}
		p, err := wire.ParseProxy(c.Bytes)
		switch {
		case err == nil:
			see.See(audit.SeenUpgrade, "proxy protocol", c, 0, p.Len)
			return flow.Step{Mine: true, Client: p.Len, Restart: true, Became: "proxy protocol"}
		case errors.Is(err, io.ErrUnexpectedEOF) && !v.Closed && !c.Gap && len(c.Bytes) < 1<<10:
			return flow.Step{More: true, NeedClient: len(c.Bytes) + 1, NeedServer: flow.MaxHead}
		}
		return flow.Step{}
	},
}
