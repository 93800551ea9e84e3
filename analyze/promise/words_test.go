package promise

import (
	"regexp"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// refused are words that we must not say in our own voice (promises study, section 3.6). Somebody else may.
var refused = regexp.MustCompile(`(?i)\btransfer|\bstored in\b|government|\bspy|\billegal|\bunlawful|\bcomplian|\bviolat|\bprov(es?|en|ing)\b|\b(safe|clean|secure)\b|\bthe app\b|\bno data (goes|went|is)\b|\bis located\b`)

// TestWords reads every sentence of ours that the vectors, each condition and the library lead to.
func TestWords(t *testing.T) {
	sentences := 0
	read := func(where, s string) {
		sentences++
		if hit := refused.FindString(s); hit != "" {
			t.Errorf("%s says %q in %q", where, hit, s)
		}
	}
	verdict := func(where string, v *audit.Verdict) {
		says := append([]audit.Phrase{}, v.Says...)
		for _, l := range v.Leads {
			says = append(says, l.Says...)
		}
		for _, p := range says {
			read(where, p.Ours)
		}
		for _, m := range v.Missing {
			read(where, m)
		}
	}
	for _, test := range vectors {
		verdict(test.name, test.scene().verdict(t))
	}
	for _, id := range Library() {
		files, err := Load([]string{id})
		if err != nil {
			t.Fatal(err)
		}
		for _, country := range []string{"CN", "IE"} {
			p := Judge(files[0], british(files[0], "GB", country))
			for i := range p.Clauses {
				verdict(id, &p.Clauses[i].Verdict)
			}
			for _, n := range p.Notes {
				read(id, n)
			}
		}
	}
	for r, s := range reasons {
		read(string(r), s)
	}
	for r, s := range conditions {
		read(string(r), s)
	}
	for _, a := range aspects {
		read(a.Name, a.Why)
	}
	for _, r := range Ladder {
		read(r.Key, r.Says)
	}
	if sentences < 100 {
		t.Errorf("only %d sentences were read", sentences)
	}
}

// TestReasons: every reason has its words.
func TestReasons(t *testing.T) {
	for _, row := range Reasons() {
		if row[1] == "" {
			t.Errorf("%s has no words", row[0])
		}
	}
	if len(Reasons()) != len(reasons) {
		t.Errorf("%d reasons are listed, %d have words", len(Reasons()), len(reasons))
	}
}

// TestPercent: a bound is rounded so that it never looks better than it is.
func TestPercent(t *testing.T) {
	for share, want := range map[float64]string{0.2589: "26%", 0.26: "26%", 0.2501: "26%", 1: "100%"} {
		if got := percent(share); got != want {
			t.Errorf("%v is %s, want %s", share, got, want)
		}
	}
}

// TestBalanced: a place that something speaks against keeps its brackets in a sentence.
func TestBalanced(t *testing.T) {
	s := newScene(4, Clause{Polarity: "exclude", Aspect: "routing", Places: []string{"CN"}, Indicators: locationNotIn(Select{})})
	s.seen(Contact{Place: Place{Grade: 3, Country: "CN", Words: "in CN (its operator and a database agree); against it: A says US"}})
	says := plainWords(s.verdict(t).Says)
	if !strings.Contains(says, "located in CN (L3: its operator and a database agree; against it: A says US). That is") {
		t.Error(says)
	}
	if strings.Count(says, "(") != strings.Count(says, ")") {
		t.Errorf("brackets: %s", says)
	}
}

func TestPayload(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 bytes of payload", 1: "1 byte of payload", 999: "999 bytes of payload", 1000: "1,000 bytes of payload", 90320: "90,320 bytes of payload",
		123456: "123,456 bytes of payload", 1 << 63: "9,223,372,036,854,775,808 bytes of payload",
	} {
		if got := payload(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
