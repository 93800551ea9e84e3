package locate

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/locate/earth"
	"abroad/capture"

	"pgregory.net/rapid"
)

var (
	mapID     = audit.ID{Kind: audit.KindDataset, N: 99}
	somewhere = netip.MustParseAddr("9.9.9.9")
)

func from(t testing.TB, v audit.Vantage) *Physics {
	t.Helper()
	p, err := NewPhysics(&v, mapID)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var (
	singapore = audit.Vantage{Lat: 1.35, Lon: 103.82, Radius: 20}
	frankfurt = audit.Vantage{Lat: 50.11, Lon: 8.68, Radius: 10}
	reykjavik = audit.Vantage{Lat: 64.147, Lon: -21.942, Radius: 10}
)

func rtt(kind audit.RTTKind, ms float64) Sample {
	return Sample{RTT: audit.RTT{Kind: kind, NS: int64(ms * 1e6), Sent: capture.Ref{Recording: 1, Record: 12}, Got: capture.Ref{Recording: 1, Record: 15}}}
}

func TestBound(t *testing.T) {
	for _, c := range []struct {
		name    string
		vantage audit.Vantage
		samples []Sample
		said    string
		in, out string // of within; both empty: within is
		claims  string // bound, country, what was timed
	}{
		{"over TLS", singapore, []Sample{rtt("tls", 8.1)}, "CN SG", "SG MY ID", "CN DE US TW", "within TLS; cannot-be CN TLS"},
		{"over QUIC", singapore, []Sample{rtt("quic", 8.1)}, "CN", "SG", "CN", "within QUIC; cannot-be CN QUIC"},
		{"TCP excludes nothing", singapore, []Sample{rtt("syn", 8.1)}, "CN SG", "", "", "implausible CN TCP"},
		{"TCP is shorter, TLS counts", singapore, []Sample{rtt("syn", 1), rtt("tls", 30)}, "CN DE", "CN SG", "DE US", "within TLS; implausible CN TCP; cannot-be DE TLS"},
		{"the shortest counts", frankfurt, []Sample{rtt("tls", 90), rtt("quic", 7)}, "US", "DE FR GB", "US CN", "within QUIC; cannot-be US QUIC"},
		{"between fibre and vacuum", frankfurt, []Sample{rtt("tls", 45)}, "US", "US DE", "SG AU", "within TLS; implausible US TLS"},
		{"long round trips prove nothing", frankfurt, []Sample{rtt("tls", 400)}, "AU US DE", "", "", ""},
		{"one country", reykjavik, []Sample{rtt("tls", 1.3)}, "IE", "IS", "IE GL FO", "within TLS; cannot-be IE TLS"},
		{"a code that is on no map", reykjavik, []Sample{rtt("tls", 1.3)}, "XX", "IS", "GB", "within TLS"},
		{"a country as vantage", audit.Vantage{Country: "DE"}, []Sample{rtt("tls", 5)}, "US PL GB", "DE PL FR CH GB RU", "US GR BR", "within TLS; cannot-be US TLS"},
		{"a large country as vantage", audit.Vantage{Country: "RU"}, []Sample{rtt("tls", 5)}, "US DE BR", "US DE CN JP PL", "BR AU", "within TLS; cannot-be BR TLS"},
		{"no samples", frankfurt, nil, "US", "", "", ""},
	} {
		claims, within, nowhere := from(t, c.vantage).Bound(somewhere, c.samples, strings.Fields(c.said))
		if nowhere {
			t.Errorf("%s: nowhere", c.name)
		}
		if c.in == "" && within != nil {
			t.Errorf("%s: within %v, want nothing excluded", c.name, within)
		}
		if !slices.IsSorted(within) {
			t.Errorf("%s: within is not sorted", c.name)
		}
		for _, code := range strings.Fields(c.in) {
			if !slices.Contains(within, code) {
				t.Errorf("%s: %s is not in %v", c.name, code, within)
			}
		}
		for _, code := range strings.Fields(c.out) {
			if slices.Contains(within, code) {
				t.Errorf("%s: %s is in %v", c.name, code, within)
			}
		}
		var got []string
		for _, x := range claims {
			over := strings.Fields(x.Said.Key)[4]
			got = append(got, strings.Join(strings.Fields(string(x.Bound)+" "+x.Country+" "+strings.TrimSuffix(over, ",")), " "))
			if x.Kind != audit.ClaimPhysics || x.Address != somewhere || x.Said.Dataset != mapID || x.Detail == "" {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if strings.Join(got, "; ") != c.claims {
			t.Errorf("%s: claims %q, want %q", c.name, strings.Join(got, "; "), c.claims)
		}
	}
}

func TestBoundWords(t *testing.T) {
	claims, _, _ := from(t, singapore).Bound(somewhere, []Sample{rtt("tls", 8.1)}, []string{"CN"})
	if got, want := claims[0].Said.Key, "RTT 8.1 ms over TLS, r1#12 to r1#15"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
	if got := claims[0].Detail; !strings.HasPrefix(got, "at most 1215 km away at the speed of light: ") {
		t.Errorf("detail %q", got)
	}
	if got := claims[1].Detail; !strings.HasSuffix(got, " km away, and in half the time light goes 1215 km") {
		t.Errorf("detail %q", got)
	}
}

// Two databases disagree about an address: Guizhou or Singapore. It answers a phone in Singapore after 8 ms, so it is not in China; a
// database that is left alone is one database, and no more.
func TestGuizhouOrSingapore(t *testing.T) {
	said := claims("dbip CN", "maxmind SG")
	place := Weigh(audit.ClassPublic, said, cited(), nil)
	if place.Grade != audit.L1 || place.Country != "" {
		t.Fatalf("before: %+v", place)
	}
	bounds, within, _ := from(t, singapore).Bound(said[0].Address, []Sample{rtt("tls", 8)}, []string{"CN", "SG"})
	if slices.Contains(within, "CN") || !slices.Contains(within, "SG") {
		t.Fatalf("within %v", within)
	}
	for i := range bounds {
		bounds[i].ID = audit.ID{Kind: audit.KindClaim, N: uint32(len(said) + 1 + i)}
	}
	place = Weigh(audit.ClassPublic, slices.Concat(said, bounds), cited(), within)
	if place.Grade != audit.L1 || place.Country != "SG" || place.Words != "GeoLite2 says SG; refuted by the round trip: DB-IP says CN" {
		t.Errorf("after: %+v", place)
	}
	if len(place.Rejected) != 1 || place.Rejected[0].Claim.String() != "c1" || !slices.Contains(place.Because, bounds[0].ID) {
		t.Errorf("rejected %v, because %v", place.Rejected, place.Because)
	}
}

// What is implausible only is shown, and the place does not stand on it.
func TestImplausible(t *testing.T) {
	said := claims("dbip CN")
	bounds, within, _ := from(t, singapore).Bound(said[0].Address, []Sample{rtt("syn", 8)}, []string{"CN"})
	bounds[0].ID = audit.ID{Kind: audit.KindClaim, N: 2}
	place := Weigh(audit.ClassPublic, append(said, bounds...), cited(), within)
	if place.Country != "CN" || len(place.Because) != 1 || place.Because[0].String() != "c1" {
		t.Errorf("%+v", place)
	}
}

// A clock that counts milliseconds hides almost one.
func TestTick(t *testing.T) {
	for _, c := range []struct {
		ns   []int64
		want int64
	}{{nil, 0}, {[]int64{0}, 1e9}, {[]int64{8e6, 21e6}, 1e6}, {[]int64{8e6, 8_123_000}, 1e3}, {[]int64{8e6, 7}, 1}, {[]int64{2e9, 4e9}, 1e9}} {
		if got := Tick(slices.Values(c.ns)); got != c.want {
			t.Errorf("%v: %d, want %d", c.ns, got, c.want)
		}
	}
	s := rtt("tls", 0)
	s.Tick = 1e6
	_, within, nowhere := from(t, reykjavik).Bound(somewhere, []Sample{s}, nil)
	if nowhere || !slices.Equal(within, []string{"IS"}) {
		t.Errorf("within %v, nowhere %v", within, nowhere)
	}
}

func TestNowhere(t *testing.T) {
	ocean := from(t, audit.Vantage{Lat: -48.9, Lon: -123.4, Radius: 1})
	claims, within, nowhere := ocean.Bound(somewhere, []Sample{rtt("tls", 2)}, []string{"NZ"})
	if !nowhere || within != nil || claims != nil {
		t.Errorf("%v %v %v", claims, within, nowhere)
	}
	if _, err := NewPhysics(&audit.Vantage{Country: "XX"}, mapID); err == nil || !strings.Contains(err.Error(), `"XX"`) {
		t.Errorf("XX: %v", err)
	}
}

// A longer round trip never excludes more, and a country is refuted exactly if within does not have it.
func TestBoundGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := audit.Vantage{Lat: rapid.Float64Range(-90, 90).Draw(t, "lat"), Lon: rapid.Float64Range(-180, 180).Draw(t, "lon"), Radius: rapid.Float64Range(1, 500).Draw(t, "km")}
		p, err := NewPhysics(&v, mapID)
		if err != nil {
			t.Fatal(err)
		}
		ms := rapid.Float64Range(0.01, 200).Draw(t, "ms")
		said := rapid.SampledFrom(p.near).Draw(t, "said").Country
		claims, short, _ := p.Bound(somewhere, []Sample{rtt("tls", ms)}, []string{said})
		_, long, _ := p.Bound(somewhere, []Sample{rtt("tls", ms*2)}, nil)
		for _, code := range short {
			if long != nil && !slices.Contains(long, code) {
				t.Fatalf("%s is possible after %v ms and not after twice that", code, ms)
			}
		}
		refuted := slices.ContainsFunc(claims, func(c audit.Claim) bool { return c.Bound == audit.BoundCannotBe })
		if short != nil && refuted == slices.Contains(short, said) {
			t.Fatalf("%s: refuted %v, within %v", said, refuted, short)
		}
	})
}

func TestMap(t *testing.T) {
	d, err := Map()
	if err != nil || d.SHA256.IsZero() || d.Name != "natural-earth" {
		t.Errorf("%+v, %v", d, err)
	}
}

// A hand-made world shows the numbers of the bound: in half of 10 ms light goes 1,498.96 km, and a signal in fibre 999.31 km.
func TestBoundNumbers(t *testing.T) {
	const far, limit = 1499, 1498.96229
	world := func(km float64) *Physics {
		return &Physics{near: []earth.Distance{{Country: "AA"}, {Country: "BB", KM: km}, {Country: "CC", KM: 9000}}, sets: make([][]string, 4), data: mapID}
	}
	said := func(km float64, samples ...Sample) string {
		claims, within, _ := world(km).Bound(somewhere, samples, []string{"BB"})
		text := strings.Join(within, " ")
		for _, c := range claims {
			if c.Country != "" {
				text += " " + string(c.Bound)
			}
		}
		return text
	}
	ticked := rtt(audit.RTTTLS, 9)
	ticked.Tick = 1e6
	for _, c := range []struct {
		km      float64
		samples []Sample
		want    string
	}{
		{far, []Sample{rtt(audit.RTTTLS, 10)}, "AA cannot-be"},
		{limit, []Sample{rtt(audit.RTTTLS, 10)}, "AA BB implausible"}, // just as far as light goes
		{1000, []Sample{rtt(audit.RTTTLS, 10)}, "AA BB implausible"},
		{999, []Sample{rtt(audit.RTTTLS, 10)}, "AA BB"},
		{1000, []Sample{rtt(audit.RTTSYN, 10)}, " implausible"},
		{999, []Sample{rtt(audit.RTTSYN, 10)}, ""},
		{limit, []Sample{ticked}, "AA BB implausible"}, // a clock of milliseconds may hide one
		{far, []Sample{ticked}, "AA cannot-be"},
	} {
		if got := said(c.km, c.samples...); got != c.want {
			t.Errorf("%v km, %+v: %q, want %q", c.km, c.samples[0].Kind, got, c.want)
		}
	}
}

// Every distance is a lower bound: the map's, less what the shape of the earth, simplified borders and the vantage itself may hide.
func TestDistances(t *testing.T) {
	world, err := earth.Open()
	if err != nil {
		t.Fatal(err)
	}
	km := func(list []earth.Distance, country string) float64 {
		i := slices.IndexFunc(list, func(d earth.Distance) bool { return d.Country == country })
		return list[i].KM
	}
	near, _ := world.FromCountry("DE")
	for _, c := range []struct {
		name          string
		mapped, slack float64
		physics       *Physics
	}{
		{"a country: two borders", km(near, "AU"), 2 * earth.Generalised, from(t, audit.Vantage{Country: "DE"})},
		{"a point: one border", km(world.From(50.11, 8.68), "AU"), earth.Generalised, from(t, audit.Vantage{Lat: 50.11, Lon: 8.68})},
		{"a circle", km(world.From(50.11, 8.68), "AU"), earth.Generalised + 100, from(t, audit.Vantage{Lat: 50.11, Lon: 8.68, Radius: 100})},
	} {
		got, _ := c.physics.away("AU")
		if want := c.mapped*(1-earth.Flattening) - c.slack; math.Abs(got-want) > 1e-6 || got > c.mapped-c.slack-20 {
			t.Errorf("%s: %v km, want %v", c.name, got, want)
		}
	}
}

func BenchmarkNewPhysics(b *testing.B) {
	from(b, frankfurt)
	for b.Loop() {
		from(b, frankfurt)
	}
}

func BenchmarkBound(b *testing.B) {
	p := from(b, frankfurt)
	samples := []Sample{rtt("syn", 20), rtt("tls", 21)}
	for b.Loop() {
		p.Bound(somewhere, samples, []string{"US", "DE"})
	}
}
