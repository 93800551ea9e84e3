package main

import (
	"slices"
	"strings"
	"testing"
)

func TestWorldAgreesWithItself(t *testing.T) {
	if err := checkWorld(); err != nil {
		t.Error(err)
	}
}

// The modelled round trips must be possible, and must show what the recordings are for.
func TestRoundTrips(t *testing.T) {
	here, _ := placeNamed(vantage)
	reach := func(key string) float64 {
		i := slices.IndexFunc(networks, func(n network) bool { return n.key == key })
		return milliseconds(roundTrip(networks[i].place)) * vacuumKM
	}
	for _, n := range networks {
		there, _ := placeNamed(n.place)
		if d := distance(here, there); d > reach(n.key) {
			t.Errorf("%s: light needs longer than %s for %.0f km", n.key, roundTrip(n.place), d)
		}
	}
	for _, tt := range []struct {
		network string
		what    string
		nearest place
		exclude bool
	}{
		{"em-rkv-1", "Greenland is nearest to Iceland", place{"", "GL", 68.2, -29.5}, true},
		{"beacon-dns", "Greenland is nearest to Iceland", place{"", "GL", 68.2, -29.5}, true},
		{"mirage", "Australia", place{"", "AU", -21.9, 113.9}, true},
		{"adrift", "the nearest of the US is Maine", place{"", "US", 44.8, -67}, true},
		{"meridian", "the nearest of the US is Maine", place{"", "US", 44.8, -67}, false},
		{"pr-north-1", "the nearest of the US is Maine", place{"", "US", 44.8, -67}, false},
	} {
		if excluded := distance(here, tt.nearest) > reach(tt.network)*1.08; excluded != tt.exclude {
			t.Errorf("%s: %s (%.0f km), reach %.0f km: excluded %v, want %v", tt.network, tt.what, distance(here, tt.nearest), reach(tt.network), excluded, tt.exclude)
		}
	}
}

func TestEveryGradeRoleAndProtocolIsShown(t *testing.T) {
	var words strings.Builder
	for _, n := range networks {
		words.WriteString(n.shows + "\n")
	}
	for _, want := range []string{"L0", "L1", "L2", "L3", "L4", "role edge", "host,"} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("no network shows %q", want)
		}
	}
	for _, p := range []protocol{http1, http2, http3, tls12, tls12NoSNI, tlsNoSNI, echTLS, plainHTTP, plainH2, push, mailTLS, stun, ntp, dot, doh, doq, dead, caster} {
		for v := range 2 {
			if !slices.ContainsFunc(services, func(s service) bool { return s.speak == p && strings.Contains(s.in[v], "#") }) {
				t.Errorf("version %d: no service speaks %q", v+1, p)
			}
		}
	}
}

func TestSessionsAreInterleaved(t *testing.T) {
	days := [2]map[string]int{{}, {}}
	list := plans()
	for i, p := range list {
		days[p.version][p.start.Format("2006-01-02")]++
		if i > 0 && !list[i-1].start.Before(p.start) {
			t.Errorf("session %d begins before the one before it", i)
		}
	}
	for v, d := range days {
		n := 0
		for _, c := range d {
			n += c
		}
		if len(d) != 3 || n != 10 {
			t.Errorf("version %d: %d sessions on %d days, want 10 on 3", v+1, n, len(d))
		}
	}
}

// Names of CDN hosts change from each session to the next, and no name is used so rarely that it looks like a rare destination.
func TestRotation(t *testing.T) {
	for v := range 2 {
		count := map[string]int{}
		for n := range 10 {
			names := cdnNames(v, n)
			for _, name := range names {
				count[name]++
				if n > 0 && slices.Contains(cdnNames(v, n-1), name) {
					t.Errorf("version %d: %s in sessions %d and %d", v+1, name, n, n+1)
				}
			}
		}
		for name, c := range count {
			if c < 2 {
				t.Errorf("version %d: %s in %d session", v+1, name, c)
			}
		}
	}
}
