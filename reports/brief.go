package reports

import (
	"io"

	"abroad/analyze/audit"
)

var asBrief = &Format{
	Name:  "brief",
	Doc:   "One page of plain text for a reader in a hurry.",
	Files: []File{{"brief.txt", writeBrief}},
}

var briefBounds = bounds{jurisdictions: 5, destinations: 4, apps: 3, findings: 2, anomalies: 1, recordings: 1, limits: 4, names: 1, figures: true}

// briefColumns is the width of a page in a fixed font.
const briefColumns = 88

// writeBrief keeps to one sheet: whatever the audit holds, the lists are as long as the bounds.
func writeBrief(w io.Writer, a *audit.Audit, screen Screen) error {
	v := newPage(a, briefBounds)
	p := newPen(w, Screen{Color: screen.Color, Columns: briefColumns})
	p.text(0, 2, bold, clip(string(v.Title), 80).String()+": where packets went")
	if v.Practice {
		p.text(0, 2, inverse, practiceBanner)
	}
	for _, s := range v.Top {
		p.text(0, 0, "", clip(s, 420).String())
	}
	p.line()
	p.text(0, 2, bold, "What this does not show")
	for _, f := range v.NotShown {
		p.text(0, 2, "", f.Label+": "+f.Value.String())
	}
	p.line()
	for _, f := range v.Card {
		switch f.Label {
		case "Recorded", "Sessions", "Vantage":
			p.text(0, 2, "", f.Label+": "+clip(string(f.Value), 120).String())
		}
	}
	p.text(0, 2, "", clip(v.Level[0], 240).String())
	p.line()
	var rows [][]string
	for i, r := range v.Map.Rows {
		if i == 4 {
			break
		}
		rows = append(rows, []string{r.OfUp, size(r.Firm.Up), size(r.Claimed.Up), clip(string(r.Name), 40).String()})
	}
	p.table(0, []string{">of up", ">L3, L4: up", ">L1, L2, claimed: up", "country of the server" + besides(sum{N: uint64(max(0, len(v.Map.Rows)-4))})}, rows)
	for i, n := range v.Map.NotPlaced {
		if i == 2 {
			break
		}
		p.text(0, 2, "", "Not placed: "+clip(string(n.Words), 70).String()+": "+size(n.Up)+" up ("+n.OfUp+")")
	}
	p.line()
	rows = nil
	for _, d := range v.Destinations {
		name := d.Name
		if name == "" {
			name = d.Address
		}
		who := orElse(string(d.Owner), string(d.Network))
		rows = append(rows, []string{d.Grade.String(), size(d.Up), clipName(name.String(), 34).String(), clip(string(d.Words), 60).String() + briefly(who)})
	}
	p.table(0, []string{"grade", ">up", "destination" + besides(v.MoreAddresses), "place of the server; who"}, rows)
	if len(v.Findings) > 0 {
		p.line()
	}
	for _, f := range v.Findings {
		p.text(0, 2, "", f.ID.String()+": "+clip(string(f.Says), 170).String())
	}
	if v.MoreFindings > 0 {
		p.text(0, 2, "", "and "+plural(v.MoreFindings, "more finding")+" in the report")
	}
	p.line()
	p.text(0, 2, "", "L4: round trips allow only one country. L3: two kinds of evidence agree. L2, L1: claimed by one operator or by databases, which are wrong for several percent of addresses. L0: nothing is said.")
	p.text(0, 2, "", "Every figure is in audit.json; abroad explain walks from it to packets. Made by "+clip(string(v.Tool), 40).String()+".")
	return p.w.Flush()
}

func briefly(who string) string {
	if who == "" {
		return ""
	}
	return "; " + clip(who, 40).String()
}
