package locate

import (
	"fmt"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/locate/earth"
)

func TestDeclared(t *testing.T) {
	for _, c := range []struct {
		options audit.Options
		want    Off
	}{
		{audit.Options{}, OffNoVantage},
		{audit.Options{VPN: true}, OffNoVantage},
		{audit.Options{Vantage: &frankfurt, VPN: true}, OffVPN},
		{audit.Options{Vantage: &frankfurt}, ""},
	} {
		if got := Declared(c.options); got != c.want {
			t.Errorf("%+v: %q, want %q", c.options, got, c.want)
		}
	}
}

// timedHosts makes hosts of their shortest TCP and TLS handshakes in ms; 0 is none.
func timedHosts(ms ...[2]float64) []Host {
	var list []Host
	for _, m := range ms {
		var h Host
		for i, kind := range []audit.RTTKind{audit.RTTSYN, audit.RTTTLS} {
			if m[i] > 0 {
				h.Samples = append(h.Samples, rtt(kind, m[i]))
			}
		}
		list = append(list, h)
	}
	return list
}

// alike returns n hosts whose TLS handshakes spread over ms.
func alike(n int, ms float64) (list [][2]float64) {
	for i := range n {
		list = append(list, [2]float64{float64(1 + i), 5 + ms*float64(i)/float64(n-1)})
	}
	return list
}

// regional makes hosts of provider regions: country, ms over TLS; each in a row of its own.
func regional(hosts ...any) []Host {
	var list []Host
	for i := 0; i < len(hosts); i += 2 {
		list = append(list, Host{Region: hosts[i].(string), Row: fmt.Sprintf("10.%d.0.0/16", i), Samples: []Sample{rtt(audit.RTTTLS, hosts[i+1].(float64))}})
	}
	return list
}

func TestRecorded(t *testing.T) {
	p := from(t, frankfurt)
	oneRow := regional("US", 2.0, "US", 3.0, "US", 95.0)
	oneRow[1].Row = oneRow[0].Row
	for _, c := range []struct {
		name     string
		onDevice bool
		hosts    []Host
		want     Off
	}{
		{"nothing", false, nil, ""},
		{"on the device", true, nil, OffOnDevice},
		{"honest", false, timedHosts([2]float64{10, 11}, [2]float64{90, 92}, [2]float64{30, 30}), ""},
		{"a middlebox begins TCP", false, timedHosts([2]float64{20, 31}, [2]float64{21, 95}, [2]float64{20.5, 160}), OffMiddlebox},
		{"TCP differs by a little more", false, timedHosts([2]float64{20, 31}, [2]float64{22.1, 95}, [2]float64{20.5, 160}), ""},
		{"TLS differs little: all are near", false, timedHosts([2]float64{20, 31}, [2]float64{21, 45}, [2]float64{20.5, 50}), ""},
		{"two hosts are too few", false, timedHosts([2]float64{20, 31}, [2]float64{21, 95}), ""},
		{"one host is honest", false, timedHosts([2]float64{20, 31}, [2]float64{21, 95}, [2]float64{20.5, 160}, [2]float64{80, 81}), ""},
		{"a proxy opens TLS", false, timedHosts(alike(8, 2)...), OffAlike},
		{"seven hosts may stand in one place", false, timedHosts(alike(7, 2)...), ""},
		{"eight hosts differ a little", false, timedHosts(alike(8, 2.5)...), ""},
		{"no time passes over TLS", false, timedHosts([2]float64{10, 11}, [2]float64{0.2, 0.019}), OffClock},
		{"little time passes over TLS", false, timedHosts([2]float64{10, 11}, [2]float64{0.001, 0.02}), ""},
		{"regions in their time", false, regional("US", 95.0, "SG", 160.0, "DE", 2.0), ""},
		{"two regions too fast", false, regional("US", 5.0, "SG", 6.0, "JP", 240.0), OffTooFast},
		{"one region too fast, nothing to compare", false, regional("US", 5.0, "DE", 2.0), OffTooFast},
		{"one row too fast, others in their time: the list errs", false, regional("US", 5.0, "SG", 160.0), ""},
		{"two hosts of one row", false, oneRow, ""},
	} {
		if got := p.Recorded(&audit.Recording{OnDevice: c.onDevice}, c.hosts); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Faster than in fibre is not faster than light.
func TestTooFastIsFasterThanLight(t *testing.T) {
	p := &Physics{near: []earth.Distance{{Country: "AA"}, {Country: "BB", KM: 1200}}, sets: make([][]string, 3)}
	for ms, want := range map[float64]bool{9: false, 7.9: true} { // light goes 1,349 and 1,184 km
		if got := p.tooFast(regional("BB", ms, "BB", ms)); got != want {
			t.Errorf("%v ms: %v", ms, got)
		}
	}
}

func TestRegion(t *testing.T) {
	for _, c := range []struct {
		said []string
		want string
	}{
		{[]string{"region US 1.2.3.0/24", "dbip US"}, "US 1.2.3.0/24"},
		{[]string{"geofeed US 1.2.3.0/24"}, " "},
		{[]string{"dbip US", "maxmind US"}, " "},
		{[]string{"region US 1.2.3.0/24", "edge 1.2.3.0/24"}, " "},
		{[]string{"region US 1.2.3.0/24", "region DE 1.2.3.0/24"}, " "},
	} {
		list := claims(c.said...)
		country, row := Region(Weigh(audit.ClassPublic, list, cited(), nil), list)
		if got := country + " " + row; got != c.want {
			t.Errorf("%v: %q, want %q", c.said, got, c.want)
		}
	}
}
