package reports

import (
	"bufio"
	"io"
	"strings"

	"abroad/analyze/audit"
)

var asMarkdown = &Format{
	Name:  "markdown",
	Doc:   "The report as Markdown, with GitHub's tables.",
	Files: []File{{"report.md", writeMarkdown}},
}

var markdownBounds = bounds{
	jurisdictions: 100, destinations: 100, apps: 30, findings: 100, anomalies: 100, undecoded: 50, recordings: 50, limits: 20,
	names: 12, claims: 12, flows: 3, figures: true,
}

// A scroll writes Markdown. prose and words take sentences, code takes names and addresses; there is no way to write raw text but line.
type scroll struct{ w *bufio.Writer }

func (s scroll) line(parts ...string) {
	for _, p := range parts {
		s.w.WriteString(p)
	}
	s.w.WriteByte('\n')
}

func (s scroll) head(level int, title string) {
	s.line()
	s.line(strings.Repeat("#", level), " ", title)
	s.line()
}

// words escapes a sentence, code a name.
func words(f foreign) string { return orElse(markdownText(string(f)), "–") }
func code(f foreign) string  { return markdownCode(string(f)) }

// table writes rows of cells that are escaped already. A headline that begins with ">" is right-aligned.
func (s scroll) table(headline []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	titles, rule := make([]string, len(headline)), make([]string, len(headline))
	for i, h := range headline {
		right := strings.HasPrefix(h, ">")
		titles[i], rule[i] = strings.TrimPrefix(h, ">"), "---"
		if right {
			rule[i] = "---:"
		}
	}
	s.row(titles)
	s.row(rule)
	for _, r := range rows {
		s.row(r)
	}
}

func (s scroll) row(cells []string) { s.line("| ", strings.Join(cells, " | "), " |") }

// more says what a table leaves out.
func (s scroll) more(rest sum, one, many string) {
	if rest.N > 0 {
		s.line()
		s.line("… and ", leftOut(rest, one, many), ".")
	}
}

func (s scroll) facts(facts []fact) {
	for _, f := range facts {
		s.line("- **", f.Label, "**: ", words(f.Value))
	}
}

func writeMarkdown(w io.Writer, a *audit.Audit, _ Screen) error { return writeScroll(w, a, nil) }

func writeScroll(w io.Writer, a *audit.Audit, c *audit.Comparison) error {
	v, s := newPage(a, markdownBounds), scroll{bufio.NewWriter(w)}
	s.line("# ", words(v.Title))
	s.line()
	if v.Practice {
		s.line("**", practiceBanner, "**")
		s.line()
	}
	s.head(2, "In short")
	for _, l := range v.Top {
		s.line("- ", markdownText(l))
	}
	s.head(2, "What this does not show")
	s.facts(v.NotShown)
	s.head(2, "Who sent this")
	for _, l := range v.Level {
		s.line("- ", markdownText(l))
	}
	s.promises(v)
	s.head(2, "Card")
	s.facts(v.Card)
	s.head(2, "Coverage")
	for _, l := range v.Coverage.Says {
		s.line("- ", markdownText(l))
	}
	s.line()
	var rows [][]string
	for _, r := range v.Coverage.Rows {
		rows = append(rows, []string{r.Label, count(r.Flows), markdownText(r.OfFlows), size(r.Up), markdownText(r.OfUp), size(r.Down), r.Meaning})
	}
	s.table([]string{"what", ">flows", ">of flows", ">up", ">of up", ">down", "meaning"}, rows)
	s.findings(v)
	s.blocks(v.figures())
	s.jurisdictions(v)
	s.destinations(v)
	s.recipients(v)
	s.laws(v)
	s.apps(v)
	s.blocks(changes(c))
	s.blocks(v.runs())
	s.anomalies(v)
	s.sources(v)
	if len(v.Raise) > 0 {
		s.head(2, "What would raise the grades")
		for _, r := range v.Raise {
			s.line("- ", words(r.What), " (", plural(r.Destinations, "destination"), ")")
		}
	}
	s.head(2, "Limits of this audit")
	for _, l := range v.Limits {
		s.line("- ", words(l))
	}
	s.head(2, "Glossary")
	s.facts(v.Glossary)
	s.blocks(v.end())
	return s.w.Flush()
}

func (s scroll) jurisdictions(v *page) {
	s.head(2, "Places of servers, by bytes up")
	if len(v.Jurisdictions) == 0 {
		s.line("None: no endpoint was reached.")
		return
	}
	var rows [][]string
	for _, j := range v.Jurisdictions {
		rows = append(rows, []string{words(j.Words), words(j.Grade), size(j.Up), markdownText(j.OfUp), size(j.Down), count(j.Flows), count(j.Endpoints)})
	}
	s.table([]string{"place", "grade", ">up", ">of up", ">down", ">flows", ">destinations"}, rows)
	s.more(v.MoreCountries, "row", "rows")
}

func (s scroll) destinations(v *page) {
	s.head(2, "Destinations, by bytes up")
	if len(v.Destinations) == 0 {
		s.line("None.")
		return
	}
	var rows [][]string
	for _, d := range v.Destinations {
		name := "no name"
		if d.Name != "" {
			name = code(d.Name)
		}
		if d.MoreNames > 0 {
			name += " + " + plural(d.MoreNames, "name")
		}
		rows = append(rows, []string{
			d.ID.String(), name, code(d.Address), words(d.Words), words(d.Grade), words(foreign(joined(d.Role, d.Class))), words(foreign(joined(parts(&d)...))),
			size(d.Up), size(d.Down), count(d.Flows),
		})
	}
	s.table([]string{"id", "name", "address", "place of the server", "grade", "role", "network, owner, parent", ">up", ">down", ">flows"}, rows)
	s.more(v.MoreAddresses, "destination", "destinations")
	s.names(v)
	s.claims(v)
}

func (s scroll) names(v *page) {
	var rows [][]string
	for _, d := range v.Destinations {
		for _, n := range d.Names {
			seen := "–"
			if len(n.Proofs) > 0 {
				seen = markdownCode(n.Proofs[0].Ref)
			}
			how := words(n.How)
			if n.Weak {
				how += " (weak)"
			}
			rows = append(rows, []string{d.ID.String(), code(n.Name), how, count(n.Flows), seen})
		}
	}
	if len(rows) > 0 {
		s.head(3, "Names, and how they were learned")
		s.table([]string{"destination", "name", "how", ">flows", "seen in"}, rows)
	}
}

func (s scroll) claims(v *page) {
	var rows [][]string
	for _, d := range v.Destinations {
		for _, c := range d.Claims {
			rows = append(rows, []string{d.ID.String(), c.ID.String(), words(c.Kind), words(c.Dataset), words(c.AsOf), code(c.Row), words(c.Says)})
		}
	}
	if len(rows) > 0 {
		s.head(3, "What each dataset says")
		s.table([]string{"destination", "claim", "kind", "dataset", "as of", "row", "says"}, rows)
	}
}

func (s scroll) apps(v *page) {
	if len(v.Apps) == 0 {
		return
	}
	s.head(2, "Apps that the operating system named, by bytes up")
	var rows [][]string
	for _, r := range v.Apps {
		rows = append(rows, []string{code(r.Name), words(r.Label), words(r.Grade), size(r.Up), size(r.Down), count(r.Flows)})
	}
	s.table([]string{"app", "label", "grade", ">up", ">down", ">flows"}, rows)
	s.more(v.MoreApps, "app", "apps")
}

func (s scroll) findings(v *page) {
	s.head(2, "Findings")
	if len(v.Findings) == 0 {
		s.line("None.")
	}
	for _, f := range v.Findings {
		s.line("- **", f.ID.String(), "** ", words(foreign(joined(f.Rule, f.Outcome))), ": ", words(f.Says))
		for _, p := range f.Proof {
			s.line("  - seen in ", markdownCode(p.Ref), ": ", code(p.Command))
		}
		for _, m := range f.Missing {
			s.line("  - would decide it: ", words(m))
		}
	}
	if v.MoreFindings > 0 {
		s.line("- and ", plural(v.MoreFindings, "finding"), " more in audit.json")
	}
}

func (s scroll) anomalies(v *page) {
	s.head(2, "Anomalies: where input departs from its format")
	if len(v.Anomalies) == 0 && len(v.Undecoded) == 0 {
		s.line("None.")
	}
	var rows [][]string
	for _, x := range v.Anomalies {
		rows = append(rows, []string{x.ID.String(), words(x.Code), words(x.Stage), count(x.Count), where(x.Where, x.Recording), words(x.Detail)})
	}
	s.table([]string{"id", "code", "stage", ">count", "first at", "detail"}, rows)
	if r := v.MoreAnomalies; r.N > 0 {
		s.line()
		s.line("… and ", plural(r.N, "anomaly"), " more (seen ", plural(r.Flows, "time"), ") in audit.json.")
	}
	if len(v.Undecoded) == 0 {
		return
	}
	s.head(3, "Packets that could not become part of a flow")
	rows = nil
	for _, u := range v.Undecoded {
		rows = append(rows, []string{words(u.Code), words(u.Detail), count(u.Packets), markdownCode(u.Where)})
	}
	s.table([]string{"code", "kind", ">packets", "first at"}, rows)
	if r := v.MoreUndecoded; r.N > 0 {
		s.line()
		s.line("… and ", plural(r.N, "kind"), " more (", plural(r.Flows, "packet"), ") in audit.json.")
	}
}

func (s scroll) sources(v *page) {
	s.head(2, "Recordings")
	var rows [][]string
	for _, r := range v.Recordings {
		rows = append(rows, []string{r.ID.String(), code(r.Name), words(r.Format), count(uint64(r.Packets)), size(r.Size), words(r.Links), r.Lost, r.SHA256})
	}
	s.table([]string{"id", "file", "format", ">packets", ">size", "links", "lost packets", "SHA-256"}, rows)
	if v.MoreFiles > 0 {
		s.line()
		s.line("… and ", plural(v.MoreFiles, "recording"), " more in audit.json.")
	}
	s.head(2, "Datasets")
	if len(v.Datasets) == 0 {
		s.line("None: nothing was looked up, so nothing is placed.")
	}
	rows = nil
	for _, d := range v.Datasets {
		note := d.Credit
		if d.Practice {
			note = foreign(joined("used for practice recordings only", note))
		}
		if d.Warning != "" {
			note = foreign(joined("warning: "+d.Warning, note))
		}
		rows = append(rows, []string{d.ID.String(), words(d.Title), words(d.AsOf), words(d.Publisher), words(d.Licence), words(note), d.SHA256})
	}
	s.table([]string{"id", "dataset", "as of", "publisher", "licence", "credit", "SHA-256"}, rows)
}

// where is a ref, or the recording as a whole.
func where(ref string, recording audit.ID) string {
	return markdownCode(orElse(ref, recording.String()))
}
