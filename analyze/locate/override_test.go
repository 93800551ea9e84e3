package locate

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

const overridesSample = `# corrections
overrides:
  - prefix: 203.0.114.0/24
    country: NO
    author: A. Person
    date: 2026-05-06
    reason: the operator wrote so
  - prefix: 203.0.114.128/25
    country: "SE"
    author: B. Person
    date: "2026-05-07"
    reason: >
      measured
      twice
`

func TestOverrides(t *testing.T) {
	l, err := readOverrides([]byte(overridesSample))
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"203.0.114.1":   "NO 203.0.114.0/24 by A. Person on 2026-05-06: the operator wrote so",
		"203.0.114.200": "SE 203.0.114.128/25 by B. Person on 2026-05-07: measured twice",
		"203.0.115.1":   "",
	} {
		s := &sheet{asked: netip.MustParseAddr(address)}
		l.answer(s)
		got := ""
		for _, c := range s.claims {
			got = c.Country + " " + c.Said.Key + " " + c.Detail
		}
		if got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	if l.last != "2026-05-07" {
		t.Errorf("last %q", l.last)
	}
}

func TestOverridesRefuse(t *testing.T) {
	row := func(edit ...string) string {
		return strings.NewReplacer(edit...).Replace("overrides:\n- {prefix: 1.0.0.0/8, country: NO, author: A, date: 2026-05-06, reason: R}\n")
	}
	if _, err := readOverrides([]byte(row())); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{row("NO", "XX"), `correction 1: country "XX"`},
		{row("country: NO, ", ""), `correction 1: country ""`},
		{row("NO", "false"), `country "false"`},
		{row("1.0.0.0/8", "1.0.0.1/8"), `correction 1: prefix "1.0.0.1/8": want "1.0.0.0/8"`},
		{row("2026-05-06", "6.5.2026"), `date "6.5.2026"`},
		{row("author: A, ", ""), "author and a reason"},
		{row("reason: R", "reason: ''"), "author and a reason"},
		{row("reason: R", "reason: R, colour: red"), "colour"},
		{row("reason: R", "reason: R, reason: S"), "reason"},
		{row() + "- {prefix: 1.0.0.0/8, country: SE, author: A, date: 2026-05-06, reason: R}\n", "correction 2: 1.0.0.0/8 is also in correction 1"},
		{row() + "---\n" + row(), ""},
		{"overrides: 7\n", ""},
		{"- a\n", ""},
		{"overrides: [", ""},
		{"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\noverrides: *b\n", ""},
		{strings.Repeat("#", maxOverridesFile+1), "want at most"},
		{manyKeys(200_000), "line 1: a mapping of 200000 keys"}, // minutes, if each is compared with every other
		{"overrides:\n- {" + strings.ReplaceAll(manyKeys(2000), "\n", ", ") + "}\n", "line 2: a mapping of 2000 keys"},
	} {
		if _, err := readOverrides([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80q: %v, want %q", c.text, err, c.want)
		}
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

func FuzzOverrides(f *testing.F) {
	f.Add([]byte(overridesSample))
	f.Add([]byte("overrides: []"))
	f.Fuzz(func(t *testing.T, file []byte) {
		l, err := readOverrides(file)
		if err != nil {
			return
		}
		for _, r := range l.table.rows {
			o := r.value
			if Country(o.Country) != o.Country || o.Country == "" || o.Author == "" || o.Reason == "" || o.Date == "" || netip.MustParsePrefix(o.Prefix) != r.prefix {
				t.Fatalf("%+v", o)
			}
		}
	})
}

// A correction is one person's word: it is followed against everything but physics, and never makes more than L2.
func TestLibraryOverrides(t *testing.T) {
	dir := t.TempDir()
	const text = "overrides:\n- {prefix: 8.8.8.0/24, country: NO, author: A, date: 2026-05-06, reason: R}\n" +
		"- {prefix: 46.4.0.0/16, country: DE, author: A, date: 2026-05-06, reason: R}\n"
	path := filepath.Join(dir, OverridesName)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "datasets.csv"), []byte("file,kind,name,title,publisher,as_of\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{Data: dir}, {Overrides: path}} {
		l, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		for address, want := range map[string]string{"8.8.8.8": "NO L2", "46.4.0.1": "DE L2"} {
			said := l.Ask(Query{Address: netip.MustParseAddr(address)})
			for i := range said.Claims {
				if o := l.Override(&said.Claims[i]); (o != nil) != (said.Claims[i].Kind == audit.ClaimOverride) {
					t.Errorf("%s: claim %+v cites %v", address, said.Claims[i], o)
				}
			}
			place := Weigh(said.Class, numbered(said.Claims), l.Datasets(), nil)
			if got := place.Country + " " + string(place.Grade); got != want {
				t.Errorf("%s: %s, want %s (%s)", address, got, want, place.Words)
			}
			if !strings.Contains(place.Words, "a correction by hand") {
				t.Errorf("%s: %q does not say that it was corrected", address, place.Words)
			}
		}
		l.Close()
	}
	if err := os.WriteFile(path, []byte("overrides: [{}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Data: dir}); err == nil || !strings.Contains(err.Error(), `open overrides "overrides.yaml": correction 1`) {
		t.Errorf("a broken file: %v", err)
	}
}

func numbered(claims []audit.Claim) []audit.Claim {
	list := append([]audit.Claim(nil), claims...)
	for i := range list {
		list[i].ID = audit.ID{Kind: audit.KindClaim, N: uint32(i + 1)}
	}
	return list
}
