package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"abroad/analyze/audit"
)

// maxResolved is how many names a source gives for one address.
const maxResolved = 16

// resolvedHeader is that of the tables which "abroad resolve" writes. Each row is one record of an answer; a question without records has one
// row, with the last four columns empty.
//
//	question   the name asked for, or for PTR the address
//	type       A, AAAA, HTTPS or PTR
//	resolver   who was asked: address and port, or URL
//	transport  udp, tcp, dot or doh: how the answer came
//	subnet     the prefix told to the resolver (RFC 7871); empty if none
//	time       when it was asked, RFC 3339, UTC
//	rtt_us     microseconds until the answer; empty if none came
//	code       the response code in words (NOERROR, NXDOMAIN …), or why there is none: "timeout", "refused answer: …"
//	record     type of the record: A, AAAA, CNAME, HTTPS, PTR
//	owner      its name
//	value      address, name, or the service's parameters
//	ttl        seconds
var resolvedHeader = []string{"question", "type", "resolver", "transport", "subnet", "time", "rtt_us", "code", "record", "owner", "value", "ttl"}

// The details of resolved claims.
const (
	ReverseConfirmed   = "reverse look-up, confirmed by the name's own address record"
	ReverseUnconfirmed = "reverse look-up, not confirmed"
	ForwardAnswer      = "the name's address record"
)

// A reply is one row that speaks of an address.
type reply struct {
	name, detail, key string
	rank              int // confirmed first
}

// readResolved reads a table of resolvedHeader. A name that an address gives itself is confirmed if some resolver gave the address for the
// name: anybody can write any name into the reverse tree of his own addresses.
func readResolved(file []byte) (func(*sheet), error) {
	replies, _, err := parseResolved(file)
	if err != nil {
		return nil, err
	}
	return func(s *sheet) {
		for _, r := range replies[s.asked] {
			s.say(r.key, audit.Claim{Kind: audit.ClaimResolved, Name: r.name, Detail: r.detail})
		}
	}, nil
}

type named struct {
	address netip.Addr
	name    string
}

// parseResolved returns what is said about each address, in a fixed order, and the day of the last question.
func parseResolved(file []byte) (replies map[netip.Addr][]reply, last string, err error) {
	forward := map[named]string{} // to the key of the earliest row
	reverse := map[named]string{}
	err = readRows(file, resolvedHeader, func(_ int, f []string) error {
		at, err := time.Parse(time.RFC3339, f[5])
		if err != nil {
			return fmt.Errorf("time %q: want one like 2006-01-02T15:04:05Z", f[5])
		}
		last = max(last, at.UTC().Format(time.DateOnly))
		switch f[1] {
		case "A", "AAAA", "HTTPS", "PTR":
		default:
			return fmt.Errorf("type %q: want A, AAAA, HTTPS or PTR", f[1])
		}
		if f[0] == "" || f[2] == "" || f[7] == "" {
			return errors.New("question, resolver or code is empty")
		}
		key := func(what string) string {
			return tidy(fmt.Sprintf("%s %s, asked of %s at %s", what, f[1], f[2], at.UTC().Format(time.RFC3339)))
		}
		keep := func(into map[named]string, n named) {
			if old, ok := into[n]; !ok || key(f[0]) < old {
				into[n] = key(f[0])
			}
		}
		switch {
		case f[1] == "PTR":
			a, err := netip.ParseAddr(f[0])
			if err != nil {
				return fmt.Errorf("question %q: want an address", f[0])
			}
			if name := plainName(f[10]); f[8] == "PTR" && name != "" {
				keep(reverse, named{a.Unmap(), name})
			}
		case f[8] == "A" || f[8] == "AAAA":
			a, err := netip.ParseAddr(f[10])
			if err != nil {
				return fmt.Errorf("value %q: want an address", f[10])
			}
			if name := plainName(f[0]); name != "" {
				keep(forward, named{a.Unmap(), name})
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	replies = map[netip.Addr][]reply{}
	for n, key := range reverse {
		r := reply{n.name, ReverseUnconfirmed, key, 2}
		if _, ok := forward[n]; ok {
			r.detail, r.rank = ReverseConfirmed, 0
		}
		replies[n.address] = append(replies[n.address], r)
	}
	for n, key := range forward {
		replies[n.address] = append(replies[n.address], reply{n.name, ForwardAnswer, key, 1})
	}
	for a, list := range replies {
		slices.SortFunc(list, func(x, y reply) int {
			if x.rank != y.rank {
				return x.rank - y.rank
			}
			return strings.Compare(x.name, y.name)
		})
		replies[a] = list[:min(len(list), maxResolved)]
	}
	return replies, last, nil
}

// plainName returns a host's name as names are compared; empty for what is none.
func plainName(s string) string {
	s = strings.TrimSuffix(strings.ToLower(s), ".")
	if len(s) > 253 || !strings.Contains(s, ".") || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return ""
	}
	return s
}

// ResolvedDay returns the day of the last question in a table that "abroad resolve" wrote.
func ResolvedDay(file []byte) (string, error) {
	_, last, err := parseResolved(file)
	return last, err
}

// confirmed lists the names that resolvers gave for an address and that were confirmed.
func confirmed(claims []audit.Claim) (names []string) {
	for i := range claims {
		if c := &claims[i]; c.Kind == audit.ClaimResolved && c.Detail == ReverseConfirmed && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}
