package reports

import (
	"fmt"
	"io"
	"strings"

	"abroad/analyze/audit"
)

var asText = &Format{
	Name:  "text",
	Doc:   "Plain text for a terminal, with colours only on one.",
	Files: []File{{"report.txt", writeText}},
}

var textBounds = bounds{
	jurisdictions: 40, destinations: 40, apps: 15, findings: 30, anomalies: 30, undecoded: 15, recordings: 15, limits: 12,
	names: 4, claims: 4, flows: 1, figures: true,
}

const practiceBanner = "PRACTICE DATA: a documented fiction. Nothing here is about the real world."

func writeText(w io.Writer, a *audit.Audit, screen Screen) error {
	return writeLines(w, a, nil, screen)
}

func writeLines(w io.Writer, a *audit.Audit, c *audit.Comparison, screen Screen) error {
	v, p := newPage(a, textBounds), newPen(w, screen)
	p.text(0, 0, bold, v.Title.String())
	if v.Practice {
		p.text(0, 0, inverse, practiceBanner)
	}
	p.head("In short")
	for _, s := range v.Top {
		p.text(2, 2, "", s)
	}
	p.head("What this does not show")
	p.facts(v.NotShown)
	p.head("Who sent this")
	for _, s := range v.Level {
		p.text(2, 2, "", s)
	}
	p.promises(v)
	p.head("Coverage")
	for _, s := range v.Coverage.Says {
		p.text(2, 2, "", s)
	}
	p.head("Card")
	p.facts(v.Card)
	p.findings(v)
	p.blocks(v.figures())
	p.jurisdictions(v)
	p.destinations(v)
	p.recipients(v)
	p.laws(v)
	p.apps(v)
	p.blocks(changes(c))
	p.blocks(v.runs())
	p.anomalies(v)
	p.sources(v)
	if len(v.Raise) > 0 {
		p.head("What would raise the grades")
		for _, r := range v.Raise {
			p.text(2, 2, "", r.What.String()+" ("+plural(r.Destinations, "destination")+")")
		}
	}
	p.head("Limits of this audit")
	for _, s := range v.Limits {
		p.text(2, 2, "", "- "+s.String())
	}
	p.head("Glossary")
	p.facts(v.Glossary)
	p.blocks(v.end())
	return p.w.Flush()
}

// facts writes labels and values side by side.
func (p *pen) facts(facts []fact) {
	widest := 0
	for _, f := range facts {
		widest = max(widest, columns(f.Label))
	}
	for _, f := range facts {
		p.text(2, widest+2, "", f.Label+strings.Repeat(" ", widest-columns(f.Label)+2)+f.Value.String())
	}
}

func (p *pen) jurisdictions(v *page) {
	p.head("Places of servers, by bytes up")
	if len(v.Jurisdictions) == 0 {
		p.text(2, 2, "", "None: no endpoint was reached.")
		return
	}
	var rows [][]string
	for _, j := range v.Jurisdictions {
		rows = append(rows, []string{
			orElse(j.Grade.String(), "–"), size(j.Up), j.OfUp, size(j.Down), count(j.Flows), count(j.Endpoints), j.Words.String(),
		})
	}
	p.table(2, []string{"grade", ">up", ">of up", ">down", ">flows", ">destinations", "place"}, rows)
	p.more(v.MoreCountries, "row", "rows")
}

// more says what was left out of a list.
func (p *pen) more(s sum, one, many string) {
	if s.N > 0 {
		p.text(2, 2, dim, "and "+leftOut(s, one, many))
	}
}

// leftOut words a sum: "1,204 destinations more: 3.4 MB up, 1.2 MB down, 5,000 flows; all are in audit.json".
func leftOut(s sum, one, many string) string {
	noun := many
	if s.N == 1 {
		noun = one
	}
	return fmt.Sprintf("%s more %s: %s up, %s down, %s; all are in audit.json and in CSV", count(s.N), noun, size(s.Up), size(s.Down), plural(s.Flows, "flow"))
}

func (p *pen) destinations(v *page) {
	p.head("Destinations, by bytes up")
	if len(v.Destinations) == 0 {
		p.text(2, 2, "", "None.")
	}
	for _, d := range v.Destinations {
		name := d.Name
		if name == "" {
			name = "no name"
		}
		first := d.ID.String() + "  " + clipName(name.String(), p.width-24).String()
		if d.MoreNames > 0 {
			first += "  + " + plural(d.MoreNames, "name")
		}
		p.text(2, 4, bold, first)
		p.text(6, 2, p.gradeStyle(&d), joined(d.Address, d.Words, d.Grade, d.Role, d.Class))
		p.text(6, 2, "", joined(parts(&d)...))
		p.text(6, 2, dim, size(d.Up)+" up · "+size(d.Down)+" down · "+plural(d.Flows, "flow")+" · "+plural(d.Sessions, "session")+learned(&d))
	}
	p.more(v.MoreAddresses, "destination", "destinations")
}

// gradeStyle colours what may be called a place, and what may not.
func (p *pen) gradeStyle(d *destination) string {
	switch {
	case d.Firm:
		return green
	case d.Grade == "L0" || d.Class != "":
		return ""
	}
	return yellow
}

// parts are J2 to J4 of a destination.
func parts(d *destination) []foreign {
	var list []foreign
	add := func(label string, v, seat foreign, seatLabel string) {
		switch {
		case v != "" && seat != "":
			list = append(list, foreign(label)+v+" ("+foreign(seatLabel)+seat+")")
		case v != "":
			list = append(list, foreign(label)+v)
		case seat != "":
			list = append(list, foreign(label+seatLabel)+seat)
		}
	}
	add("network ", d.Network, d.Registered, "registered in ")
	add("owner ", d.Owner, d.Seat, "seat ")
	add("parent ", d.Parent, d.ParentSeat, "seat ")
	if d.Translated != "" {
		list = append(list, "translated "+d.Translated)
	}
	if d.Within != "" {
		list = append(list, "round-trip times allow "+d.Within)
	}
	return list
}

func joined(list ...foreign) string {
	var words []string
	for _, f := range list {
		if f != "" {
			words = append(words, f.String())
		}
	}
	return strings.Join(words, " · ")
}

// learned lists how the names were learned: "names by sni, dns".
func learned(d *destination) string {
	var ways []string
	for _, n := range d.Names {
		if way := n.How.String(); len(ways) == 0 || ways[len(ways)-1] != way {
			ways = append(ways, way)
		}
	}
	if len(ways) == 0 {
		return ""
	}
	return " · named by " + strings.Join(ways, ", ")
}

func (p *pen) apps(v *page) {
	if len(v.Apps) == 0 {
		return
	}
	p.head("Apps that the operating system named, by bytes up")
	var rows [][]string
	for _, s := range v.Apps {
		rows = append(rows, []string{s.Grade.String(), size(s.Up), size(s.Down), count(s.Flows), joined(s.Name, s.Label)})
	}
	p.table(2, []string{"grade", ">up", ">down", ">flows", "app"}, rows)
	p.more(v.MoreApps, "app", "apps")
}

func (p *pen) findings(v *page) {
	p.head("Findings")
	if len(v.Findings) == 0 {
		p.text(2, 2, "", "None.")
	}
	for _, f := range v.Findings {
		p.text(2, 4, "", f.ID.String()+"  "+joined(f.Rule, f.Outcome)+": "+f.Says.String())
		for _, m := range f.Missing {
			p.text(6, 2, dim, "would decide it: "+m.String())
		}
	}
	if v.MoreFindings > 0 {
		p.text(2, 2, dim, "and "+plural(v.MoreFindings, "more finding")+" in audit.json")
	}
}

func (p *pen) anomalies(v *page) {
	p.head("Anomalies: where input departs from its format")
	if len(v.Anomalies) == 0 && len(v.Undecoded) == 0 {
		p.text(2, 2, "", "None.")
	}
	var rows [][]string
	for _, x := range v.Anomalies {
		rows = append(rows, []string{x.ID.String(), x.Code.String(), x.Stage.String(), count(x.Count), orElse(x.Where, x.Recording.String()), x.Detail.String()})
	}
	p.table(2, []string{"id", "code", "stage", ">count", "first at", "detail"}, rows)
	if s := v.MoreAnomalies; s.N > 0 {
		p.text(2, 2, dim, "and "+plural(s.N, "more anomaly")+" (seen "+plural(s.Flows, "time")+") in audit.json")
	}
	if len(v.Undecoded) == 0 {
		return
	}
	p.text(2, 2, "", "Packets that could not become part of a flow:")
	rows = nil
	for _, u := range v.Undecoded {
		rows = append(rows, []string{count(u.Packets), u.Code.String(), u.Where, u.Detail.String()})
	}
	p.table(2, []string{">packets", "code", "first at", "kind"}, rows)
	if s := v.MoreUndecoded; s.N > 0 {
		p.text(2, 2, dim, "and "+plural(s.N, "more kind")+" ("+plural(s.Flows, "packet")+") in audit.json")
	}
}

func (p *pen) sources(v *page) {
	p.head("Recordings")
	for _, r := range v.Recordings {
		p.text(2, 4, "", r.ID.String()+"  "+joined(r.Name, r.Format, foreign(plural(r.Packets, "packet")), foreign(size(r.Size)), "links "+r.Links))
		p.text(6, 2, dim, "sha256 "+r.SHA256)
	}
	if v.MoreFiles > 0 {
		p.text(2, 2, dim, "and "+plural(v.MoreFiles, "more recording")+" in audit.json")
	}
	p.head("Datasets")
	if len(v.Datasets) == 0 {
		p.text(2, 2, "", "None: nothing was looked up, so nothing is placed.")
	}
	for _, d := range v.Datasets {
		p.text(2, 4, "", d.ID.String()+"  "+joined(d.Title, "as of "+d.AsOf, d.Publisher, d.Licence))
		if d.Credit != "" {
			p.text(6, 2, "", d.Credit.String())
		}
		if d.Practice {
			p.text(6, 2, "", "used for practice recordings only")
		}
		if d.Warning != "" {
			p.text(6, 2, yellow, d.Warning.String())
		}
		p.text(6, 2, dim, "sha256 "+d.SHA256)
	}
}
