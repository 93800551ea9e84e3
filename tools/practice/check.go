package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// The fiction's address space. Nobody uses it: benchmarking networks (RFC 2544) and the benchmarking prefix of IPv6 (RFC 5180).
var (
	space  = netip.MustParsePrefix("198.18.0.0/15")
	space6 = netip.MustParsePrefix("2001:2::/48")
)

// checkWorld reports what in the table contradicts itself.
func checkWorld() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	seen := map[string]bool{}
	for _, n := range networks {
		if _, ok := placeNamed(n.place); !ok {
			wrong("network %s: no place %q", n.key, n.place)
		}
		if operatorNamed(n.operator).key == "" && !n.unlisted {
			wrong("network %s: no operator %q", n.key, n.operator)
		}
		if (n.geofeed == "") != (n.city == "") || n.table != "" && n.region == "" {
			wrong("network %s: half a row", n.key)
		}
		here, _ := placeNamed(n.place)
		if said := n.table + n.geofeed; said != "" && said != here.country {
			wrong("network %s: its operator says %s, it is in %s", n.key, said, here.country)
		}
		for _, p := range n.prefixes {
			prefix, err := netip.ParsePrefix(p)
			if err != nil || prefix.Masked() != prefix || prefix.String() != p || !inSpace(prefix.Addr()) {
				wrong("network %s: prefix %q", n.key, p)
			}
			if seen[p] {
				wrong("prefix %s twice", p)
			}
			seen[p] = true
		}
	}
	for _, t := range tokens {
		if operatorNamed(t.operator).key == "" {
			wrong("token %s: no operator %q", t.word, t.operator)
		}
	}
	for _, o := range owners {
		if !strings.HasSuffix(o.suffix, ".example") || o.seat == "" || o.parentSeat == "" {
			wrong("owner of %s", o.suffix)
		}
	}
	keys := map[string]bool{}
	for _, s := range services {
		if keys[s.key] {
			wrong("service %s twice", s.key)
		}
		keys[s.key] = true
		if s.host != "" && !strings.HasSuffix(s.host, ".example") && !strings.HasSuffix(s.host, ".local") {
			wrong("service %s: name %q", s.key, s.host)
		}
		for v := range s.in {
			if len(s.in[v]) != 10 || strings.Trim(s.in[v], "#.") != "" {
				wrong("service %s: sessions %q", s.key, s.in[v])
			}
			for _, a := range s.at[v] {
				addr, err := netip.ParseAddr(a)
				if err != nil || inSpace(addr) && networkOf(addr) == nil {
					wrong("service %s: address %q", s.key, a)
				}
			}
		}
	}
	for _, st := range append(append([]step{}, script...), idle...) {
		for _, v := range st.visits {
			if !keys[v.service] && !strings.HasPrefix(v.service, cdn) {
				wrong("step %q: no service %q", st.words, v.service)
			}
		}
	}
	return errors.Join(errs...)
}

func inSpace(a netip.Addr) bool { return space.Contains(a) || space6.Contains(a) }
