package reports

import (
	"io"
	"strings"

	"abroad/analyze/audit"
)

// A Made is a file that was written, for the end of a summary.
type Made struct{ What, Path string }

var summaryBounds = bounds{jurisdictions: 5, destinations: 5, findings: 3, anomalies: 1, recordings: 1, limits: 1, names: 1}

// Summary writes what an audit found in some 20 lines: coverage, where most bytes went, findings, what would raise the grades, and where
// the files are.
func Summary(w io.Writer, a *audit.Audit, screen Screen, made ...Made) error {
	v, p := newPage(a, summaryBounds), newPen(w, screen)
	p.text(0, 2, bold, v.Title.String())
	if v.Practice {
		p.text(0, 2, inverse, practiceBanner)
	}
	for _, s := range v.Top {
		p.text(0, 2, "", s)
	}
	p.text(0, 2, "", v.Level[0])
	says := v.Coverage.Says[:min(2, len(v.Coverage.Says))]
	p.text(0, 2, "", strings.Join(says, " "))
	p.line()
	var rows [][]string
	for _, j := range v.Jurisdictions {
		rows = append(rows, []string{orElse(j.Grade.String(), "–"), size(j.Up), j.OfUp, j.Words.String()})
	}
	p.table(0, []string{"grade", ">up", ">of up", "place of the server" + besides(v.MoreCountries)}, rows)
	rows = nil
	for _, d := range v.Destinations {
		name := d.Name
		if name == "" {
			name = d.Address
		}
		rows = append(rows, []string{d.ID.String(), d.Grade.String(), size(d.Up), clipName(name.String(), 44).String(), d.Words.String()})
	}
	p.table(0, []string{"id", "grade", ">up", "destination" + besides(v.MoreAddresses), "place of the server"}, rows)
	for _, f := range v.Findings {
		p.text(0, 2, "", "Finding "+f.ID.String()+": "+f.Says.String())
	}
	if v.MoreFindings > 0 {
		p.text(0, 2, "", "and "+plural(v.MoreFindings, "more finding")+" in the report")
	}
	if s := damage(v); s != "" {
		p.text(0, 2, "", s)
	}
	for _, r := range v.Raise {
		p.text(0, 2, "", "Would raise "+plural(r.Destinations, "grade")+": "+r.What.String())
	}
	var not []string
	for _, f := range v.NotShown {
		not = append(not, strings.ToLower(f.Label[:1])+f.Label[1:])
	}
	p.text(0, 2, "", "Not shown by any traffic: "+strings.Join(not, ", ")+".")
	widest := 0
	for _, m := range made {
		widest = max(widest, columns(m.What))
	}
	for _, m := range made {
		p.line(p.paint(dim, m.What+":"+strings.Repeat(" ", widest-columns(m.What)+1)), foreign(m.Path).String())
	}
	return p.w.Flush()
}

// besides says how many rows a short table leaves out.
func besides(rest sum) string {
	if rest.N == 0 {
		return ""
	}
	return " (" + count(rest.N) + " more in the report)"
}

// damage counts what was wrong with the input; empty if nothing was.
func damage(v *page) string {
	var kinds, packets uint64
	kinds = uint64(len(v.Anomalies)) + v.MoreAnomalies.N
	for _, u := range v.Undecoded {
		packets += u.Packets
	}
	packets += v.MoreUndecoded.Flows
	var parts []string
	if kinds > 0 {
		parts = append(parts, plural(kinds, "kind")+" of anomaly in the input")
	}
	if packets > 0 {
		parts = append(parts, plural(packets, "packet")+" not decoded")
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + "; the report lists them."
}
