package locate

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"sort"
	"strconv"

	"abroad/analyze/audit"
	"abroad/analyze/locate/earth"
)

// How far a signal goes in half a round trip, in km per ms of round trip.
const (
	lightHalf = 299.792458 / 2    // in vacuum: radio, satellites and hollow fibre come near it, nothing passes it
	fibreHalf = lightHalf * 2 / 3 // in glass
)

// byPhysics is the name in claims.
const byPhysics = "physics"

// A Sample is a round trip, and how much longer it may have been than the file says, in ns: a clock that counts milliseconds hides almost
// one.
type Sample struct {
	audit.RTT
	Tick int64
}

// longest is the longest that the round trip may have taken, in ms.
func (s *Sample) longest() float64 { return float64(s.NS+s.Tick) / 1e6 }

// A Physics turns round trips measured at one vantage into what is possible. It is for one goroutine.
type Physics struct {
	near []earth.Distance // nearest first; KM is a lower bound
	sets [][]string       // [n]: codes of the n nearest, sorted; made when asked for
	data audit.ID
}

// NewPhysics measures the world from a vantage, which takes milliseconds. Its claims cite dataset, the map's number in the audit.
func NewPhysics(v *audit.Vantage, dataset audit.ID) (*Physics, error) {
	world, err := earth.Open()
	if err != nil {
		return nil, err
	}
	near, slack := []earth.Distance(nil), earth.Generalised
	if v.Country != "" {
		var ok bool
		if near, ok = world.FromCountry(v.Country); !ok {
			return nil, fmt.Errorf("the map has no territory %q", v.Country)
		}
		slack += earth.Generalised // of both borders
	} else {
		near = world.From(v.Lat, v.Lon)
		slack += v.Radius
	}
	for i := range near {
		near[i].KM = math.Max(0, near[i].KM*(1-earth.Flattening)-slack)
	}
	return &Physics{near: near, sets: make([][]string, len(near)+1), data: dataset}, nil
}

// Map describes the map of the world, for an audit that cites it.
func Map() (audit.Dataset, error) {
	d := audit.Dataset{
		Name: earth.Name, Title: earth.Title, Publisher: earth.Publisher, Licence: earth.Licence, AsOf: earth.AsOf, Embedded: true,
	}
	err := d.SHA256.UnmarshalText([]byte(earth.SHA256()))
	return d, err
}

// reach returns how many territories lie within km.
func (p *Physics) reach(km float64) int {
	return sort.Search(len(p.near), func(i int) bool { return p.near[i].KM > km })
}

// set returns the codes of the n nearest territories, sorted. Callers share it.
func (p *Physics) set(n int) []string {
	if p.sets[n] == nil {
		list := make([]string, n)
		for i := range list {
			list[i] = p.near[i].Country
		}
		slices.Sort(list)
		p.sets[n] = list
	}
	return p.sets[n]
}

// away returns how far a country is at least, and whether the map has it.
func (p *Physics) away(country string) (km float64, ok bool) {
	i := slices.IndexFunc(p.near, func(d earth.Distance) bool { return d.Country == country })
	if i < 0 {
		return 0, false
	}
	return p.near[i].KM, true
}

// Bound returns what the round trips to an address leave: claims without ids, and the countries within reach, sorted (nil if all are, and
// shared between calls). said are the countries that others name; those that are too far get a claim of their own. Only TLS and QUIC
// exclude, at the speed of light in vacuum. If nothing at all is within reach, the vantage is not where it is said to be: nowhere is true,
// and nothing is claimed.
func (p *Physics) Bound(address netip.Addr, samples []Sample, said []string) (claims []audit.Claim, within []string, nowhere bool) {
	var sure, quick *Sample // the shortest over TLS or QUIC, and the shortest of all
	for i := range samples {
		s := &samples[i]
		if s.Kind != audit.RTTSYN && (sure == nil || s.longest() < sure.longest()) {
			sure = s
		}
		if quick == nil || s.longest() < quick.longest() {
			quick = s
		}
	}
	if sure == nil && quick == nil {
		return nil, nil, false
	}
	claim := func(s *Sample, bound audit.Bound, country, detail string) {
		claims = append(claims, audit.Claim{
			Address: address, Kind: audit.ClaimPhysics, Country: country, Bound: bound, Detail: detail, By: byPhysics,
			Said: audit.Citation{Dataset: p.data, Key: s.words()},
		})
	}
	light := math.Inf(1)
	if sure != nil {
		light = sure.longest() * lightHalf
		switch n := p.reach(light); n {
		case 0:
			return nil, nil, true
		case len(p.near):
		default:
			within = p.set(n)
			claim(sure, audit.BoundWithin, "", fmt.Sprintf("at most %.0f km away at the speed of light: %s", math.Ceil(light), countriesOf(n)))
		}
	}
	said = slices.Clone(said)
	slices.Sort(said)
	for _, country := range slices.Compact(said) {
		km, ok := p.away(country)
		fibre := quick.longest() * fibreHalf
		switch {
		case !ok:
		case km > light:
			claim(sure, audit.BoundCannotBe, country, fmt.Sprintf("at least %.0f km away, and in half the time light goes %.0f km", math.Floor(km), math.Ceil(light)))
		case km > fibre:
			claim(quick, audit.BoundImplausible, country, fmt.Sprintf("at least %.0f km away, and in half the time a signal in fibre goes %.0f km", math.Floor(km), math.Ceil(fibre)))
		}
	}
	return claims, within, false
}

func countriesOf(n int) string {
	if n == 1 {
		return "one country"
	}
	return fmt.Sprintf("%d countries", n)
}

// words quotes the sample: "RTT 8.1 ms over TLS, r1#12 to r1#15".
func (s *Sample) words() string {
	over := map[audit.RTTKind]string{audit.RTTSYN: "TCP", audit.RTTTLS: "TLS", audit.RTTQUIC: "QUIC"}[s.Kind]
	return fmt.Sprintf("RTT %s ms over %s, %s to %s", strconv.FormatFloat(float64(s.NS)/1e6, 'f', decimals(s.NS), 64), over, s.Sent, s.Got)
}

// decimals gives short times more of them.
func decimals(ns int64) int {
	if ns < 1e6 {
		return 3
	}
	return 1
}

// Tick returns the step of the clock that measured times, in ns, as far as the times show it: the largest power of 1,000 up to a second that
// divides them all; 0 for no times.
func Tick(times func(yield func(ns int64) bool)) int64 {
	tick := int64(1e9)
	seen := false
	for ns := range times {
		seen = true
		for ns%tick != 0 {
			tick /= 1000
		}
	}
	if !seen {
		return 0
	}
	return tick
}
