package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// told is as much of a saved audit as the sentences of the head stand on, read without the types that the reports use.
type told struct {
	Coverage struct{ Total, Attributed savedShare }
	Sessions []struct{ Day, Failed string }
	Datasets []struct {
		AsOf string `json:"as_of"`
	}
	Recordings []struct {
		Records, Lost uint64
		LostKnown     bool `json:"lost_known"`
	}
	Promises []struct {
		Clauses []struct {
			Verdict struct {
				Outcome string
				Leads   []struct{ Kind string }
			}
		}
	}
	Endpoints     []struct{ ID, Class string }
	Jurisdictions []struct {
		Country, Label, Grade string
		Endpoints             []string
		Flows                 uint64
		Up                    uint64 `json:"bytes_up"`
		Down                  uint64 `json:"bytes_down"`
	}
}

// TestProse computes the sentences of the head, and the tables beside the map, again from audit.json, and looks for them in every format.
func TestProse(t *testing.T) {
	lossy := practice()
	lossy.Recordings[0].Lost, lossy.Recordings[0].LostKnown = 7, true
	lossy.Sessions[0].Failed = "the phone slept"
	for name, a := range map[string]*audit.Audit{"practice": lossy, "promised": samples["promised"](), "small": small()} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			var s told
			if err := audit.Write(&b, a); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
			s.places(t, newPage(a, htmlBounds))
			for _, f := range []File{asHTML.Files[0], asText.Files[0], asMarkdown.Files[0]} {
				text := strings.NewReplacer("&lt;", "<", "&gt;", ">", "\\", "").Replace(string(render(t, f, a, Screen{})))
				text = strings.Join(strings.Fields(text), " ")
				for _, want := range s.head() {
					if !strings.Contains(text, want) {
						t.Errorf("%s does not say %q", f.Name, want)
					}
				}
			}
		})
	}
}

// head words what stands in the card and above it.
func (s *told) head() []string {
	some := func(n uint64, what string) string {
		if n != 1 {
			what += "s"
		}
		return fmt.Sprint(n, " ", what)
	}
	all, named := s.Coverage.Total, s.Coverage.Attributed
	says := []string{fmt.Sprintf("named by the operating system (A3) for %d of %s", named.Flows, some(all.Flows, "flow"))}
	switch {
	case named.Flows == 0:
		says = append(says, "Device level")
	case named.Flows < all.Flows:
		says = append(says, "App level for "+shareOf(named.Flows, all.Flows)+" of flows and "+shareOf(named.Up, all.Up)+" of bytes up")
	default:
		says = append(says, "App level: the operating system named the sending app of every flow")
	}
	days, failed := map[string]bool{}, ""
	n := 0
	for _, v := range s.Sessions {
		days[v.Day] = true
		if v.Failed != "" {
			n++
			failed = fmt.Sprintf(" (%d failed)", n)
		}
	}
	delete(days, "")
	says = append(says, some(uint64(len(s.Sessions)), "session")+failed+" on "+some(uint64(len(days)), "day")+" (UTC), "+some(uint64(len(s.Recordings)), "recording"))
	says = append(says, some(uint64(len(s.Datasets)), "dataset"))
	var lost, kept uint64
	for _, r := range s.Recordings {
		if kept += r.Records; r.LostKnown {
			lost += r.Lost
		}
	}
	if lost > 0 {
		says = append(says, fmt.Sprintf("The recording has gaps: %s were lost besides the %s kept", some(lost, "packet"), count(kept)))
	}
	var verdicts [3]uint64
	var leads uint64
	for _, p := range s.Promises {
		for _, c := range p.Clauses {
			switch c.Verdict.Outcome {
			case "contradicted":
				verdicts[0]++
			case "consistent":
				verdicts[1]++
			default:
				verdicts[2]++
			}
			for _, l := range c.Verdict.Leads {
				if l.Kind != "not-named" {
					leads++
				}
			}
		}
	}
	if sum := verdicts[0] + verdicts[1] + verdicts[2]; sum > 0 {
		says = append(says, fmt.Sprintf("%s checked: %d contradicted, %d consistent, %d that this traffic cannot speak to; %s", some(sum, "statement"), verdicts[0], verdicts[1], verdicts[2], some(leads, "lead")))
	}
	return says
}

// places holds the tables beside the map against the jurisdictions.
func (s *told) places(t *testing.T, p *page) {
	t.Helper()
	class := map[string]string{}
	for _, e := range s.Endpoints {
		class[e.ID] = e.Class
	}
	type row struct{ n, flows, up, down uint64 }
	rows := map[string]row{}
	var all uint64
	for _, j := range s.Jurisdictions {
		key := j.Country
		if key == "" {
			key = "elsewhere"
			if c := class[j.Endpoints[0]]; c != "" && c != "practice" && c != "nat64" {
				key = "local"
			}
		} else if j.Grade == "L3" || j.Grade == "L4" {
			key += " firm"
		}
		r := rows[key]
		rows[key] = row{r.n + uint64(len(j.Endpoints)), r.flows + j.Flows, r.up + j.Up, r.down + j.Down}
		all += j.Up
	}
	for _, r := range p.Map.Rows {
		firm, claimed := rows[r.Code.String()+" firm"], rows[r.Code.String()]
		for _, side := range []struct {
			got  sum
			want row
		}{{r.Firm, firm}, {r.Claimed, claimed}} {
			if (row{side.got.N, side.got.Flows, side.got.Up, side.got.Down}) != side.want {
				t.Errorf("%s: the map says %+v, the audit %+v", r.Code, side.got, side.want)
			}
		}
		if want := shareOf(firm.up+claimed.up, all); r.OfUp != want {
			t.Errorf("%s: the map says %s of up, want %s", r.Code, r.OfUp, want)
		}
	}
	var local, elsewhere row
	for _, n := range p.Map.NotPlaced {
		into := &elsewhere
		if strings.HasPrefix(n.Words.String(), "local or special") {
			into = &local
		}
		*into = row{into.n + n.Endpoints, into.flows + n.Flows, into.up + n.Up, into.down + n.Down}
		if want := shareOf(n.Up, all); n.OfUp != want {
			t.Errorf("%s: the table says %s of up, want %s", n.Words, n.OfUp, want)
		}
	}
	if local != rows["local"] || elsewhere != rows["elsewhere"] {
		t.Errorf("not placed: the tables say %+v and %+v, the audit %+v and %+v", local, elsewhere, rows["local"], rows["elsewhere"])
	}
}
