package main

import (
	"fmt"
	"math"
	"net/netip"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// A distance bounds places by a round trip that the user measured. The zero distance bounds nothing.
type distance struct {
	physics *locate.Physics
	samples []locate.Sample
	key     string // what claims quote
}

// longestRTT is the longest round trip that is taken for one, in ms.
const longestRTT = 60_000

// newDistance reads --vantage and --rtt, which stand together, and returns the map of the world that its claims cite, as number n. streamed says
// that a round trip may stand behind each address instead.
func newDistance(vantage string, ms float64, given, streamed bool, n int) (d distance, world audit.Dataset, err error) {
	where, err := parseVantage(vantage)
	switch {
	case err != nil:
		return d, world, usagef("", "--vantage: %w", err)
	case where == nil && given, where != nil && !given && !streamed:
		return d, world, usagef("", "--vantage and --rtt: want both or none of them")
	case where == nil:
		return d, world, nil
	case given && !plausibleRTT(ms):
		return d, world, usagef("", "--rtt %g: want milliseconds, more than 0 and at most %d", ms, longestRTT)
	}
	if world, err = locate.Map(); err != nil {
		return d, world, err
	}
	world.ID = audit.ID{Kind: audit.KindDataset, N: uint32(n)}
	if d.physics, err = locate.NewPhysics(where, world.ID); err != nil {
		return d, world, usagef("", "--vantage: %w", err)
	}
	if given {
		d.measured(ms)
	}
	return d, world, nil
}

func plausibleRTT(ms float64) bool { return ms > 0 && ms <= longestRTT }

// measured takes a round trip for the addresses that follow.
func (d *distance) measured(ms float64) {
	d.samples = []locate.Sample{{RTT: audit.RTT{Kind: audit.RTTTLS, NS: int64(math.Ceil(ms * 1e6))}}}
	d.key = fmt.Sprintf("RTT %g ms, given by hand", ms)
}

// nowhere is what is said of a round trip in which not even the vantage's own country is reached.
const nowhere = "the round trip is not believed: no country is so near to the vantage"

// bound adds what the round trip says to the claims about an address, and returns the countries that it leaves, and why it is not believed.
func (d *distance) bound(address netip.Addr, claims []audit.Claim) (all []audit.Claim, within []string, doubt string) {
	if d.physics == nil || len(d.samples) == 0 {
		return claims, nil, ""
	}
	var said []string
	for i := range claims {
		switch claims[i].Kind {
		case audit.ClaimOperator, audit.ClaimDatabase:
			if claims[i].Country != "" {
				said = append(said, claims[i].Country)
			}
		}
	}
	bounds, within, none := d.physics.Bound(address, d.samples, said)
	if none {
		return claims, nil, nowhere
	}
	for _, c := range bounds {
		c.Said.Key = d.key
		claims = append(claims, c)
	}
	return claims, within, ""
}
