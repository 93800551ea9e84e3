package audit

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"abroad/capture"
)

// The long lists of a document (flows, observations, answers, claims, endpoints) are written by hand: a recording of a gigabyte has a
// hundred thousand flows, and reflection would take longer than reading the packets. A test holds this file against the struct tags.

// object appends one JSON object field by field.
type object struct {
	b []byte
	n int // fields written
}

func (o *object) key(k string) {
	if o.n > 0 {
		o.b = append(o.b, ',')
	}
	o.n++
	o.b = append(o.b, '"')
	o.b = append(o.b, k...)
	o.b = append(o.b, '"', ':')
}

func begin(b []byte) object       { return object{b: append(b, '{')} }
func (o *object) end() []byte     { return append(o.b, '}') }
func (o *object) str(k, v string) { o.key(k); o.b = appendString(o.b, v) }
func (o *object) id(k string, v ID) {
	o.key(k)
	o.b = append(v.AppendTo(append(o.b, '"')), '"')
}

func (o *object) strOmit(k, v string) {
	if v != "" {
		o.str(k, v)
	}
}

func (o *object) idOmit(k string, v ID) {
	if !v.IsZero() {
		o.id(k, v)
	}
}

func (o *object) uint(k string, v uint64) { o.key(k); o.b = strconv.AppendUint(o.b, v, 10) }
func (o *object) int(k string, v int64)   { o.key(k); o.b = strconv.AppendInt(o.b, v, 10) }

func (o *object) uintOmit(k string, v uint64) {
	if v != 0 {
		o.uint(k, v)
	}
}

func (o *object) boolOmit(k string, v bool) {
	if v {
		o.key(k)
		o.b = append(o.b, "true"...)
	}
}

func (o *object) time(k string, v capture.Time) {
	o.key(k)
	o.b = append(v.AppendTo(append(o.b, '"')), '"')
}

func (o *object) ref(k string, v capture.Ref) {
	o.key(k)
	o.b = append(v.AppendTo(append(o.b, '"')), '"')
}

func (o *object) addr(k string, v netip.Addr) {
	o.key(k)
	o.b = append(o.b, '"')
	if v.IsValid() {
		o.b = v.AppendTo(o.b)
	}
	o.b = append(o.b, '"')
}

func (o *object) addrPort(k string, v netip.AddrPort) {
	o.key(k)
	o.b = append(o.b, '"')
	if v.IsValid() {
		o.b = v.AppendTo(o.b)
	}
	o.b = append(o.b, '"')
}

func list[T any](o *object, k string, v []T, item func([]byte, *T) []byte) {
	o.key(k)
	o.b = appendList(o.b, v, item)
}

func listOmit[T any](o *object, k string, v []T, item func([]byte, *T) []byte) {
	if len(v) > 0 {
		list(o, k, v, item)
	}
}

func appendList[T any](b []byte, v []T, item func([]byte, *T) []byte) []byte {
	if v == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range v {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, &v[i])
	}
	return append(b, ']')
}

func stringItem(b []byte, v *string) []byte { return appendString(b, *v) }
func idItem(b []byte, v *ID) []byte         { return append(v.AppendTo(append(b, '"')), '"') }
func refItem(b []byte, v *capture.Ref) []byte {
	return append(v.AppendTo(append(b, '"')), '"')
}

// appendString appends v as a JSON string; what is not plain printable ASCII takes the library's way.
func appendString(b []byte, v string) []byte {
	for i := range len(v) {
		if c := v[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&' || c == 0x7f {
			quoted, _ := json.Marshal(v) // a string always marshals
			return appendVisible(b, quoted)
		}
	}
	b = append(b, '"')
	b = append(b, v...)
	return append(b, '"')
}

// appendVisible appends JSON with the characters escaped that a terminal or an editor would act upon instead of showing: DEL, the C1
// controls, and those that change the direction of text. They can only stand inside strings, so the escape is lossless.
func appendVisible(b, quoted []byte) []byte {
	for _, r := range string(quoted) {
		if r < 0x7f || !acts(r) {
			b = utf8.AppendRune(b, r)
			continue
		}
		b = append(b, `\u`...)
		for shift := 12; shift >= 0; shift -= 4 {
			b = append(b, "0123456789abcdef"[r>>shift&15])
		}
	}
	return b
}

// acts reports whether r is DEL, a C1 control, or a mark of text direction (Unicode Bidi_Control).
func acts(r rune) bool {
	return r >= 0x7f && r <= 0x9f || r == 0x61c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func appendFlow(b []byte, f *Flow) []byte {
	o := begin(b)
	o.id("id", f.ID)
	o.id("recording", f.Recording)
	o.str("proto", f.Proto.String())
	o.addrPort("a", f.A)
	o.addrPort("b", f.B)
	o.boolOmit("device", f.Device)
	o.idOmit("endpoint", f.Endpoint)
	o.time("first", f.First)
	o.time("last", f.Last)
	o.ref("packet", f.Packet)
	o.uint("packets_up", uint64(f.PacketsUp))
	o.uint("packets_down", uint64(f.PacketsDown))
	o.uint("bytes_up", f.BytesUp)
	o.uint("bytes_down", f.BytesDown)
	o.uint("payload_up", f.PayloadUp)
	o.uint("payload_down", f.PayloadDown)
	o.strOmit("state", string(f.State))
	o.strOmit("app", f.App)
	listOmit(&o, "tunnels", f.Tunnels, stringItem)
	if f.Flags != 0 {
		o.key("flags")
		o.b = f.Flags.appendTo(o.b)
	}
	listOmit(&o, "names", f.Names, appendName)
	if f.Attribution != nil {
		o.key("attribution")
		o.b = appendAttribution(o.b, f.Attribution)
	}
	listOmit(&o, "rtt", f.RTT, appendRTT)
	o.strOmit("step", f.Step)
	return o.end()
}

func appendName(b []byte, n *Name) []byte {
	o := begin(b)
	o.str("name", n.Name)
	o.str("how", string(n.How))
	list(&o, "because", n.Because, idItem)
	listOmit(&o, "via", n.Via, stringItem)
	return o.end()
}

func appendAttribution(b []byte, a *Attribution) []byte {
	o := begin(b)
	o.str("grade", string(a.Grade))
	o.int("uid", int64(a.UID))
	if a.PID != 0 {
		o.int("pid", int64(a.PID))
	}
	o.strOmit("process", a.Process)
	o.strOmit("app", a.App)
	o.strOmit("package", a.Package)
	o.str("by", a.By)
	list(&o, "because", a.Because, idItem)
	return o.end()
}

func appendRTT(b []byte, r *RTT) []byte {
	o := begin(b)
	o.str("kind", string(r.Kind))
	o.int("ns", r.NS)
	o.ref("sent", r.Sent)
	o.ref("got", r.Got)
	return o.end()
}

func appendObservation(b []byte, v *Observation) []byte {
	o := begin(b)
	o.id("id", v.ID)
	o.idOmit("flow", v.Flow)
	o.str("kind", string(v.Kind))
	o.str("value", v.Value)
	o.str("by", v.By)
	o.time("time", v.Time)
	list(&o, "seen", v.Seen, refItem)
	return o.end()
}

func appendAnswer(b []byte, a *Answer) []byte {
	o := begin(b)
	o.id("id", a.ID)
	o.id("flow", a.Flow)
	o.time("time", a.Time)
	o.addrPort("resolver", a.Resolver)
	o.addr("client", a.Client)
	o.str("question", a.Question)
	o.str("type", a.Type)
	o.str("name", a.Name)
	o.str("value", a.Value)
	o.uint("ttl", uint64(a.TTL))
	o.str("by", a.By)
	o.ref("seen", a.Seen)
	return o.end()
}

func appendClaim(b []byte, c *Claim) []byte {
	o := begin(b)
	o.id("id", c.ID)
	o.addr("address", c.Address)
	o.str("kind", string(c.Kind))
	o.strOmit("country", c.Country)
	o.strOmit("region", c.Region)
	o.strOmit("city", c.City)
	o.uintOmit("as", uint64(c.AS))
	o.strOmit("organisation", c.Organisation)
	o.strOmit("role", string(c.Role))
	o.strOmit("name", c.Name)
	o.strOmit("detail", c.Detail)
	o.strOmit("bound", string(c.Bound))
	o.str("by", c.By)
	o.key("said")
	said := begin(o.b)
	said.id("dataset", c.Said.Dataset)
	said.str("key", c.Said.Key)
	o.b = said.end()
	return o.end()
}

func appendOverflow(b []byte, v *Overflow) []byte {
	o := begin(b)
	o.id("recording", v.Recording)
	o.addr("address", v.Address)
	o.uint("port", uint64(v.Port))
	o.str("proto", v.Proto.String())
	o.uint("packets", v.Packets)
	o.uint("bytes", v.Bytes)
	return o.end()
}
