package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// saved is as much of a saved audit as the figures stand on, read without the types that the reports use.
type saved struct {
	Coverage struct {
		Total, Strong, Weak, None, ECH, DoH, QUIC, Truncated, Attributed savedShare
	}
	Jurisdictions []struct {
		Country, Label, Grade string
		Endpoints             []string
		Up                    uint64 `json:"bytes_up"`
	}
	Endpoints []struct {
		ID, Class string
		Up        uint64 `json:"bytes_up"`
	}
	Recordings []struct{ ID string }
	Sessions   []struct {
		ID, Failed string
		Recordings []string
	}
	Flows []struct {
		Recording, Endpoint string
		Device              bool
		Up                  uint64 `json:"bytes_up"`
		Names               []struct{ Name, How string }
		Attribution         *struct{ Grade string }
	}
}

type savedShare struct {
	Flows uint64
	Up    uint64 `json:"bytes_up"`
}

func (s *savedShare) add(up uint64) { s.Flows++; s.Up += up }

// TestFigures computes every number of the prose again from audit.json, and looks for it in every format for people.
func TestFigures(t *testing.T) {
	for name, make := range map[string]func() *audit.Audit{"practice": practice, "small": small, "large": func() *audit.Audit { return large(3_000) }} {
		t.Run(name, func(t *testing.T) {
			a := make()
			var b bytes.Buffer
			if err := audit.Write(&b, a); err != nil && name != "large" { // large has names that stand on nothing
				t.Fatal(err)
			}
			if b.Len() == 0 {
				j, err := json.Marshal(a)
				if err != nil {
					t.Fatal(err)
				}
				b.Write(j)
			}
			var s saved
			if err := json.Unmarshal(b.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
			p := newPage(a, htmlBounds)
			standing := s.standing(t, p)
			s.figures(t, a, p)
			coverage := s.coverage(t, a, name != "practice") // that sample declares its shares
			for _, f := range []File{asHTML.Files[0], asText.Files[0], asMarkdown.Files[0]} {
				text := strings.Join(strings.Fields(strings.NewReplacer("&lt;", "<", "&gt;", ">", "\\", "").Replace(string(render(t, f, a, Screen{})))), " ")
				for _, want := range coverage {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %q", f.Name, want)
					}
				}
			}
			for _, f := range []File{asHTML.Files[0], asText.Files[0], asMarkdown.Files[0], asBrief.Files[0], asLetter.Files[0]} {
				text := strings.Join(strings.Fields(strings.ReplaceAll(strings.ReplaceAll(string(render(t, f, a, Screen{})), "&lt;", "<"), "&gt;", ">")), " ")
				for _, want := range standing {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %q", f.Name, want)
					}
				}
			}
		})
	}
}

// shareOf words a share as the reports do.
func shareOf(part, all uint64) string {
	switch f := 100 * float64(part) / float64(all); {
	case part == 0:
		return "0%"
	case part == all:
		return "100%"
	case f < 0.1:
		return "<0.1%"
	case f > 99.9:
		return ">99.9%"
	default:
		return fmt.Sprintf("%.1f%%", f)
	}
}

// coverage returns the sentences on coverage, and holds the shares against the flows themselves where they were summed from them.
func (s *saved) coverage(t *testing.T, a *audit.Audit, summed bool) []string {
	t.Helper()
	c := &s.Coverage
	if c.Total.Flows == 0 {
		return nil
	}
	var total, strong, attributed savedShare
	for _, f := range s.Flows {
		if a.Coverage.DeviceSure && !f.Device {
			continue
		}
		total.add(f.Up)
		if len(f.Names) > 0 && (f.Names[0].How == "sni" || f.Names[0].How == "http" || f.Names[0].How == "dns") {
			strong.add(f.Up)
		}
		if f.Attribution != nil && f.Attribution.Grade == "A3" {
			attributed.add(f.Up)
		}
	}
	if summed && (total != c.Total || strong != c.Strong || attributed != c.Attributed) {
		t.Errorf("coverage says %+v, %+v, %+v of all, strong and attributed; the flows sum to %+v, %+v, %+v", c.Total, c.Strong, c.Attributed, total, strong, attributed)
	}
	flows := func(v savedShare) string { return shareOf(v.Flows, c.Total.Flows) }
	up := func(v savedShare) string { return shareOf(v.Up, c.Total.Up) }
	part := func(label string, n uint64) string {
		return label + " " + count(n) + " (" + shareOf(n, c.Total.Flows) + ")"
	}
	return []string{
		"A strong name is known for " + flows(c.Strong) + " of flows and " + up(c.Strong) + " of bytes up; only a weak one for " + flows(c.Weak) + " and " + up(c.Weak) +
			"; none for " + flows(c.None) + " and " + up(c.None) + ".",
		part("ECH offered", c.ECH.Flows), part("encrypted DNS", c.DoH.Flows), part("QUIC", c.QUIC.Flows), part("cut by the recorder", c.Truncated.Flows),
		part("no app known", c.Total.Flows-c.Attributed.Flows),
	}
}

// standing returns the parts of the top line, computed anew.
func (s *saved) standing(t *testing.T, p *page) []string {
	t.Helper()
	var firm, claimed, local, all uint64
	class := map[string]string{}
	for _, e := range s.Endpoints {
		class[e.ID] = e.Class
	}
	for _, j := range s.Jurisdictions {
		all += j.Up
		switch {
		case j.Country != "" && (j.Grade == "L3" || j.Grade == "L4"):
			firm += j.Up
		case j.Country != "":
			claimed += j.Up
		case len(j.Endpoints) > 0 && class[j.Endpoints[0]] != "" && class[j.Endpoints[0]] != "practice" && class[j.Endpoints[0]] != "nat64":
			local += j.Up
		}
	}
	share := func(part uint64) string { return shareOf(part, all) }
	var firmUp, claimedUp, openUp uint64
	for _, r := range p.Map.Rows {
		firmUp += r.Firm.Up
		claimedUp += r.Claimed.Up
	}
	for _, n := range p.Map.NotPlaced {
		openUp += n.Up
	}
	if firmUp != firm || claimedUp != claimed || openUp != all-firm-claimed {
		t.Errorf("the map sums to %d, %d and %d bytes, the audit to %d, %d and %d", firmUp, claimedUp, openUp, firm, claimed, all-firm-claimed)
	}
	return []string{
		share(firm) + " went to a place graded L3 or L4", "for " + share(claimed) + " a place is only claimed (L1, L2)",
		share(all-firm-claimed-local) + " could not be placed", share(local) + " stayed at local or special addresses",
	}
}

// figures holds the diagram, the timeline and the matrix against the flows.
func (s *saved) figures(t *testing.T, a *audit.Audit, p *page) {
	t.Helper()
	local := map[string]bool{}
	for _, e := range s.Endpoints {
		local[e.ID] = e.Class != "" && e.Class != "practice" && e.Class != "nat64"
	}
	session := map[string]string{}
	for _, v := range s.Sessions {
		for _, r := range v.Recordings {
			session[r] = v.ID
		}
	}
	var up, flows uint64
	hosts := map[string]map[string]bool{}
	for _, f := range s.Flows {
		flows++
		if (f.Device || !a.Coverage.DeviceSure) && !local[f.Endpoint] {
			up += f.Up
		}
		if (f.Device || !a.Coverage.DeviceSure) && len(f.Names) > 0 && (f.Names[0].How == "sni" || f.Names[0].How == "http" || f.Names[0].How == "dns") {
			if hosts[f.Names[0].Name] == nil {
				hosts[f.Names[0].Name] = map[string]bool{}
			}
			hosts[f.Names[0].Name][session[f.Recording]] = true
		}
	}
	var drawn, timed uint64
	if p.Sankey != nil {
		for _, r := range p.Sankey.Rows {
			drawn += r.Up
		}
		drawn += p.Sankey.More.Up
	}
	if drawn != up {
		t.Errorf("the diagram sums to %d bytes up, the flows to %d", drawn, up)
	}
	for _, l := range p.Timelines {
		timed += l.Flows
	}
	if timed != flows {
		t.Errorf("the timelines hold %d flows, the audit %d", timed, flows)
	}
	if len(s.Sessions) < 2 {
		if p.Matrix != nil {
			t.Error("a matrix of one session")
		}
		return
	}
	var always, once uint64
	for _, in := range hosts {
		if len(in) == len(s.Sessions) {
			always++
		}
		if len(in) == 1 {
			once++
		}
	}
	if p.Matrix == nil || p.Matrix.All != uint64(len(hosts)) || p.Matrix.Always != always || p.Matrix.Once != once {
		t.Errorf("the matrix says %+v, the flows %d hosts, %d always, %d once", p.Matrix, len(hosts), always, once)
	}
	for _, r := range p.Matrix.Rows {
		if r.Count != len(hosts[string(r.Host)]) {
			t.Errorf("%s: %d sessions, want %d", r.Host, r.Count, len(hosts[string(r.Host)]))
		}
	}
}
