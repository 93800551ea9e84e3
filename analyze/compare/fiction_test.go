package compare

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A fiction makes audits in which every session shows what a test says.
type fiction struct {
	app, version string
	sessions     []fictionSession
}

type fictionSession struct {
	day    int
	hour   int
	hosts  []fictionHost
	edit   func(*audit.Session)
	digest byte
}

type fictionHost struct {
	name    string
	address string
	country string
	grade   audit.Grade
	as      uint32
	pkg     string
}

const hour = int64(3600e9)

var epoch = int64(1788220800e9) // 1 September 2026

func (f *fiction) audit() *audit.Audit {
	a := &audit.Audit{Schema: audit.Schema, Tool: audit.Tool{Name: "abroad", Version: "test"}, Subject: audit.Subject{App: f.app, Version: f.version}}
	endpoints := map[string]audit.ID{}
	for i, s := range f.sessions {
		n := uint32(i + 1)
		start := capture.Time(epoch + int64(s.day)*24*hour + int64(s.hour)*hour)
		rec := audit.Recording{ID: audit.ID{Kind: audit.KindRecording, N: n}, Name: fmt.Sprintf("s%02d.pcapng", n)}
		rec.SHA256[0], rec.SHA256[1], rec.SHA256[2], rec.SHA256[3] = byte(s.day), byte(s.hour), s.digest, 1
		if f.version != "" {
			rec.SHA256[4] = f.version[0]
		}
		a.Recordings = append(a.Recordings, rec)
		session := audit.Session{
			ID: audit.ID{Kind: audit.KindSession, N: n}, Recordings: []audit.ID{rec.ID}, Start: start, End: start + 60e9, Day: start.String()[:10],
			App: f.app, Version: f.version,
		}
		if s.edit != nil {
			s.edit(&session)
		}
		a.Sessions = append(a.Sessions, session)
		for _, h := range s.hosts {
			key := h.address + h.name
			id, ok := endpoints[key]
			if !ok {
				id = audit.ID{Kind: audit.KindEndpoint, N: uint32(len(a.Endpoints) + 1)}
				endpoints[key] = id
				address := netip.AddrFrom4([4]byte{198, 18, byte(len(a.Endpoints) / 250), byte(len(a.Endpoints) % 250)})
				if h.address != "" {
					address = netip.MustParseAddr(h.address)
				}
				a.Endpoints = append(a.Endpoints, audit.Endpoint{
					ID: id, Address: address, AS: h.as,
					Place: audit.Place{Country: h.country, Grade: h.grade, Words: "in " + h.country},
				})
			}
			flow := &audit.Flow{
				ID: audit.ID{Kind: audit.KindFlow, N: uint32(len(a.Flows) + 1)}, Recording: rec.ID, Endpoint: id, BytesUp: 1000, First: start,
				Names: []audit.Name{{Name: h.name, How: audit.BySNI}},
			}
			if h.pkg != "" {
				flow.Attribution = &audit.Attribution{Grade: audit.A3, Package: h.pkg}
			}
			a.Flows = append(a.Flows, flow)
		}
	}
	return a
}

// input makes a version in n sessions, by turns with another that begins one hour later, over three days.
func fictional(version string, later bool, n int, hosts func(session int) []fictionHost) Input {
	f := fiction{app: "org.example.app", version: version}
	for i := range n {
		s := fictionSession{day: i % 3, hour: 2 * (i / 3), hosts: hosts(i)}
		if later {
			s.hour++
		}
		f.sessions = append(f.sessions, s)
	}
	return Input{Name: "v" + version, Audit: f.audit()}
}

// named makes hosts from names.
func named(names ...string) (list []fictionHost) {
	for _, n := range names {
		list = append(list, fictionHost{name: n})
	}
	return list
}

// noisy is the population that the method was chosen on: 40 hosts in every session, 25 in half of them, 40 in a tenth.
func noisy(r *rand.Rand) []fictionHost {
	var list []fictionHost
	for _, group := range []struct {
		name  string
		hosts int
		p     float64
	}{{"stable", 40, 1}, {"half", 25, 0.5}, {"rare", 40, 0.1}} {
		for i := range group.hosts {
			if group.p == 1 || r.Float64() < group.p {
				list = append(list, fictionHost{name: "www." + group.name + letters(i) + ".example"})
			}
		}
	}
	return list
}

// letters numbers without digits, which would be templated.
func letters(i int) string { return string([]byte{'g' + byte(i/10), 'g' + byte(i%10)}) }

func shuffled(in Input, r *rand.Rand) Input {
	a := *in.Audit
	a.Sessions = slices.Clone(a.Sessions)
	r.Shuffle(len(a.Sessions), func(i, j int) { a.Sessions[i], a.Sessions[j] = a.Sessions[j], a.Sessions[i] })
	for i := range a.Sessions {
		a.Sessions[i].ID.N = uint32(i + 1)
	}
	return Input{Name: in.Name, SHA256: in.SHA256, Audit: &a}
}
