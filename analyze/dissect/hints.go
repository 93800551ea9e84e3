package dissect

import (
	"net/netip"
	"strings"
)

// Hints returns the addresses that the value of an HTTPS or SVCB answer gives for its target (ipv4hint and ipv6hint, RFC 9460 section 7.3),
// and the target's name, "." if it is the owner's. An address in there names the service as an A or AAAA answer for the target would.
func Hints(value string) (target string, addrs []netip.Addr) {
	_, rest, _ := strings.Cut(value, " ")
	n := 0
	for n < len(rest) && rest[n] != ' ' {
		if rest[n] == '\\' {
			n++
		}
		n++
	}
	n = min(n, len(rest))
	target, rest = wireName(rest[:n]), strings.TrimPrefix(rest[n:], " ")
	for rest != "" {
		var text string
		n := strings.IndexAny(rest, "= ")
		if n < 0 {
			break
		}
		key := rest[:n]
		if rest = rest[n:]; strings.HasPrefix(rest, `="`) {
			text, rest = quoted(rest[2:])
		} else {
			text, rest, _ = strings.Cut(strings.TrimPrefix(rest, "="), " ")
		}
		rest = strings.TrimPrefix(rest, " ")
		if key != "ipv4hint" && key != "ipv6hint" {
			continue
		}
		for word := range strings.SplitSeq(text, ",") {
			if addr, err := netip.ParseAddr(word); err == nil {
				addrs = append(addrs, addr.Unmap())
			}
		}
	}
	return target, addrs
}

// quoted splits s behind the first quotation mark that has no backslash in front.
func quoted(s string) (text, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
