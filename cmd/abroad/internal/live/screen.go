package live

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"abroad/capture/recorder"
	"abroad/capture/session"
	"abroad/reports"
)

// A State is everything that a screen shows.
type State struct {
	What string // what is recorded, by which source
	Dir  string
	// Attribution is what the source maps packets to.
	Attribution session.Attribution
	Status      recorder.Status
	Lost        string // the losses in words
	Steps       []session.Step
	Begun       []bool // by step
	Marks       []session.MarkReply
	CanAsk      bool // marks can be made here

	Latest   Latest
	Now      time.Time
	Typing   bool
	Typed    string
	Note     string // what the last key did
	Bad      bool   // Note is about a fault
	Stopping bool
	Scroll   int
	Sort     Order
}

// An Order is how rows are sorted.
type Order int

// The orders.
const (
	ByBytes Order = iota
	ByUp
	ByName
	orders
)

var orderWords = [orders]string{"by bytes", "by bytes up", "by name"}

// Next is the order after o.
func (o Order) Next() Order { return (o + 1) % orders }

// A Style is what a terminal can show.
type Style struct {
	Color   bool
	Unicode bool // otherwise ASCII only
}

// The smallest screen that is worth it; a smaller one shows a part of it.
const (
	MinColumns = 40
	MinRows    = 8
)

// A painter makes the lines of one frame.
type painter struct {
	style         Style
	columns, rows int
	lines         []string
}

// Lines returns at most rows lines without line ends, each at most columns wide. Escapes of colour are in them, and no other control
// character whatever the names are.
func (s *State) Lines(columns, rows int, style Style) []string {
	p := &painter{style: style, columns: max(columns, 1), rows: max(rows, 1)}
	p.head(s)
	p.plan(s)
	foot := p.foot(s)
	room := p.rows - len(p.lines) - len(foot)
	p.table(s, room)
	for len(p.lines)+len(foot) < p.rows {
		p.lines = append(p.lines, "")
	}
	p.lines = append(p.lines[:max(0, min(len(p.lines), p.rows-len(foot)))], foot...)
	return p.lines[:min(len(p.lines), p.rows)]
}

// head says what is recorded and how much there is.
func (p *painter) head(s *State) {
	state := p.pick("● ", "") + "recording"
	color := red
	switch {
	case s.Stopping:
		state, color = "stopping", yellow
	case !s.Status.Armed:
		state, color = "waiting for the source", yellow
	}
	right := clock(s.Status.Elapsed) + "  " + state
	left := "abroad record"
	if s.What != "" {
		left += p.pick(" · ", " - ") + s.What
	}
	p.ends(left, bold, right, color)
	parts := []string{reports.Count(s.Status.Packets) + " packets", reports.Size(s.Status.Bytes)}
	free, low := "", false
	if s.Status.Free >= 0 {
		free = reports.Size(uint64(s.Status.Free)) + " free"
		low = s.Status.Free < lowDisk
	}
	lost, known := s.Status.Stats.Document().Lost()
	line := p.text(strings.Join(parts, "   ") + "   ")
	line += p.paint(p.text(s.Lost), either(known && lost > 0, red, plain))
	line += "   " + p.paint(p.text(free), either(low, red, plain))
	p.lines = append(p.lines, p.fit(line))
	into := "into " + s.Dir
	switch s.Attribution {
	case session.AttributionDevice:
		into += p.pick(" · ", "; ") + "device level: traffic of the system and of other apps is in it"
	case session.AttributionNone:
		into += p.pick(" · ", "; ") + "the source does not say which app sent a flow"
	}
	p.add(dim, into)
}

// lowDisk is when free disk is shown as a warning, in bytes.
const lowDisk = 1 << 30

// plan shows the steps, and the last mark.
func (p *painter) plan(s *State) {
	if len(s.Steps) > 0 {
		p.steps(s)
	}
	if n := len(s.Marks); n > 0 {
		m := &s.Marks[n-1]
		what := cmp.Or(m.Text, m.Action)
		if m.Text != "" && m.Action != "" {
			what = m.Action + ": " + m.Text
		}
		p.add(plain, "last mark "+hour(m.At.String())+"  "+what)
	}
}

// steps ticks the steps off, around the one that is under way.
func (p *painter) steps(s *State) {
	begun := func(i int) bool { return i < len(s.Begun) && s.Begun[i] }
	current := -1
	for i := range s.Steps {
		if begun(i) {
			current = i
		}
	}
	most := max(2, (p.rows-12)/3)
	from := max(0, min(current-either(most > 2, 1, 0), len(s.Steps)-most)) // the next one is always in sight
	to := min(len(s.Steps), from+most)
	p.add(bold, fmt.Sprintf("step %d of %d", current+1, len(s.Steps)))
	for i := from; i < to; i++ {
		sign, color := p.pick("  · ", "  . "), dim
		switch {
		case i == current:
			sign, color = p.pick("  ▸ ", "  > "), bold
		case begun(i):
			sign, color = p.pick("  ✓ ", "  x "), green
		case i < current:
			sign, color = p.pick("  – ", "  - "), yellow // left out
		}
		text := s.Steps[i].Action
		if s.Steps[i].Text != "" {
			text += "  " + s.Steps[i].Text
		}
		if i == current+1 {
			text += "  (next)"
		}
		p.add(color, sign+text)
	}
	if to < len(s.Steps) {
		p.add(dim, fmt.Sprintf("    %d more", len(s.Steps)-to))
	}
}

// foot is what can be done, or what is being typed.
func (p *painter) foot(s *State) []string {
	keys := "m mark   s sort   up/down scroll   Ctrl-C stop"
	if len(s.Steps) > 0 {
		keys = "n next step   " + keys
	}
	switch {
	case s.Stopping:
		keys = "the source ends what is under way; Ctrl-C once more closes at once"
	case !s.CanAsk:
		keys = "s sort   up/down scroll   Ctrl-C stop   (no marks can be made)"
	}
	line := p.paint(p.fit(p.text(keys)), dim)
	if s.Typing {
		prompt := "mark: "
		typed := p.text(s.Typed)
		for width(prompt+typed) >= p.columns-1 && typed != "" {
			typed = typed[firstRune(typed):]
		}
		line = p.paint(prompt, bold) + typed + p.paint("_", bold)
		return []string{p.paint(p.fit(p.text("Enter keeps it, Esc does not")), dim), p.fit(line)}
	}
	note, color := s.Note, either(s.Bad, red, green)
	if note == "" {
		note, color = "A preview: names and places can still change; abroad audit decides.", dim
	}
	return []string{p.paint(p.fit(p.text(note)), color), line}
}

// table shows the endpoints in at most room lines.
func (p *painter) table(s *State, room int) {
	if room < 2 {
		return
	}
	t := s.Latest.Table
	if room > 4 {
		p.lines = append(p.lines, "")
		room--
	}
	if t == nil {
		p.add(dim, cmp.Or(s.Latest.Says, "no table yet"))
		return
	}
	rows := sorted(t.Rows, s.Sort)
	c := p.fields()
	p.lines = append(p.lines, p.paint(p.fit(c.line("NAME", "WHO", "PLACE, AND HOW WELL IT IS KNOWN", "UP", "DOWN")), underline))
	space := max(0, room-2)
	from := max(0, min(s.Scroll, len(rows)-space))
	for _, r := range rows[from:min(len(rows), from+space)] {
		p.lines = append(p.lines, p.row(&c, &r))
	}
	shown := min(len(rows), from+space) - from
	p.add(dim, p.below(s, t, from, shown))
}

// below says how far the table goes and how old it is.
func (p *painter) below(s *State, t *Table, from, shown int) string {
	text := fmt.Sprintf("%d endpoints %s", t.Endpoints, orderWords[s.Sort])
	if shown < t.Endpoints {
		text = fmt.Sprintf("%d to %d of %d endpoints %s", min(from+1, t.Endpoints), from+shown, t.Endpoints, orderWords[s.Sort])
	}
	if t.Limited {
		text += "; there are more than a live table holds"
	}
	if t.Behind > 0 {
		text += fmt.Sprintf("; %d segments to be read", t.Behind)
	}
	if t.Unread > 0 {
		text += fmt.Sprintf("; %d segments unreadable", t.Unread)
	}
	if age := s.Now.Sub(s.Latest.At); age >= 3*time.Second {
		text += "; " + age.Truncate(time.Second).String() + " old"
	}
	if s.Latest.Says != "" {
		text += "; " + s.Latest.Says
	}
	return text
}

// sorted returns the rows in an order.
func sorted(rows []Row, o Order) []Row {
	rows = slices.Clone(rows)
	switch o {
	case ByUp:
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(b.Up, a.Up) })
	case ByName:
		slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.title(), b.title()) })
	}
	return rows
}

func (r *Row) title() string { return cmp.Or(r.Name, r.Address.String()) }

// fields are the widths of the columns; 0 = it is left out.
type fields struct {
	p                       *painter
	name, who, place, bytes int
}

// fields shares the columns out: numbers have what they need, then the place, the name and the organisation a part of the rest each.
func (p *painter) fields() fields {
	f := fields{p: p, bytes: 8}
	rest := p.columns - 2*(f.bytes+1)
	switch {
	case rest < 30:
		f.name = max(rest-1, 8)
	case rest < 56:
		f.name = rest / 2
		f.place = rest - f.name - 2
	default:
		f.name, f.who = min(40, rest*36/100), min(30, rest*22/100)
		f.place = rest - f.name - f.who - 3
	}
	return f
}

// line puts the columns side by side. The words are visible already.
func (f *fields) line(name, who, place, up, down string) string {
	text := f.p.cell(name, f.name) + " "
	if f.who > 0 {
		text += f.p.cell(who, f.who) + " "
	}
	if f.place > 0 {
		text += f.p.cell(place, f.place) + " "
	}
	return text + right(up, f.bytes) + " " + right(down, f.bytes)
}

func (p *painter) row(f *fields, r *Row) string {
	name := p.text(r.title())
	if r.Names > 1 {
		name = p.tail(name, f.name-len(more(r.Names))) + more(r.Names)
	} else {
		name = p.tail(name, f.name)
	}
	who := p.text(r.Who)
	if r.Network && who != "" {
		who = "net " + who
	}
	place := p.text(r.Place)
	if r.Grade != "" && !r.Local() {
		place = string(r.Grade) + " " + place
	}
	text := p.fit(f.line(name, who, place, reports.Size(r.Up), reports.Size(r.Down)))
	if r.Local() {
		return p.paint(text, dim)
	}
	return text
}

func more(n int) string { return fmt.Sprintf(" +%d", n-1) }

// clock is "00:01:05".
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// hour takes "12:03:41" out of "2026-11-23T12:03:41.5Z".
func hour(s string) string {
	if len(s) < 19 {
		return s
	}
	return s[11:19] + "Z"
}

func either[T any](yes bool, a, b T) T {
	if yes {
		return a
	}
	return b
}
