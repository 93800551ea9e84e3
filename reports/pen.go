package reports

import (
	"bufio"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pen writes lines for a terminal: indented, wrapped, coloured where asked. What it is given must be visible already; a foreign is.
type pen struct {
	w     *bufio.Writer
	width int
	color bool
}

// The styles are the only terminal escapes that a report contains.
const (
	bold    = "\x1b[1m"
	dim     = "\x1b[2m"
	green   = "\x1b[32m"
	yellow  = "\x1b[33m"
	inverse = "\x1b[7m"
	plain   = "\x1b[0m"
)

func newPen(w io.Writer, s Screen) *pen {
	width := s.Columns
	if width == 0 {
		width = 100
	}
	return &pen{w: bufio.NewWriter(w), width: min(max(width, 60), 400), color: s.Color}
}

func (p *pen) paint(style, s string) string {
	if !p.color || s == "" {
		return s
	}
	return style + s + plain
}

// line writes one line as it is.
func (p *pen) line(parts ...string) {
	for _, s := range parts {
		p.w.WriteString(s)
	}
	p.w.WriteByte('\n')
}

// head writes an empty line and a headline.
func (p *pen) head(s string) { p.line(); p.line(p.paint(bold, s)) }

// text wraps s between indent and the right edge; further lines are indented by hang more.
func (p *pen) text(indent, hang int, style, s string) {
	room := p.width - indent
	for len(s) > 0 {
		var row string
		row, s = cut(s, room)
		p.w.WriteString(strings.Repeat(" ", p.width-room))
		p.line(p.paint(style, row))
		room = p.width - indent - hang
	}
}

// cut splits s behind the last word that fits into room columns; a longer word is split where it must be.
func cut(s string, room int) (row, rest string) {
	if columns(s) <= room {
		return s, ""
	}
	used, space, at := 0, -1, 0
	for i, r := range s {
		if used += columnsOf(r); used > room {
			at = i
			if r == ' ' {
				space = i
			}
			break
		}
		if r == ' ' {
			space = i
		}
	}
	if space > 0 {
		return strings.TrimRight(s[:space], " "), strings.TrimLeft(s[space:], " ")
	}
	if at == 0 {
		_, at = utf8.DecodeRuneInString(s)
	}
	return s[:at], s[at:]
}

// columns is the width of s on a terminal: marks take none, East Asian wide characters two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.Mn, r):
		return 0
	case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd):
		return 2
	}
	return 1
}

// table writes rows in columns. A column whose headline begins with ">" is right-aligned; the last one takes the room that is left and
// wraps, or stands on a line of its own where there is no room.
func (p *pen) table(indent int, headline []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	const least = 24 // columns for the last one
	last := len(headline) - 1
	widths, titles := make([]int, len(headline)), make([]string, len(headline))
	for i, h := range headline {
		titles[i] = strings.TrimPrefix(h, ">")
		widths[i] = columns(titles[i])
	}
	at := indent
	for i := range last {
		for _, row := range rows {
			widths[i] = max(widths[i], columns(row[i]))
		}
		at += widths[i] + 2
	}
	below := p.width-at < least
	if below {
		at = indent + 4
	}
	write := func(row []string, style string) {
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", indent))
		for i := range last {
			pad := strings.Repeat(" ", widths[i]-columns(row[i]))
			if strings.HasPrefix(headline[i], ">") {
				b.WriteString(pad + row[i] + "  ")
			} else {
				b.WriteString(row[i] + pad + "  ")
			}
		}
		first, rest := "", row[last]
		if !below {
			first, rest = cut(row[last], p.width-at)
		}
		p.line(p.paint(style, strings.TrimRight(b.String()+first, " ")))
		p.text(at, 0, style, rest)
	}
	write(titles, dim)
	for _, row := range rows {
		write(row, "")
	}
}
