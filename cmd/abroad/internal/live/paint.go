package live

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"abroad/reports"
)

// A color is the number of a Select Graphic Rendition (ECMA-48, 8.3.117).
type color string

const (
	plain     color = ""
	bold      color = "1"
	dim       color = "2"
	underline color = "4"
	red       color = "31"
	green     color = "32"
	yellow    color = "33"
)

// paint puts a colour around text that is fitted already.
func (p *painter) paint(s string, c color) string {
	if !p.style.Color || c == plain || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// add adds a line of one colour.
func (p *painter) add(c color, s string) { p.lines = append(p.lines, p.paint(p.fit(p.text(s)), c)) }

// ends puts one text at each end of a line; the right one is kept whole.
func (p *painter) ends(l string, lc color, r string, rc color) {
	r = p.text(r)
	l = p.cell(p.text(l), max(0, p.columns-width(r)-1))
	p.lines = append(p.lines, p.fit(p.paint(l, lc)+" "+p.paint(r, rc)))
}

// text is s as it may be shown: nothing in it acts, and on a terminal without UTF-8 it is ASCII.
func (p *painter) text(s string) string {
	s = reports.Visible(s)
	if p.style.Unicode {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r == '…':
			b.WriteByte('~')
		default:
			b.WriteByte('?')
		}
	}
	return b.String()
}

func (p *painter) pick(fine, ascii string) string { return either(p.style.Unicode, fine, ascii) }

// fit cuts a line to the width of the screen. Escapes of paint take no room, and are closed.
func (p *painter) fit(s string) string {
	used, cut := 0, false
	var b strings.Builder
	for len(s) > 0 {
		if strings.HasPrefix(s, "\x1b[") {
			if end := strings.IndexByte(s, 'm'); end > 0 {
				b.WriteString(s[:end+1])
				s = s[end+1:]
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(s)
		if used += runeWidth(r); used > p.columns {
			cut = true
		}
		if !cut {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// cell makes s exactly n wide: a longer one loses its end.
func (p *painter) cell(s string, n int) string {
	if w := width(s); w <= n {
		return s + strings.Repeat(" ", n-w)
	}
	used, at := 0, 0
	for i, r := range s {
		if used += runeWidth(r); used > n-1 {
			break
		}
		at = i + utf8.RuneLen(r)
	}
	cut := s[:at]
	if n > 0 {
		cut += p.pick("…", "~")
	}
	return cut + strings.Repeat(" ", max(0, n-width(cut)))
}

// tail is cell for a name: it loses its beginning, for who owns a name stands at its end.
func (p *painter) tail(s string, n int) string {
	if width(s) <= n || n < 2 {
		return s
	}
	for width(s) > n-1 {
		s = s[firstRune(s):]
	}
	return p.pick("…", "~") + s
}

func right(s string, n int) string { return strings.Repeat(" ", max(0, n-width(s))) + s }

func firstRune(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

// width is how many columns s takes.
func width(s string) (n int) {
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is 2 for what East Asian fonts show wide (UAX 11, W and F by block), 0 for combining marks. A terminal that thinks otherwise shows a crooked
// line: every line is placed by itself.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.M, r):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}
