package reports

import (
	"cmp"
	"slices"
	"strconv"

	"abroad/analyze/audit"
)

// The drawing's measures, in its own units.
const (
	sankeyWidth   = 1250
	sankeyHeight  = 440 // of all flows together
	sankeyNode    = 12  // wide
	sankeyGap     = 10  // between nodes of a column
	sankeyMost    = 11  // nodes of a column that have a name; the rest is one node
	sankeyLabel   = 226 // of a node's label, which no ribbon crosses
	sankeyStep    = 330 // between columns
	sankeyLine    = 14  // of text, high: a node has as much room
	sankeyLetters = 23  // of a label
	sankeyPlace   = 27  // of a place; its end, which says the grade, stays
)

// columns of the drawing, from who sent to where it arrived.
var sankeyColumns = []string{"Sending app", "Recipient", "Network operator", "Place of the server"}

// A sankey shows how the bytes up divide: sending app, recipient, operator, place. What is not known is grey, what is only claimed hatched.
type sankey struct {
	Unit   string // "bytes up"
	Width  int
	Height int
	Heads  []sankeyHead
	Nodes  []sankeyNodeBox
	Links  []sankeyLink
	Rows   []sankeyRow // the same as a table, by size
	More   sum
}

type sankeyHead struct {
	X    int
	Text string
}

type sankeyNodeBox struct {
	X, Y, H string
	Panel   int // width of the field for the label; the last column needs none
	TextX   int
	TextY   string
	Label   foreign
	Size    string
	Class   string
	Title   foreign
}

type sankeyLink struct {
	Path  string
	Class string
	Title foreign
}

// A sankeyRow is one way through all columns.
type sankeyRow struct {
	Step  [4]foreign
	Class string
	Flows uint64
	Up    uint64
	OfUp  string
}

// A way is the key of a row.
type way struct {
	step  [4]string
	class string
}

func newSankey(a *audit.Audit) *sankey {
	const ways = 20000 // distinct ways counted; further ones join the last
	owners := ownersByName(a)
	sums := map[way]*sankeyRow{}
	var total uint64
	for _, f := range a.Flows {
		if a.Coverage.DeviceSure && !f.Device || f.BytesUp == 0 {
			continue
		}
		e := (index{a}).endpoint(f.Endpoint)
		if e == nil || special(e.Class) {
			continue
		}
		w := wayOf(f, e, owners, &a.Subject)
		r := sums[w]
		if r == nil {
			if len(sums) == ways {
				w = way{[4]string{"others", "others", "others", "others"}, "open"}
			}
			if r = sums[w]; r == nil {
				r = &sankeyRow{Class: w.class}
				for i, s := range w.step {
					r.Step[i] = clip(s, 60)
				}
				sums[w] = r
			}
		}
		r.Flows++
		r.Up += f.BytesUp
		total += f.BytesUp
	}
	if total == 0 {
		return nil
	}
	whole := a.Coverage.Total.BytesUp // shares are as in the other tables, which count local addresses too
	s := &sankey{Unit: "bytes up", Width: sankeyWidth}
	for _, r := range sums {
		r.OfUp = percent(r.Up, whole)
		s.Rows = append(s.Rows, *r)
	}
	slices.SortFunc(s.Rows, func(a, b sankeyRow) int {
		by := cmp.Compare(b.Up, a.Up)
		for i := range a.Step {
			by = cmp.Or(by, cmp.Compare(a.Step[i], b.Step[i]))
		}
		return cmp.Or(by, cmp.Compare(a.Class, b.Class))
	})
	s.lay(total, whole)
	const listed = 40
	for i := listed; i < len(s.Rows); i++ {
		s.More.N++
		s.More.Flows += s.Rows[i].Flows
		s.More.Up += s.Rows[i].Up
	}
	s.Rows = s.Rows[:min(len(s.Rows), listed)]
	return s
}

// ownersByName says who receives at a name, by the audit's own hosts.
func ownersByName(a *audit.Audit) map[string]string {
	owners := make(map[string]string, len(a.Hosts))
	for i := range a.Hosts {
		h := &a.Hosts[i]
		if o := at(a.Organisations, h.Owner, audit.KindOrganisation); o != nil {
			owners[h.Name] = ownerName(h, o)
		}
	}
	return owners
}

const ownerUnknown = "owner not known"

// wayOf says who sent a flow, who received it, on whose network and where, each as far as it is known.
func wayOf(f *audit.Flow, e *audit.Endpoint, owners map[string]string, subject *audit.Subject) way {
	w := way{[4]string{"app not known", ownerUnknown, orElse(e.Organisation, "network not known"), "not placed"}, "open"}
	if v := f.Attribution; v != nil && v.Grade != audit.A0 && v.Grade != "" {
		w.step[0] = orElse(appName(v), w.step[0])
		if subject.UID != 0 && v.UID == subject.UID && v.Package == "" {
			w.step[0] = orElse(subject.App, w.step[0])
		}
	}
	if e.Owner != "" {
		if w.step[1] = e.Owner; e.OwnerGrade == audit.Unverified {
			w.step[1] += unread
		}
	}
	for i := range f.Names {
		if o := owners[f.Names[i].Name]; o != "" {
			w.step[1] = o
			break
		}
	}
	switch {
	case e.Place.Country != "" && e.Place.Grade.Place():
		w.step[3], w.class = string(nation(e.Place.Country))+" "+string(e.Place.Grade), "firm"
	case e.Place.Country != "":
		w.step[3], w.class = string(nation(e.Place.Country))+" claimed, "+string(e.Place.Grade), "claimed"
	case e.Place.Role == audit.RoleEdge:
		w.step[3] = "edge, not placed"
	}
	return w
}

// A sankeyNodeSum is a node while it is laid out.
type sankeyNodeSum struct {
	label   foreign
	up      uint64
	rest    bool
	unknown bool
	class   string // of the last column
	y, h    float64
	out     float64 // filled so far, to the right
}

// lay places nodes and ribbons: total bytes fill the height, titles say the share of whole.
func (s *sankey) lay(total, whole uint64) {
	var columns [4][]*sankeyNodeSum
	var of [4]map[foreign]*sankeyNodeSum
	for c := range columns {
		columns[c], of[c] = s.nodes(c)
	}
	scale := float64(sankeyHeight) / float64(total)
	const top = 34
	for c, nodes := range columns {
		y := float64(top)
		s.Heads = append(s.Heads, sankeyHead{c * sankeyStep, sankeyColumns[c]})
		for _, n := range nodes {
			n.h = max(1.5, float64(n.up)*scale)
			room := max(n.h, sankeyLine)
			n.y = y + (room-n.h)/2
			y += room + sankeyGap
			panel, label := sankeyNode+sankeyLabel, clipMiddle(n.label, sankeyLetters, 0)
			if c == len(columns)-1 {
				panel, label = 0, clipMiddle(n.label, sankeyPlace, len("(XX) claimed, L2"))
			}
			s.Nodes = append(s.Nodes, sankeyNodeBox{
				X: strconv.Itoa(c * sankeyStep), Y: tenth(n.y), H: tenth(n.h), Panel: panel, TextX: c*sankeyStep + sankeyNode + 6, TextY: tenth(n.y + n.h/2 + 4.5),
				Label: label, Size: size(n.up), Class: n.class, Title: n.label + foreign(": "+size(n.up)+" up, "+percent(n.up, whole)),
			})
		}
		s.Height = max(s.Height, int(y)+4)
	}
	for c := range 3 {
		s.ribbons(c, of[c], of[c+1], scale, whole)
	}
}

// nodes sums a column, largest first, what is not known and the rest last. It returns each label's node too.
func (s *sankey) nodes(c int) (nodes []*sankeyNodeSum, of map[foreign]*sankeyNodeSum) {
	of = map[foreign]*sankeyNodeSum{}
	for _, r := range s.Rows {
		n := of[r.Step[c]]
		if n == nil {
			n = &sankeyNodeSum{label: r.Step[c], class: "plain"}
			switch r.Step[c] {
			case "app not known", ownerUnknown, "network not known", "not placed", "edge, not placed":
				n.unknown, n.class = true, "open"
			}
			if c == 3 {
				n.class = r.Class
			}
			of[r.Step[c]] = n
			nodes = append(nodes, n)
		}
		n.up += r.Up
	}
	order := func(a, b *sankeyNodeSum) int {
		if a.unknown != b.unknown {
			if a.unknown {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(b.up, a.up), cmp.Compare(a.label, b.label))
	}
	slices.SortFunc(nodes, order)
	known := 0
	for _, n := range nodes {
		if !n.unknown {
			known++
		}
	}
	if known <= sankeyMost {
		return nodes, of
	}
	rest := &sankeyNodeSum{rest: true, class: "open"}
	for _, n := range nodes[sankeyMost:known] {
		rest.up += n.up
		of[n.label] = rest
	}
	rest.label = foreign(plural(known-sankeyMost, "other"))
	return append(append(slices.Clip(nodes[:sankeyMost]), rest), nodes[known:]...), of
}

// ribbons draws what runs between two columns.
func (s *sankey) ribbons(c int, from, to map[foreign]*sankeyNodeSum, scale float64, whole uint64) {
	type key struct {
		a, b  *sankeyNodeSum
		class string
	}
	sums := map[key]uint64{}
	var order []key
	for _, r := range s.Rows {
		k := key{from[r.Step[c]], to[r.Step[c+1]], r.Class}
		if _, ok := sums[k]; !ok {
			order = append(order, k)
		}
		sums[k] += r.Up
	}
	slices.SortStableFunc(order, func(x, y key) int {
		return cmp.Or(cmp.Compare(x.a.y, y.a.y), cmp.Compare(x.b.y, y.b.y), cmp.Compare(classRank(x.class), classRank(y.class)))
	})
	x0, x1 := float64(c*sankeyStep+sankeyNode+sankeyLabel), float64((c+1)*sankeyStep)
	mid := (x0 + x1) / 2
	into := map[*sankeyNodeSum]float64{}
	for _, k := range order {
		h := max(0.6, float64(sums[k])*scale)
		a, b := k.a.y+k.a.out, k.b.y+into[k.b]
		k.a.out += float64(sums[k]) * scale
		into[k.b] += float64(sums[k]) * scale
		s.Links = append(s.Links, sankeyLink{
			Path: "M" + tenth(x0) + " " + tenth(a) + "C" + tenth(mid) + " " + tenth(a) + " " + tenth(mid) + " " + tenth(b) + " " + tenth(x1) + " " + tenth(b) +
				"v" + tenth(h) + "C" + tenth(mid) + " " + tenth(b+h) + " " + tenth(mid) + " " + tenth(a+h) + " " + tenth(x0) + " " + tenth(a+h) + "z",
			Class: k.class,
			Title: k.a.label + " → " + k.b.label + foreign(": "+size(sums[k])+" up ("+percent(sums[k], whole)+"), "+classWords(k.class)),
		})
	}
}

func classRank(class string) int { return slices.Index([]string{"firm", "claimed", "open"}, class) }

// classWords says what a fill means.
func classWords(class string) string {
	switch class {
	case "firm":
		return "place graded L3 or L4"
	case "claimed":
		return "place only claimed (L1, L2)"
	}
	return "not placed"
}

// tenth writes a coordinate.
func tenth(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// clipMiddle shortens a label for a drawing and leaves so much of its end; its title has the whole one.
func clipMiddle(f foreign, limit, end int) foreign {
	r := []rune(f.String())
	if len(r) <= limit {
		return f
	}
	return foreign(string(r[:limit-1-end]) + "…" + string(r[len(r)-end:]))
}
