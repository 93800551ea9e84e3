package earth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// iso is ISO 3166-1 alpha-2 as officially assigned, and XK.
const iso = `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK
CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY
HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH
MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN
VU WF WS XK YE YT ZA ZM ZW`

func world(t testing.TB) *Map {
	t.Helper()
	m, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// to returns the distance of one territory.
func to(list []Distance, code string) float64 {
	i := slices.IndexFunc(list, func(d Distance) bool { return d.Country == code })
	if i < 0 {
		return math.NaN()
	}
	return list[i].KM
}

func TestDigest(t *testing.T) {
	sum := sha256.Sum256(packed)
	if got := hex.EncodeToString(sum[:]); got != SHA256() {
		t.Errorf("shapes.bin has %s, shapes.sha256 says %s", got, SHA256())
	}
}

func TestEveryTerritory(t *testing.T) {
	m := world(t)
	want := strings.Fields(iso)
	if got := m.Countries(); !slices.Equal(got, want) {
		t.Errorf("territories: got %d %v, want %d", len(got), got, len(want))
	}
	from := m.From(0, 0)
	for _, code := range want {
		if d := to(from, code); !(d >= 0 && d <= math.Pi*Radius) {
			t.Errorf("%s: %v km from 0, 0", code, d)
		}
		list, ok := m.FromCountry(code)
		if !ok || list[0].KM != 0 || to(list, code) != 0 {
			t.Errorf("%s: %v km from itself", code, to(list, code))
		}
	}
	if _, ok := m.FromCountry("XX"); ok {
		t.Error("XX has a place")
	}
	if want := []string{"BV", "GI", "TV", "UM"}; !slices.Equal(m.DiscsOnly, want) {
		t.Errorf("without a line: %v, want %v", m.DiscsOnly, want)
	}
}

// Capitals, overseas parts and small places lie in their territory, and in no other.
func TestInside(t *testing.T) {
	m := world(t)
	for _, c := range []struct {
		lat, lon float64
		codes    string // whoever is at 0 km
	}{
		{48.857, 2.352, "FR"}, {16.05, -61.7, "GP"}, {14.65, -61.0, "MQ"}, {-21.1, 55.5, "RE"}, {4.0, -53.0, "GF"}, {-12.83, 45.15, "YT"},
		{52.37, 4.9, "NL"}, {12.18, -68.27, "BQ"}, {59.91, 10.75, "NO"}, {78.9, 16.5, "SJ"}, {71.03, -8.4, "SJ"}, {-54.43, 3.4, "BV"},
		{36.14, -5.35, "GI"}, {-8.52, 179.2, "TV"}, {-12.17, 96.83, "CC"}, {-10.49, 105.63, "CX"}, {28.21, -177.37, "UM"}, {19.29, 166.63, "UM"},
		{-9.37, -171.23, "TK"}, {42.66, 21.16, "RS XK"}, {44.95, 34.1, "RU UA"}, {35.2, 33.5, "CY"}, {9.56, 44.06, "SO"}, {1.35, 103.8, "SG"},
		{66.0, -172.0, "RU"}, {67.0, 179.0, "RU"}, {71.2, -179.5, "RU"}, {71.1, 179.3, "RU"}, {-16.6, 179.2, "FJ"}, {-16.75, -179.95, "FJ"},
		{-85, 0, "AQ"}, {-89.9, 0, "AQ"}, {-89.9, 179.9, "AQ"}, {-78, -179.9, ""}, {21.3, -157.85, "US"}, {61.2, -149.9, "US"}, {18.4, -66.5, "PR"}, {39.04, -77.49, "US"},
		{-29.6, 28.2, "LS"}, {43.94, 12.45, "SM"}, {54.7, 20.5, "RU"}, {51.5, -0.12, "GB"}, {64.147, -21.9, "IS"},
		{27.15, -13.2, "EH MA"}, {51.0, -100, "CA"}, {49.05, -110, "CA"}, {48.95, -110, "US"}, {35.28, -2.95, "ES MA"},
	} {
		var got []string
		for _, d := range m.From(c.lat, c.lon) {
			if d.KM == 0 {
				got = append(got, d.Country)
			}
		}
		if strings.Join(got, " ") != c.codes {
			t.Errorf("at %v, %v: %v, want %s", c.lat, c.lon, got, c.codes)
		}
	}
}

// The thresholds of a measurement with another map and another program: RTT in ms at which 2/3 of the speed of light, 100 km a ms, reaches. That one had no
// Paracel Islands, which brought China 200 km nearer to Singapore, and it knew of no lone islands between New Zealand and Australia.
func TestKnownDistances(t *testing.T) {
	m := world(t)
	places := map[string][2]float64{"Frankfurt": {50.11, 8.68}, "Ashburn": {39.04, -77.49}, "Singapore": {1.35, 103.82}}
	for _, c := range []struct {
		from, to string
		ms       float64
	}{
		{"Frankfurt", "US", 54}, {"Frankfurt", "CN", 51}, {"Frankfurt", "IN", 54}, {"Frankfurt", "SG", 102}, {"Frankfurt", "IE", 10.6},
		{"Frankfurt", "GB", 5.3}, {"Frankfurt", "RU", 8.9}, {"Frankfurt", "CH", 2.6}, {"Ashburn", "DE", 63}, {"Ashburn", "IE", 52},
		{"Ashburn", "CN", 95}, {"Singapore", "CN", 18}, {"Singapore", "DE", 98},
	} {
		at := places[c.from]
		if got := to(m.From(at[0], at[1]), c.to) / 100; math.Abs(got-c.ms) > 0.6+c.ms/50 {
			t.Errorf("%s to %s: %.1f ms, want about %v", c.from, c.to, got, c.ms)
		}
	}
	for _, c := range []struct {
		a, b string
		km   float64 // border to border, of the map
	}{{"DE", "FR", 0}, {"GB", "FR", 33}, {"ES", "MA", 0}, {"IS", "FO", 420}, {"US", "CU", 145}, {"RU", "US", 3}, {"NZ", "AU", 620}, {"SG", "MY", 0}, {"RS", "XK", 0}} {
		list, _ := m.FromCountry(c.a)
		if got := to(list, c.b); math.Abs(got-c.km) > 12+c.km/20 {
			t.Errorf("%s to %s: %v km, want about %v", c.a, c.b, got, c.km)
		}
	}
}

// A distance is 0 inside, never more than to any vertex, and it differs between two places by no more than they are apart.
func TestDistances(t *testing.T) {
	m := world(t)
	rapid.Check(t, func(t *rapid.T) {
		lat, lon := rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")
		at := unit(lat, lon)
		near := make([]float64, len(m.lines))
		odd := make([]bool, len(m.lines))
		for i, l := range m.lines {
			near[i], odd[i] = m.line(l, at, lon)
			for _, v := range m.vertices[l.first:l.end] {
				if near[i] > chord(at, v.at) {
					t.Fatalf("line %d: a vertex is nearer", i)
				}
			}
		}
		inside := 0
		list := m.From(lat, lon)
		for i, d := range list {
			if d.KM == 0 {
				inside++
			}
			if i > 0 && list[i-1].KM > d.KM {
				t.Fatalf("%s before %s", list[i-1].Country, d.Country)
			}
		}
		if inside > 3 {
			t.Fatalf("%v, %v lies in %d territories", lat, lon, inside)
		}
		lat2 := math.Max(-90, math.Min(90, lat+rapid.Float64Range(-3, 3).Draw(t, "north")))
		lon2 := lon + rapid.Float64Range(-3, 3).Draw(t, "east")
		apart, other := Between(lat, lon, lat2, lon2), m.From(lat2, lon2)
		for _, d := range list {
			if got := math.Abs(to(other, d.Country) - d.KM); got > apart+0.01 {
				t.Fatalf("%s: %v km more or less after going %v km", d.Country, got, apart)
			}
		}
	})
}

// The table between territories says what points say: a vertex of one is never nearer to the other than the table has it, and one is
// nearly as near.
func TestFromCountry(t *testing.T) {
	m := world(t)
	for i, code := range m.codes {
		if i%67 != 0 && code != "CA" { // a few, since this takes long
			continue
		}
		list, _ := m.FromCountry(code)
		nearest := map[string]float64{}
		for _, n := range m.lands[i].lines {
			for k := m.lines[n].first; k < m.lines[n].end; k += 17 {
				v := m.vertices[k]
				for _, d := range m.From(math.Asin(v.at.z)*180/math.Pi, v.lon) {
					if old, ok := nearest[d.Country]; !ok || d.KM < old {
						nearest[d.Country] = d.KM
					}
				}
			}
		}
		for _, d := range list {
			if got := nearest[d.Country]; got < d.KM-0.01 {
				t.Errorf("%s to %s: %v km in the table, %v measured", code, d.Country, d.KM, got)
			}
			back, _ := m.FromCountry(d.Country)
			if to(back, code) != d.KM {
				t.Errorf("%s to %s: %v km, and %v back", code, d.Country, d.KM, to(back, code))
			}
		}
	}
}

// A damaged map is an error, wherever it is cut.
func TestCut(t *testing.T) {
	for n := 0; n < len(packed); n += 1 + n/50 {
		if m, err := Decode(packed[:n]); err == nil {
			t.Fatalf("cut at %d: %d territories and no error", n, len(m.codes))
		}
	}
	if _, err := Decode(packed[:len(packed)-1]); err == nil {
		t.Error("cut at the last byte: no error")
	}
	if _, err := Decode(append(slices.Clone(packed[:60]), 0xff, 0xff, 0xff, 0xff, 0x7f)); !errors.Is(err, errShort) {
		t.Errorf("got %v, want %v", err, errShort)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(magic), uint16(0), byte(0))
	f.Add(packed[:200], uint16(70), byte(3))
	f.Fuzz(func(t *testing.T, b []byte, at uint16, x byte) {
		if int(at) < len(b) {
			b = slices.Clone(b)
			b[at] ^= x
		}
		m, err := Decode(b)
		if err != nil {
			return
		}
		if list := m.From(1, 2); len(list) != len(m.codes) {
			t.Fatalf("%d distances to %d territories", len(list), len(m.codes))
		}
	})
}

func BenchmarkFrom(b *testing.B) {
	m := world(b)
	for b.Loop() {
		m.From(50.11, 8.68)
	}
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, err := Decode(packed); err != nil {
			b.Fatal(err)
		}
	}
}
