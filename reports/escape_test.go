package reports

import (
	stdcsv "encoding/csv"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"api.example.com":           "api.example.com",
		"\x1b[31m":                  `\x1b[31m`,
		"a\x00\n\r\t\x7f":           `a\x00\x0a\x0d\x09\x7f`,
		"\u009b":                    `\u009b`,
		"\xff\xc0\xaf":              `\xff\xc0\xaf`,
		"\u202e\u2066\u200e":        `\u202e\u2066\u200e`,
		"\u200b\ufeff\u00ad":        `\u200b\ufeff\u00ad`,
		"\u00a0\u3000\u2028":        `\u00a0\u3000\u2028`,
		"\u3164\u115f\u2800":        `\u3164\u115f\u2800`,
		"\ufe0f\U000e0101":          `\ufe0f\U000e0101`,
		"\U000e0041\U0010ffff":      `\U000e0041\U0010ffff`,
		"\ufffd":                    "\ufffd", // a real one, as JSON leaves it
		`a\b`:                       `a\b`,
		"bücher.example":            "bücher.example",
		"日本":                        "日本",
		"e\u0301":                   "e\u0301",
		"e\u0301\u0301\u0301\u0301": "e\u0301\u0301\u0301" + `\u0301`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %q, want %q", in, got, want)
		}
		if again := visible(visible(in)); again != visible(in) {
			t.Errorf("visible(visible(%q)) = %q", in, again)
		}
	}
}

// FuzzVisible: what is shown is printable, shows the same the second time, and loses nothing that could be seen.
func FuzzVisible(f *testing.F) {
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := visible(s)
		safe(t, "visible", []byte(got))
		if strings.Contains(got, "\n") || visible(got) != got {
			t.Errorf("visible(%q) = %q", s, got)
		}
		plain := strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r
			}
			return -1
		}, s)
		i := 0
		for _, r := range got { // the plain characters are still there, in order
			if i < len(plain) && r == rune(plain[i]) {
				i++
			}
		}
		if i != len(plain) {
			t.Errorf("visible(%q) = %q lost %q", s, got, plain[i:])
		}
	})
}

// FuzzCell: a cell reads back as one cell, does not run, and two of them with a bare semicolon split into two.
func FuzzCell(f *testing.F) {
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := append(append(appendCell(nil, s), ','), appendCell(nil, s)...)
		row, err := stdcsv.NewReader(strings.NewReader(string(line) + "\n")).Read()
		if s == "" {
			return
		}
		if err != nil || len(row) != 2 || row[0] != row[1] {
			t.Fatalf("%q reads back as %q, %v", line, row, err)
		}
		if strings.Contains(row[0], ";") {
			t.Errorf("%q holds a semicolon", row[0])
		}
		if r, _ := utf8.DecodeRuneInString(strings.TrimLeft(row[0], ` "`)); strings.ContainsRune("=+-@＝＋－＠\t\r", r) {
			t.Errorf("%q would run", row[0])
		}
	})
}

// FuzzMarkdown: a cell stays one cell, and a span one span.
func FuzzMarkdown(f *testing.F) {
	for _, p := range payloads {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkMarkdown(t, []byte("| a | b |\n| --- | --- |\n| "+words(foreign(s))+" | "+code(foreign(s))+" |\n\n- "+words(foreign(s))+"\n"))
	})
}

func TestClip(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
		name  string
	}{
		{"short", 10, "short", "short"},
		{"exactly", 7, "exactly", "exactly"},
		{"abcdefgh", 4, "abcd… (4 bytes more)", "…fgh"},
		{"äöüß", 4, "äöüß", "äöüß"},
		{strings.Repeat("x", 40), 24, strings.Repeat("x", 40), "…" + strings.Repeat("x", 23)},
		{strings.Repeat("x", 60), 24, strings.Repeat("x", 24) + "… (36 bytes more)", "…" + strings.Repeat("x", 23)},
		{"äöüßä", 4, "äöüß… (2 bytes more)", "…üßä"},
		{"ab\xff\xffcd", 3, "ab\\xff… (3 bytes more)", "…cd"},
	} {
		if got := clip(c.in, c.limit).String(); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
		if got := clipName(c.in, c.limit).String(); got != c.name {
			t.Errorf("clipName(%q, %d) = %q, want %q", c.in, c.limit, got, c.name)
		}
	}
}

// TestShellWord lets a shell read the words back.
func TestShellWord(t *testing.T) {
	for _, name := range append([]string{"capture.pcap", "with space.pcap", "it's.pcap", "a$b`c`.pcap", "~root", "*", "日本.pcap", "#1", "a;b|c&d"}, payloads...) {
		word := shellWord(name)
		if word == "RECORDING" {
			if visible(name) == name {
				t.Errorf("shellWord(%q) gives up", name)
			}
			continue
		}
		out, err := exec.Command("sh", "-c", "printf %s "+word).Output()
		if want := name; err != nil || strings.TrimPrefix(string(out), "./") != want {
			t.Errorf("shellWord(%q) = %s, which a shell reads as %q (%v)", name, word, out, err)
		}
	}
	if got := shellWord("-rf"); got != "./-rf" {
		t.Errorf("shellWord(-rf) = %q", got)
	}
}

// TestWithin: a set so large that it tells nothing is counted, not listed.
func TestWithin(t *testing.T) {
	if got := within([]string{"DE", "FR"}); got != "DE, FR" {
		t.Error(got)
	}
	if got := within(make([]string, 55)); got != "55 countries, listed in audit.json" {
		t.Error(got)
	}
}
