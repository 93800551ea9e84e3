package dissect

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
	"abroad/capture"
)

// httpDissector reads every request of a connection: it consumes message by message, and passes over bodies by their lengths. Of what it reads
// it keeps the method, the path up to "?", how long the target was, and the host; never the query, a cookie or an authorization.
//
// It keeps no state between calls: where a body's length is not known, or bytes were lost, it goes on where a packet begins with a request.
var httpDissector = &Dissector{
	Name:  "http",
	Doc:   "Reads hosts, methods and paths from unencrypted HTTP/1 requests.",
	Proto: audit.TCP,
	Ports: []uint16{80, 8080, 8000, 3128},
	First: func(b byte) bool { return b > ' ' && b < 0x7f || b == '\r' || b == '\n' },
	Run:   runHTTP,
}

// An httpSide is what was read of one direction.
type httpSide struct {
	h        *flow.Head
	last     bool // nothing more will be added
	mine     bool // requests, or a response, were seen
	response bool // the direction begins with a response
	read     int  // bytes
	need     int  // bytes behind read; 0 if the side was read to its end
	restart  bool // TLS begins behind read
	tunnel   bool // a CONNECT stands at read
	done     bool // a protocol that is of no interest begins behind read
}

func runHTTP(v *flow.View, see *Sight) flow.Step {
	c, s := readHTTP(v, v.Client, see), readHTTP(v, v.Server, see)
	asks, answers := &c, &s
	if s.mine && !s.response && !c.mine { // in mid-stream the first packet may be the answer
		asks, answers = &s, &c
	}
	if !c.mine && !s.mine {
		if c.need > 0 && !c.last || s.need > 0 && !s.last {
			return flow.Step{More: true, NeedClient: orAll(c.need), NeedServer: orAll(s.need)}
		}
		return flow.Step{}
	}
	see.Flags |= audit.Plaintext
	step := flow.Step{Mine: true}
	if asks.tunnel && asks.read == 0 {
		step = connectHTTP(asks, answers, see)
	} else {
		step.Client, step.NeedClient = asks.read, asks.need
		switch {
		case asks.restart:
			step.Restart, step.Became = true, "http upgrade"
			step.Server = tlsStart(answers.h)
		case asks.tunnel:
			step.Server = len(answers.h.Bytes) // answers to what came before
		case answers.response, asks.read > 0:
			step.Server = all // what is answered is not read
		}
		step.Done = asks.done
	}
	if asks == &s {
		step.Client, step.Server, step.NeedClient, step.NeedServer = step.Server, step.Client, step.NeedServer, step.NeedClient
	}
	return step
}

func orAll(need int) int {
	if need == 0 {
		return flow.MaxHead
	}
	return need
}

// readHTTP reads the requests of one direction.
func readHTTP(v *flow.View, h *flow.Head, see *Sight) (r httpSide) {
	r.h = h
	for {
		b := h.Bytes[min(r.read, len(h.Bytes)):]
		r.last = v.Closed || h.Gap || len(b) >= flow.MaxHead
		if len(b) == 0 || r.restart || r.done {
			return r
		}
		if r.mine && beginsTLS(b) {
			see.See(audit.SeenUpgrade, "http upgrade", h, r.read, 1)
			r.restart = true
			return r
		}
		q, err := wire.ParseHTTPRequest(b)
		short := errors.Is(err, io.ErrUnexpectedEOF)
		switch {
		case errors.Is(err, wire.ErrOther), short && q.Method == "" && (r.last || (v.MidStream || h.Offset > 0 || r.read > 0) && !likeMethod(b)):
			if !r.other(v, b, see) {
				return r
			}
			continue
		case short && !r.last:
			r.mine = r.mine || q.Target.Len > 0 // the whole line is there: it could be RTSP otherwise
			r.need = len(b) + 1
			return r
		}
		if q.Method == "CONNECT" && err == nil {
			r.mine, r.tunnel = true, true
			return r
		}
		r.mine = true
		see.request(&q, h, r.read)
		switch {
		case short:
			see.Malformed(capture.CutShort, fmt.Sprintf("request cut at byte %d", len(b)), h, r.read)
		case errors.Is(err, wire.ErrMalformed):
			see.Malformed(capture.Malformed, fmt.Sprintf("request: %v", err), h, r.read)
		}
		if q.Len == 0 { // too long, or cut
			r.read = len(h.Bytes)
			return r
		}
		r.behind(&q, b, see)
	}
}

// behind passes over a request and its body.
func (r *httpSide) behind(q *wire.HTTPRequest, b []byte, see *Sight) {
	n, chunked := q.Body()
	at := r.read
	r.read = add(r.read, q.Len)
	switch {
	case q.Upgrade == "websocket":
		see.See(audit.SeenProtocol, "websocket", r.h, at, q.Len)
		see.App = "websocket"
		r.done = true
	case q.Upgrade == "tcp": // what containers are attached by
		see.See(audit.SeenUpgrade, "http upgrade tcp", r.h, at, q.Len)
		r.done = true
	case chunked:
		n, _, _ = wire.SkipChunks(b[q.Len:])
		fallthrough
	default:
		r.read = add(r.read, int(min(n, all)))
	}
}

// other deals with bytes that begin no request. It reports whether to read on behind them.
func (r *httpSide) other(v *flow.View, b []byte, see *Sight) bool {
	if begins(b, "HTTP/1.") {
		if _, err := wire.ParseHTTPResponse(b); !errors.Is(err, wire.ErrOther) {
			r.mine = len(b) > len("HTTP/1.")
			r.response = r.mine
			r.need = len("HTTP/1.1 200")
		}
		return false
	}
	if !see.chosen && !r.mine {
		return false
	}
	// A chunked body that began in an earlier call.
	if n, _, err := wire.SkipChunks(b); n > 0 {
		r.mine, r.read = true, add(r.read, int(min(n, all)))
		return true
	} else if errors.Is(err, io.ErrUnexpectedEOF) && len(b) < maxChunkLine && isHex(b[0]) && !r.last {
		r.need = len(b) + 1
		return false
	}
	if begins(b, wire.HTTP2Preface) {
		r.need = len(wire.HTTP2Preface)
		return false // the connection was upgraded: another dissector's
	}
	if r.response = r.response || r.h == v.Server && !r.mine; r.response {
		return false
	}
	next := len(r.h.Bytes)
	for _, s := range r.h.Segments {
		if s.Start <= r.read {
			continue
		}
		if q, err := wire.ParseHTTPRequest(r.h.Bytes[s.Start:]); err == nil || q.Method != "" {
			next = s.Start
			break
		}
	}
	see.Malformed(capture.Malformed, fmt.Sprintf("%d bytes that belong to no request", next-r.read), r.h, r.read)
	r.mine, r.read = true, next
	return true
}

// maxChunkLine is how long the line with a chunk's size may be that is waited for, in bytes.
const maxChunkLine = 20

func isHex(c byte) bool { return isDigit(c) || lower(c) >= 'a' && lower(c) <= 'f' }

// likeMethod reports whether b, as far as its first word reaches, is in capitals like all methods in use. Methods may be any word, but where
// bytes may be the middle of something, nothing is waited for behind a word like that.
func likeMethod(b []byte) bool {
	for _, c := range b {
		switch {
		case c == ' ':
			return true
		case c != '\r' && c != '\n' && c != '-' && c != '_' && (c < 'A' || c > 'Z'):
			return false
		}
	}
	return true
}

// begins reports whether b begins with s, or is the beginning of s.
func begins(b []byte, s string) bool {
	n := min(len(b), len(s))
	return n > 0 && string(b[:n]) == s[:n]
}

// request adds what is kept of a request that begins at h.Bytes[at].
func (s *Sight) request(q *wire.HTTPRequest, h *flow.Head, at int) {
	start := at + q.Target.Off - len(q.Method) - 1
	switch {
	case q.Path.At.Len > 0 && q.Target.Len == 0: // the line is cut
		s.See(audit.SeenRequest, q.Method+" "+q.Path.Value, h, at+q.Path.At.Off, q.Path.At.Len)
	case q.Path.At.Len > 0:
		s.See(audit.SeenRequest, q.Method+" "+q.Path.Value+" ("+strconv.Itoa(q.Target.Len)+" bytes)", h, start, at+q.Path.At.End()-start)
	case q.Target.Off > 0:
		start = max(at, start)
		s.See(audit.SeenRequest, q.Method+" ("+strconv.Itoa(q.Target.Len)+" bytes)", h, start, at+q.Target.Off-start)
	}
	host := hostOf(q.Host.Value)
	if q.Authority.Value != "" && q.Method != "CONNECT" {
		s.Flags |= audit.Proxied
		if origin := hostOf(q.Authority.Value); origin != "" && origin != host {
			s.See(audit.SeenHost, origin, h, at+q.Authority.At.Off, q.Authority.At.Len)
		}
	}
	if host != "" {
		s.See(audit.SeenHost, host, h, at+q.Host.At.Off, q.Host.At.Len)
	}
}

// hostOf returns the host of "host:port" or "[v6]:port", lower-cased, without a final dot, and cut at a zero byte: no host has one, and most
// programs do not see what is behind it.
func hostOf(authority string) string {
	host, _, _ := strings.Cut(authority, "\x00")
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i > 0 {
			return lowerName(host[1:i])
		}
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host, ':') == i {
		host = host[:i]
	}
	return lowerName(host)
}

// connectHTTP deals with a CONNECT at the start of a direction: what follows the proxy's consent is another protocol.
func connectHTTP(asks, answers *httpSide, see *Sight) (step flow.Step) {
	step.Mine = true
	b, answer := asks.h.Bytes, answers.h.Bytes
	q, _ := wire.ParseHTTPRequest(b)
	r, err := wire.ParseHTTPResponse(answer)
	if len(answer) == 0 && len(b) == q.Len && !asks.last && !answers.last || errors.Is(err, io.ErrUnexpectedEOF) && len(answer) > 0 && !answers.last {
		step.More, step.NeedClient, step.NeedServer = true, q.Len+1, len(answer)+1
		return step
	}
	see.request(&q, asks.h, 0)
	see.Flags |= audit.Proxied
	target := q.Authority
	see.See(audit.SeenUpgrade, "http connect "+lowerName(target.Value), asks.h, target.At.Off, target.At.Len)
	step.Client = q.Len
	switch {
	case r.Len > 0 && r.Status >= 300:
		n, chunked := r.Body("CONNECT")
		if n == wire.NoEnd {
			n = math.MaxInt32
		}
		if chunked {
			n, _, _ = wire.SkipChunks(answer[r.Len:])
		}
		step.Server = add(r.Len, int(min(n, all)))
		return step
	case r.Len > 0:
		step.Server = r.Len
	}
	step.Restart, step.Became = true, "http connect "+lowerName(target.Value)
	return step
}

// beginsTLS reports whether b begins with the header of a handshake record.
func beginsTLS(b []byte) bool {
	return len(b) >= 3 && b[0] == wire.RecordHandshake && b[1] == 3 && b[2] <= 4
}

// tlsStart returns how many bytes of a direction stand before its first line that begins with a TLS handshake record; all there are if none
// does.
func tlsStart(h *flow.Head) int {
	b := h.Bytes
	for i := range b {
		if (i == 0 || b[i-1] == '\n') && beginsTLS(b[i:]) {
			return i
		}
	}
	return len(b)
}
