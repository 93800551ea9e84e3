package reports

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// foreign is text that a stranger may have chosen: a name from traffic, a label, a file name, a sentence that quotes one. Its String is
// already visible, so that printing it with fmt or with a template cannot forget the escape. Going around it takes a string(f) that a
// reader of the code sees.
type foreign string

// String returns f as it may be shown on a terminal or, through html/template, in a page.
func (f foreign) String() string { return visible(string(f)) }

// visible writes out whatever cannot be seen, or would act instead of being read: control characters (so every terminal escape), bytes
// that are not UTF-8, bidirectional controls, zero-width and other invisible characters, spaces other than U+0020, and combining marks
// after the third of a row. They become \xNN, \uNNNN or \UNNNNNNNN. A backslash stays one: the form is for reading, audit.json is exact.
func visible(s string) string {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return makeVisible(s, i)
		}
	}
	return s
}

func makeVisible(s string, from int) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:from])
	marks := 0
	for i := from; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			writeHex(&b, 'x', 2, rune(s[i]))
		case r >= ' ' && r < 0x7f, !hidden(r) && marks <= 3:
			b.WriteString(s[i : i+n])
		case r < 0x80:
			writeHex(&b, 'x', 2, r)
		case r <= 0xffff:
			writeHex(&b, 'u', 4, r)
		default:
			writeHex(&b, 'U', 8, r)
		}
		i += n
	}
	return b.String()
}

// hidden reports whether r has no shape of its own. unicode.IsPrint refuses controls (Cc), formats (Cf, with all bidi controls), private and
// unassigned characters and every space but U+0020; the rest of the list prints as nothing though its class says letter, mark or symbol.
func hidden(r rune) bool {
	const brailleBlank = 0x2800
	return !unicode.IsPrint(r) || r == brailleBlank || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

func writeHex(b *strings.Builder, letter byte, digits int, r rune) {
	b.WriteByte('\\')
	b.WriteByte(letter)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b.WriteByte("0123456789abcdef"[r>>shift&15])
	}
}

// markdownText escapes s for a sentence or a table cell of CommonMark and GitHub's tables. Angle brackets and ampersands become entities, so
// that no HTML can come of them even where a renderer ignores backslashes; other punctuation with a meaning gets a backslash.
func markdownText(s string) string {
	s = strings.TrimLeft(visible(s), " ")
	var b strings.Builder
	b.Grow(len(s) + 16)
	lead := 0 // digits at the start: "1." would begin a list
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '<':
			b.WriteString("&lt;")
			continue
		case c == '>':
			b.WriteString("&gt;")
			continue
		case c == '&':
			b.WriteString("&amp;")
			continue
		case strings.IndexByte("\\`*_{}[]#|~$@", c) >= 0, c == ':' && strings.HasPrefix(s[i:], "://"):
			b.WriteByte('\\')
		case i == 0 && (c == '-' || c == '+' || c == '='):
			b.WriteByte('\\')
		case i > 0 && lead == i && (c == '.' || c == ')') && (i+1 == len(s) || s[i+1] == ' '):
			b.WriteByte('\\')
		case c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"): // "www." alone makes a link
			b.WriteByte('\\')
		}
		if lead == i && c >= '0' && c <= '9' {
			lead++
		}
		b.WriteByte(c)
	}
	return b.String()
}

// markdownCode escapes s as a code span: no markup, no link and no mention can come of it. A span ends at a backtick and a table cell at a
// bar, whatever stands before them, and careless renderers read HTML even here, so these three are written as \x60, \x7c and \x3c.
func markdownCode(s string) string {
	if s == "" {
		return "–"
	}
	return "`" + codeSpan.Replace(visible(s)) + "`"
}

var codeSpan = strings.NewReplacer("`", `\x60`, "|", `\x7c`, "<", `\x3c`)

// appendCell appends s as one cell of a CSV file. Spreadsheets run what begins like a formula, in some languages also behind a full-width
// sign, and in half of Europe cut a line at ";" even in comma files: a leading sign gets an apostrophe before it, and a semicolon is written
// \x3b (bare ones separate the members of our lists).
func appendCell(b []byte, s string) []byte {
	quoted := len(b)
	b = appendMember(b, s)
	return quoteCell(b, quoted)
}

// appendMember appends s as one member of a list inside a cell.
func appendMember(b []byte, s string) []byte {
	s = visible(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \"'")); first != utf8.RuneError && strings.ContainsRune("=+-@＝＋－＠", first) {
		b = append(b, '\'')
	}
	for i := range len(s) {
		if s[i] == ';' {
			b = append(b, `\x3b`...)
			continue
		}
		b = append(b, s[i])
	}
	return b
}

// quoteCell puts the cell that begins at b[from] into quotes where RFC 4180 wants them.
func quoteCell(b []byte, from int) []byte {
	plain := true
	for _, c := range b[from:] {
		if c == '"' || c == ',' {
			plain = false
			break
		}
	}
	if plain {
		return b
	}
	cell := strings.ReplaceAll(string(b[from:]), `"`, `""`)
	b = append(b[:from], '"')
	b = append(b, cell...)
	return append(b, '"')
}

// shellWord quotes a file name for a POSIX shell. A name that cannot be shown as it is cannot be typed either; RECORDING stands for it.
func shellWord(name string) string {
	if visible(name) != name || name == "" {
		return "RECORDING"
	}
	if name[0] == '-' {
		name = "./" + name
	}
	for i := range len(name) {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("._-/+,@%", c) >= 0 || c >= 0x80 {
			continue
		}
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

// clip shortens s to at most limit characters and says how much is missing; the full value is in audit.json. What is hardly longer than that
// sentence stays whole.
func clip(s string, limit int) foreign {
	const note = len("… (100 bytes more)")
	room := limit
	if limit > note { // else there is no room for it
		room += note
	}
	if len(s) <= room || utf8.RuneCountInString(s) <= room {
		return foreign(s)
	}
	at := 0
	for range limit {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return foreign(s[:at] + "… (" + count(uint64(len(s)-at)) + " bytes more)")
}

// clipName shortens a host name from the left: who owns a name stands at its end.
func clipName(s string, limit int) foreign {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return foreign(s)
	}
	at := len(s)
	for range limit - 1 {
		_, size := utf8.DecodeLastRuneInString(s[:at])
		at -= size
	}
	return foreign("…" + s[at:])
}
