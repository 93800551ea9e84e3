package live

import (
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode"

	"abroad/analyze/audit"
	"abroad/capture/session"
)

// hostile is what a stranger would like to see on somebody's terminal.
const hostile = "\x1b]0;pwned\a\x1b[2J\x9b31m\r\nx\u202egnp.exe\u200b\xff日本語"

func hostileState() *State {
	row := Row{Address: netip.MustParseAddr("203.0.113.9"), Name: hostile, Names: 3, Who: hostile, Network: true, Place: "DB-IP says " + hostile, Grade: audit.L1, Up: 1 << 40, Down: 7}
	plain := Row{Address: netip.MustParseAddr("192.168.1.1"), Class: audit.ClassPrivate, Place: "a private address, not a place", Up: 1}
	s := &State{
		What: hostile, Dir: hostile, Lost: "3 lost", CanAsk: true, Note: hostile, Now: time.Unix(100, 0),
		Steps: []session.Step{{Action: "a", Text: hostile}, {Action: "b"}, {Action: "c"}}, Begun: []bool{true, false, true},
		Marks:  []session.MarkReply{{Text: hostile, Action: "c"}},
		Latest: Latest{Table: &Table{Endpoints: 2, Rows: []Row{row, plain}}, At: time.Unix(90, 0), Says: hostile},
	}
	return s
}

// Whatever the names are, a frame fits the screen, and nothing in it acts but our own colours.
func TestScreenHostile(t *testing.T) {
	s := hostileState()
	for _, style := range []Style{{true, true}, {false, true}, {true, false}, {false, false}} {
		for _, typing := range []bool{false, true} {
			s.Typing, s.Typed = typing, strings.Repeat(hostile, 10)
			for columns := 1; columns < 130; columns += 1 + columns/8 {
				for rows := 1; rows < 40; rows += 1 + rows/6 {
					lines := s.Lines(columns, rows, style)
					if len(lines) > rows {
						t.Fatalf("%d lines on %d rows", len(lines), rows)
					}
					for _, l := range lines {
						for _, c := range []color{bold, dim, underline, red, green, yellow, "0"} {
							if style.Color {
								l = strings.ReplaceAll(l, "\x1b["+string(c)+"m", "")
							}
						}
						if w := width(l); w > columns {
							t.Fatalf("%d columns on %d: %q", w, columns, l)
						}
						for _, r := range l {
							if !unicode.IsPrint(r) || r == unicode.ReplacementChar || !style.Unicode && r > 0x7e {
								t.Fatalf("%+v: %q is on the screen: %q", style, r, l)
							}
						}
					}
				}
			}
		}
	}
}

// The claim stands with its grade, a network is not called a recipient, a step that was left out is not ticked, losses and age are told.
func TestScreenSays(t *testing.T) {
	s := hostileState()
	s.Latest.Table.Rows[0].Name, s.Latest.Table.Rows[0].Who, s.Latest.Table.Rows[0].Place = "api.example.com", "Example Net", "DB-IP says IE"
	s.Latest.Says, s.Note = "", ""
	got := strings.Join(s.Lines(120, 30, Style{Unicode: true}), "\n")
	for _, want := range []string{
		"api.example.com +2", "net Example Net", "L1 DB-IP says IE", "step 3 of 3", "✓ a", "– b", "▸ c", "3 lost", "10s old", "abroad audit decides", "waiting for the source",
		"a private address, not a place",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not on the screen:\n%s", want, got)
		}
	}
	if strings.Contains(got, "L0 a private") {
		t.Errorf("a private address has a grade:\n%s", got)
	}
}

func TestKeys(t *testing.T) {
	for in, want := range map[string][]Key{
		"m":              {'m'},
		"é\r":            {'é', KeyEnter},
		"\x1b[A\x1b[6~x": {KeyUp, KeyPageDown, 'x'},
		"\x1b":           {KeyEscape},
		"\x1b[200~a":     {'a'}, // a paste
		"\x03":           {KeyInterrupt},
		"\x7f":           {KeyErase},
		"\xff":           nil,
	} {
		got := Keys(in)
		if len(got) != len(want) {
			t.Errorf("%q is %v, want %v", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q is %v, want %v", in, got, want)
			}
		}
	}
}

// FuzzKeys: whatever comes, every key is one that is known, and no more of them than bytes.
func FuzzKeys(f *testing.F) {
	f.Add("a\x1b[A\x1b[1;5Cé\x1b")
	f.Fuzz(func(t *testing.T, s string) {
		keys := Keys(s)
		if len(keys) > len(s) {
			t.Fatalf("%d keys of %d bytes", len(keys), len(s))
		}
		for _, k := range keys {
			if k < KeyEnd || k >= ' ' && !unicode.IsPrint(rune(k)) {
				t.Fatalf("%q has the key %d", s, k)
			}
		}
	})
}
