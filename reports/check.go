package reports

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"

	"abroad/analyze/audit"
)

// A CheckWriter shows the cases of a check.
type CheckWriter func(w io.Writer, a *audit.Audit, cases []audit.Case, screen Screen) error

var checkFormats = []struct {
	name  string
	write CheckWriter
}{
	{"text", checkText},
	{"json", checkJSON},
	{"junit", checkJUnit},
	{"sarif", checkSARIF},
}

// CheckFormats lists the formats of a check.
func CheckFormats() (names []string) {
	for _, f := range checkFormats {
		names = append(names, f.name)
	}
	return names
}

// CheckFormat returns the format of that name, nil if there is none.
func CheckFormat(name string) CheckWriter {
	for _, f := range checkFormats {
		if f.name == name {
			return f.write
		}
	}
	return nil
}

func checkText(w io.Writer, a *audit.Audit, cases []audit.Case, screen Screen) error {
	p := newPen(w, screen)
	p.text(0, 2, bold, title(a).String())
	if a.Practice {
		p.text(0, 2, inverse, practiceBanner)
	}
	if len(cases) == 0 {
		p.text(0, 2, "", "Nothing to check: the audit holds no promise, and no policy was given.")
	}
	for i := range cases {
		c := &cases[i]
		p.line()
		p.text(0, 2, bold, strings.ToUpper(string(c.Outcome))+"  "+visible(c.Group)+" "+visible(c.ID)+": "+visible(c.Word))
		says := sentence(c.Says)
		if title := quoted(c.Title); c.Title != "" && !strings.Contains(says, title) { // many sentences quote it
			p.text(2, 2, "", title)
		}
		p.text(2, 2, "", says)
		for k := range c.Leads {
			p.text(2, 2, "", leadLine(&c.Leads[k])+" ["+idList(c.Leads[k].Because, 4)+"]")
		}
		for _, m := range c.Missing {
			p.text(2, 2, dim, "would decide it: "+visible(m))
		}
		if len(c.Because) > 0 {
			p.text(2, 2, dim, "rests on "+idList(c.Because, 8))
		}
	}
	return p.w.Flush()
}

func checkJSON(w io.Writer, a *audit.Audit, cases []audit.Case, _ Screen) error {
	if cases == nil {
		cases = []audit.Case{}
	}
	b, err := json.MarshalIndent(struct {
		Schema string       `json:"schema"`
		Tool   audit.Tool   `json:"tool"`
		Cases  []audit.Case `json:"cases"`
	}{"abroad/check/1.0.0", a.Tool, cases}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// JUnit's XML has no standard; this is what Jenkins and GitLab read. What cannot be decided is skipped, not passed.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string      `xml:"name,attr"`
		Classname string      `xml:"classname,attr"`
		Failure   *junitFault `xml:"failure,omitempty"`
		Skipped   *junitFault `xml:"skipped,omitempty"`
		Output    string      `xml:"system-out,omitempty"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

func checkJUnit(w io.Writer, a *audit.Audit, cases []audit.Case, _ Screen) error {
	doc := junitSuites{Name: "abroad check " + visible(string(title(a)))}
	for i := range cases {
		c := &cases[i]
		n := len(doc.Suites)
		if n == 0 || doc.Suites[n-1].Name != visible(c.Group) {
			doc.Suites = append(doc.Suites, junitSuite{Name: visible(c.Group)})
			n++
		}
		s := &doc.Suites[n-1]
		v := junitCase{Name: visible(c.ID), Classname: "abroad." + strings.ReplaceAll(visible(c.Group), " ", ".")}
		switch text := sentence(c.Says); c.Outcome {
		case audit.CaseFail:
			v.Failure = &junitFault{Message: visible(c.Word), Type: visible(c.Word), Text: text + "\nrests on " + idList(c.Because, 20)}
			s.Failures++
			doc.Failures++
		case audit.CaseOpen:
			v.Skipped = &junitFault{Message: visible(c.Word) + ": " + text}
			s.Skipped++
			doc.Skipped++
		default:
			v.Output = text
		}
		for k := range c.Leads { // a skipped case has a message and no text of its own
			v.Output = strings.TrimPrefix(v.Output+"\n"+leadLine(&c.Leads[k]), "\n")
		}
		s.Cases = append(s.Cases, v)
		s.Tests++
		doc.Tests++
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// SARIF 2.1.0 (OASIS): a rule for each case, a result for each with its kind; what cannot be decided is "open" of level "none", as the
// standard wants it for every kind but "fail" (section 3.27.10).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string     `json:"id"`
		ShortDescription *sarifText `json:"shortDescription,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID     string            `json:"ruleId"`
		RuleIndex  int               `json:"ruleIndex"`
		Kind       string            `json:"kind"`
		Level      string            `json:"level"`
		Message    sarifText         `json:"message"`
		Locations  []sarifLocation   `json:"locations"`
		Properties map[string]string `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
		} `json:"physicalLocation"`
		Logical []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"name"`
	}
)

func checkSARIF(w io.Writer, a *audit.Audit, cases []audit.Case, _ Screen) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "abroad", Version: visible(a.Tool.Version), Rules: []sarifRule{}}
	for i := range cases {
		c := &cases[i]
		id := strings.ReplaceAll(visible(c.Group), " ", "/") + "/" + visible(c.ID)
		rule := sarifRule{ID: id}
		if c.Title != "" {
			rule.ShortDescription = &sarifText{quoted(c.Title)}
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
		r := sarifResult{RuleID: id, RuleIndex: i, Kind: string(c.Outcome), Level: "none", Message: sarifText{sentence(c.Says)}, Properties: map[string]string{"verdict": visible(c.Word)}}
		if c.Outcome == audit.CaseFail {
			r.Level = "error"
		}
		for k := range c.Leads {
			r.Message.Text += "\n" + leadLine(&c.Leads[k])
		}
		var at sarifLocation
		at.Physical.Artifact.URI = "audit.json"
		for _, id := range c.Because[:min(len(c.Because), 20)] {
			at.Logical = append(at.Logical, sarifLogical{id.String()})
		}
		r.Locations = []sarifLocation{at}
		run.Results = append(run.Results, r)
	}
	b, err := json.MarshalIndent(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// leadLine says what points against a clause without counting against it, and on which condition it would.
func leadLine(l *audit.Lead) string { return capital(leadWord(l.Kind)) + ": " + sentence(l.Says) }

// sentence joins phrases; what is in somebody else's words stands in quotation marks that nothing else in our formats uses.
func sentence(says []audit.Phrase) string {
	var b strings.Builder
	for _, p := range says {
		if p.Theirs != "" {
			b.WriteString(quoted(p.Theirs))
		} else {
			b.WriteString(visible(p.Ours))
		}
	}
	return b.String()
}

// quoted marks text that is not ours: “…”. Its own marks of that kind become simple ones, so that it cannot end the quotation.
func quoted(s audit.Foreign) string { return "“" + foreignMarks.Replace(visible(string(s))) + "”" }

var foreignMarks = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`)

// idList writes ids, the first ones if there are many.
func idList(ids []audit.ID, most int) string {
	var words []string
	for _, id := range ids[:min(len(ids), most)] {
		words = append(words, id.String())
	}
	if n := len(ids) - most; n > 0 {
		words = append(words, "and "+count(uint64(n))+" more")
	}
	return strings.Join(words, ", ")
}
