package dissect

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// dnsHeader is the length of a message's header, in bytes (RFC 1035, section 4.1.1).
const dnsHeader = 12

// Least lengths of what is counted in a header, in bytes: they bound the counts.
const (
	leastQuestion = 5  // root, type, class
	leastRecord   = 11 // root, type, class, ttl, length
)

// A message is one DNS message, perhaps cut. It is read record by record, so that what stands before a cut or a fault is kept.
type message struct {
	h        *flow.Head
	off      int // of b in h.Bytes
	b        []byte
	cut      bool // b is not the whole message
	alone    bool // nothing was ever seen from the other side, so questions must be taken from answers
	from, to netip.AddrPort
}

// plausible reports whether b can begin a DNS message of n bytes. Of an unknown port much more is asked.
func plausible(b []byte, n int, known bool) bool {
	if n < dnsHeader || len(b) < dnsHeader {
		return false
	}
	answer, opcode, z, rcode := b[2]&0x80 != 0, b[2]>>3&15, b[3]&0x40 != 0, b[3]&15
	count := func(i int) int { return int(binary.BigEndian.Uint16(b[4+2*i:])) }
	qd, an, ns, ar := count(0), count(1), count(2), count(3)
	if dnsHeader+qd*leastQuestion+(an+ns+ar)*leastRecord > n {
		return false
	}
	if known {
		return qd+an+ns+ar > 0 || answer
	}
	switch {
	case opcode != 0 || z || qd != 1 || rcode > 10:
		return false
	case answer:
		return true
	}
	return an == 0 && ns == 0 && ar <= 2 && rcode == 0
}

// soundQuestion reports whether the first question, as far as it is there, is of a class in use (RFC 6895, section 3.2).
func soundQuestion(b []byte) bool {
	_, off, err := dns.UnpackDomainName(b, dnsHeader)
	if err != nil {
		return err == dns.ErrBuf
	}
	if off+4 > len(b) {
		return true
	}
	typ, class := binary.BigEndian.Uint16(b[off:]), binary.BigEndian.Uint16(b[off+2:])&0x7fff
	return typ != 0 && (class == dns.ClassINET || class == dns.ClassCHAOS || class == dns.ClassHESIOD || class == dns.ClassANY || class == dns.ClassNONE)
}

// read reports whether m is a DNS message, and what it says. With known unset a message with a fault is not one.
func (m *message) read(see *Sight, known bool) bool {
	if m.cut {
		known = known || len(m.b) > 64 // enough of it that chance is out of the question
	}
	n := len(m.b)
	if m.cut {
		n = 1 << 16
	}
	if !plausible(m.b, n, known) || !known && !soundQuestion(m.b) {
		return false
	}
	start := see.mark()
	answer, truncated := m.b[2]&0x80 != 0, m.b[2]&0x02 != 0
	question, off, err := m.questions(see, !answer || m.alone)
	if err == nil {
		off, err = m.answers(see, off, question, answer, known)
	}
	switch {
	case err == nil && off < len(m.b) && !known:
		see.cut(start)
		return false
	case err == nil:
	case m.cut && cutShort(err):
		see.Malformed(capture.CutShort, fmt.Sprintf("message cut at byte %d", len(m.b)), m.h, m.off)
	case !known || off == dnsHeader:
		see.cut(start) // not even one record makes sense
		return false
	default:
		see.Malformed(capture.Malformed, fmt.Sprintf("at byte %d: %v", off, err), m.h, m.off+min(off, len(m.b)-1))
	}
	if answer && truncated {
		see.See(audit.SeenProtocol, "dns-truncated", m.h, m.off+2, 1)
	}
	return true
}

func (m *message) records() int {
	return int(binary.BigEndian.Uint16(m.b[6:])) + int(binary.BigEndian.Uint16(m.b[8:])) + int(binary.BigEndian.Uint16(m.b[10:]))
}

// questions reads the question section and returns the first name asked for, and the offset behind the section or of its first fault.
func (m *message) questions(see *Sight, tell bool) (first string, off int, err error) {
	off = dnsHeader
	for i := range int(binary.BigEndian.Uint16(m.b[4:])) {
		name, next, err := dns.UnpackDomainName(m.b, off)
		if err == nil && next+4 > len(m.b) {
			err = errShort
		}
		if err != nil {
			return first, off, err
		}
		if i == 0 {
			first = wireName(name)
		}
		if tell {
			value := wireName(name) + " " + typeName(binary.BigEndian.Uint16(m.b[next:]))
			see.See(audit.SeenQuery, value, m.h, m.off+off, next+4-off)
		}
		off = next + 4
	}
	return first, off, nil
}

var errShort = fmt.Errorf("unexpected end of the message")

// cutShort reports whether err can come from a cut.
func cutShort(err error) bool { return err == errShort || err == dns.ErrBuf }

// answers reads the answer, authority and additional sections, and returns the offset behind them or of the first fault.
// A record whose data alone is wrong is passed over, if known is set.
func (m *message) answers(see *Sight, off int, question string, answer, known bool) (int, error) {
	opcode := m.b[2] >> 3 & 15
	for range m.records() {
		name, head, err := dns.UnpackDomainName(m.b, off)
		if err != nil {
			return off, err
		}
		if head+10 > len(m.b) {
			return off, errShort
		}
		typ, class, ttl := binary.BigEndian.Uint16(m.b[head:]), binary.BigEndian.Uint16(m.b[head+2:]), binary.BigEndian.Uint32(m.b[head+4:])
		data, end := head+10, head+10+int(binary.BigEndian.Uint16(m.b[head+8:]))
		if end > len(m.b) {
			return off, errShort
		}
		switch {
		case typ == dns.TypeOPT:
			m.subnet(see, data, end)
		case answer && opcode != dns.OpcodeUpdate && class&0x7fff == dns.ClassINET: // the top bit is mDNS's cache flush
			value, err := m.value(typ, data, end)
			if err != nil && !known {
				return off, err
			}
			if err != nil {
				see.Malformed(capture.Malformed, fmt.Sprintf("%s record at byte %d: %v", typeName(typ), off, err), m.h, m.off+off)
				break
			}
			if value == "" {
				break
			}
			a := audit.Answer{
				Time: m.h.TimeAt(m.off), Resolver: m.from, Client: m.to.Addr(), Question: question, Type: typeName(typ), Name: wireName(name),
				Value: value, TTL: ttl, Seen: firstRef(m.h, m.off+off, end-off),
			}
			see.Answers = append(see.Answers, a)
		}
		off = end
	}
	return off, nil
}

// value writes the data of a record; "" for types that are not kept.
func (m *message) value(typ uint16, data, end int) (string, error) {
	switch typ {
	case dns.TypeA, dns.TypeAAAA:
		addr, ok := netip.AddrFromSlice(m.b[data:end])
		if !ok || addr.Is4() != (typ == dns.TypeA) {
			return "", fmt.Errorf("address of %d bytes", end-data)
		}
		return addr.String(), nil
	case dns.TypeCNAME:
		target, next, err := dns.UnpackDomainName(m.b[:end], data)
		if err == nil && next != end {
			err = fmt.Errorf("name of %d bytes in a field of %d", next-data, end-data)
		}
		return wireName(target), err
	case dns.TypeHTTPS, dns.TypeSVCB:
		return m.service(typ, data, end)
	}
	return "", nil
}

// service writes a SVCB or HTTPS record in presentation form (RFC 9460, section 2.1): priority, target, parameters. The target keeps its
// escapes, but is lower-cased and has no final dot; "." stands for the owner itself. Hints reads it back.
func (m *message) service(typ uint16, data, end int) (string, error) {
	if data == end {
		return "", nil
	}
	head := dns.RR_Header{Name: ".", Rrtype: typ, Class: dns.ClassINET, Rdlength: uint16(end - data)}
	rr, next, err := dns.UnpackRRWithHeader(head, m.b[:end], data)
	if err == nil && next != end {
		err = fmt.Errorf("service of %d bytes in a field of %d", next-data, end-data)
	}
	if err != nil {
		return "", err
	}
	var s *dns.SVCB
	switch rr := rr.(type) {
	case *dns.SVCB:
		s = rr
	case *dns.HTTPS:
		s = &rr.SVCB
	default:
		return "", nil
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(int(s.Priority)))
	b.WriteByte(' ')
	b.WriteString(lowerName(s.Target))
	for _, p := range s.Value {
		b.WriteByte(' ')
		b.WriteString(p.Key().String())
		if v := p.String(); v != "" {
			b.WriteString(`="`)
			b.WriteString(v)
			b.WriteByte('"')
		}
	}
	return b.String(), nil
}

// subnet reads the client subnet option (RFC 7871, section 6): part of the client's address, told to the servers behind the resolver.
func (m *message) subnet(see *Sight, off, end int) {
	for off+4 <= end {
		code, n := binary.BigEndian.Uint16(m.b[off:]), int(binary.BigEndian.Uint16(m.b[off+2:]))
		if off+4+n > end {
			return
		}
		if body := m.b[off+4 : off+4+n]; code == dns.EDNS0SUBNET && n >= 4 {
			var full [16]byte
			size := 16
			if binary.BigEndian.Uint16(body) == 1 {
				size = 4
			}
			if n-4 <= size {
				copy(full[:], body[4:])
				addr, _ := netip.AddrFromSlice(full[:size])
				if p, err := addr.Prefix(int(body[2])); err == nil && p.Bits() > 0 {
					see.See(audit.SeenProtocol, "edns-client-subnet "+p.String(), m.h, m.off+off, 4+n)
				}
			}
		}
		off += 4 + n
	}
}

// typeName returns "AAAA", or "TYPE123" for a type without a name (RFC 3597, section 5).
func typeName(typ uint16) string {
	if name, ok := dns.TypeToString[typ]; ok {
		return name
	}
	return "TYPE" + strconv.Itoa(int(typ))
}
