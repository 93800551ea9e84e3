package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"text/tabwriter"
)

// An answer is what "abroad data lookup --json" says about an address.
type answer struct {
	Address    string   `json:"address"`
	Grade      string   `json:"grade"`
	Country    string   `json:"country"`
	Candidates []string `json:"candidates"`
	Within     []string `json:"within"`
	Role       string   `json:"role"`
	Why        []string `json:"why"`
}

func (m *measurement) importFile(dir string, f oldFile) error {
	cmd := exec.Command(m.abroad, "data", "import", "--data", dir, "--format", f.provider, "--as-of", f.asOf, f.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("import %s: %w\n%s", f.path, err, out)
	}
	return nil
}

// ask returns the answers in the order of the rows.
func (m *measurement) ask(rows []row, flags ...string) ([]answer, error) {
	var in bytes.Buffer
	for _, r := range rows {
		fmt.Fprint(&in, r.address)
		if r.ms > 0 {
			fmt.Fprintf(&in, " %.3f", r.ms)
		}
		fmt.Fprintln(&in)
	}
	cmd := exec.Command(m.abroad, append(append([]string{"data", "lookup", "--json"}, flags...), "-")...)
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("abroad data lookup: %w\n%s", err, stderr.Bytes())
	}
	answers := make([]answer, 0, len(rows))
	for lines := json.NewDecoder(&out); lines.More(); {
		var a answer
		if err := lines.Decode(&a); err != nil {
			return nil, fmt.Errorf("read answer %d: %w", len(answers)+1, err)
		}
		answers = append(answers, a)
	}
	if len(answers) != len(rows) {
		return nil, fmt.Errorf("%d answers to %d questions", len(answers), len(rows))
	}
	for i := range answers {
		if answers[i].Address != rows[i].address.String() {
			return nil, fmt.Errorf("answer %d is about %s, not %s", i+1, answers[i].Address, rows[i].address)
		}
	}
	return answers, nil
}

// A tally counts the answers of one grade.
type tally struct {
	all, named, right int // those that name one country, and those of them that name the right one
	several, among    int // those with several candidates, and those of them that have the right one among them
	none              int // neither: edges, and addresses of which nothing is known
}

func (t *tally) add(r *row, a *answer) {
	t.all++
	switch {
	case a.Country != "":
		t.named++
		if a.Country == r.country {
			t.right++
		}
	case len(a.Candidates) > 0 || len(a.Within) > 0:
		t.several++
		if slices.Contains(a.Candidates, r.country) || len(a.Candidates) == 0 && slices.Contains(a.Within, r.country) {
			t.among++
		}
	default:
		t.none++
	}
}

var grades = []string{"L4", "L3", "L2", "L1", "L0"}

// wantRight is how often, in percent, what is graded L3 or L4 is to be right.
const wantRight = 99.5

// measure asks and prints a table.
func (m *measurement) measure(title string, rows []row, flags ...string) error {
	answers, err := m.ask(rows, flags...)
	if err != nil {
		return err
	}
	byGrade, byProvider := map[string]*tally{}, map[string]*tally{}
	count := func(into map[string]*tally, key string) *tally {
		if into[key] == nil {
			into[key] = &tally{}
		}
		return into[key]
	}
	var top tally
	shown := 0
	total := map[string]int{}
	for i := range rows {
		r, a := &rows[i], &answers[i]
		total[r.provider]++
		count(byGrade, a.Grade).add(r, a)
		if a.Grade != "L3" && a.Grade != "L4" {
			continue
		}
		top.add(r, a)
		count(byProvider, r.provider).add(r, a)
		if a.Country != r.country && shown < m.show {
			shown++
			fmt.Fprintf(m.out, "wrong: %s %s %s is in %s: %s %q\n", r.provider, r.prefix, r.region, r.country, a.Grade, a.Why)
		}
	}
	fmt.Fprintf(m.out, "\n%s: %d addresses\n", title, len(rows))
	tab := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "grade\taddresses\tshare\tone country\tright\tprecision\tseveral\tright among them\tno country\t")
	for _, grade := range grades {
		t := count(byGrade, grade)
		fmt.Fprintf(tab, "%s\t%d\t%s\t%d\t%d\t%s\t%d\t%d\t%d\t\n",
			grade, t.all, percent(t.all, len(rows)), t.named, t.right, percent(t.right, t.named), t.several, t.among, t.none)
	}
	for _, provider := range keys(byProvider) {
		t := byProvider[provider]
		fmt.Fprintf(tab, "L3+ %s\t%d\t%s\t%d\t%d\t%s\t\t\t\t\n", provider, t.all, percent(t.all, total[provider]), t.named, t.right, percent(t.right, t.named))
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(m.out, "L3 or better: %s of all, right %s (wanted: %.1f%%)\n", percent(top.all, len(rows)), percent(top.right+top.among, top.all), wantRight)
	return nil
}

func keys(m map[string]*tally) (list []string) {
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}

func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(of))
}
