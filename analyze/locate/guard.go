package locate

import (
	"math"
	"slices"

	"abroad/analyze/audit"
)

// Off says why round trips exclude nothing; empty if they do. It ends the sentence "round trips exclude nothing: …".
type Off string

// The reasons. A handshake that ends before the server is timed too short, and would exclude where the server really is.
const (
	OffNoVantage Off = "where the recording was made is not declared"
	OffVPN       Off = "a VPN was on, and the server behind it saw another place"
	OffOnDevice  Off = "recorded on the device by a VPN app, which may answer handshakes itself"
	OffMiddlebox Off = "something near answers for every host: TCP connects equally fast to all of them, TLS does not"
	OffAlike     Off = "something near answers for every host: all of them answer over TLS after the same time"
	OffClock     Off = "TLS or QUIC is answered impossibly fast: packet times were not measured, or something near answers"
	OffTooFast   Off = "hosts of provider regions far away answer faster than light: something near answers for them, or the vantage is wrong"
	OffNowhere   Off = "no country is near enough to the vantage for the fastest answers: the vantage is wrong"
)

// When a middlebox is seen at work.
const (
	MiddleboxHosts = 3    // at least so many hosts
	middleboxSYN   = 2    // ms that their shortest TCP handshakes differ at most
	middleboxTLS   = 20   // ms that their shortest TLS handshakes differ at least
	AlikeHosts     = 8    // at least so many hosts whose shortest TLS handshakes differ by no more than
	noTime         = 0.02 // ms in which no server answers a ClientHello, wherever it stands: keys take longer to compute
	alikeTLS       = 2    // ms: a proxy that opens TLS itself; servers in one place differ by more, since some think longer
)

// Declared says why round trips exclude nothing by what was declared about all recordings.
func Declared(o audit.Options) Off {
	switch {
	case o.Vantage == nil:
		return OffNoVantage
	case o.VPN:
		return OffVPN
	}
	return ""
}

// A Host is an address as timed in one recording.
type Host struct {
	Samples []Sample // the shortest of each kind
	// Region is the country that a provider's list of regions names for the host, and Row the row; empty if none does, or if the host is
	// an edge.
	Region, Row string
}

// Recorded says why round trips of one recording exclude nothing. hosts are all that were timed in it.
func (p *Physics) Recorded(r *audit.Recording, hosts []Host) Off {
	if r.OnDevice {
		return OffOnDevice
	}
	if inNoTime(hosts) {
		return OffClock
	}
	if off := middlebox(hosts); off != "" {
		return off
	}
	if p.tooFast(hosts) {
		return OffTooFast
	}
	return ""
}

// inNoTime reports whether a handshake was answered faster than any server can. Files that were made, converted or anonymised have such times.
func inNoTime(hosts []Host) bool {
	for i := range hosts {
		for j := range hosts[i].Samples {
			if s := &hosts[i].Samples[j]; s.Kind != audit.RTTSYN && s.longest() < noTime {
				return true
			}
		}
	}
	return false
}

// middlebox says if TCP begins equally fast with all hosts while their TLS takes differently long, or if TLS takes equally long with many.
func middlebox(hosts []Host) Off {
	spread := func(kind audit.RTTKind) (n int, ms float64) {
		lo, hi := int64(math.MaxInt64), int64(0)
		for i := range hosts {
			for _, s := range hosts[i].Samples {
				if s.Kind == kind {
					n++
					lo, hi = min(lo, s.NS), max(hi, s.NS)
				}
			}
		}
		return n, float64(hi-lo) / 1e6
	}
	n, syn := spread(audit.RTTSYN)
	m, tls := spread(audit.RTTTLS)
	switch {
	case n >= MiddleboxHosts && m >= MiddleboxHosts && syn <= middleboxSYN && tls > middleboxTLS:
		return OffMiddlebox
	case m >= AlikeHosts && tls <= alikeTLS:
		return OffAlike
	}
	return ""
}

// tooFast reports whether hosts answer before light could have come from their provider's region. A list may err in one row: one row alone
// counts only if no other host of a region out of reach of that answer takes its time.
func (p *Physics) tooFast(hosts []Host) bool {
	var rows []string
	slow := false
	for i := range hosts {
		h := &hosts[i]
		km, ok := p.away(h.Region)
		if h.Region == "" || !ok || km == 0 || len(h.Samples) == 0 {
			continue
		}
		quick := math.Inf(1)
		for j := range h.Samples {
			quick = math.Min(quick, h.Samples[j].longest())
		}
		if km > quick*lightHalf {
			rows = append(rows, h.Row)
		} else {
			slow = true
		}
	}
	slices.Sort(rows)
	n := len(slices.Compact(rows))
	return n > 1 || n == 1 && !slow
}

// Region returns the country that a provider's list of regions names for a host, and the row; claims are those about its address, and place
// what Weigh concludes from them without physics. Geofeeds do not count: they are what anybody writes about himself.
func Region(place audit.Place, claims []audit.Claim) (country, row string) {
	if place.Role != audit.RoleHost || place.Country == "" {
		return "", ""
	}
	for i := range claims {
		c := &claims[i]
		if c.Kind == audit.ClaimOperator && c.By != byGeofeed && c.Country == place.Country && slices.Contains(place.Because, c.ID) {
			return c.Country, c.Said.Key
		}
	}
	return "", ""
}
