package reports

import (
	"bufio"
	"cmp"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The columns are stable: new ones are added at the end. Times are RFC 3339 in UTC with nanoseconds, lists are sorted and joined by ";".
var asCSV = &Format{
	Name: "csv",
	Doc:  "Tables for a spreadsheet or a script: flows, names, DNS answers, endpoints, promises, hosts, organisations, laws, statements against each other and findings of others, without a bound. Needs a folder.",
	Files: []File{
		{"flows.csv", writeFlows},
		{"names.csv", writeNames},
		{"answers.csv", writeAnswers},
		{"endpoints.csv", writeEndpoints},
		{"promises.csv", writePromises},
		{"hosts.csv", writeHosts},
		{"organisations.csv", writeOrganisations},
		{"laws.csv", writeLaws},
		{"tensions.csv", writeTensions},
		{"external_findings.csv", writeExternal},
	},
}

// A sheet writes rows; cell by cell, without allocating.
type sheet struct {
	w     *bufio.Writer
	b     []byte // the row so far
	cells int
}

func newSheet(w io.Writer, columns string) *sheet {
	s := &sheet{w: bufio.NewWriterSize(w, 64<<10)}
	s.w.WriteString(strings.ReplaceAll(columns, " ", ",") + "\n")
	return s
}

func (s *sheet) next() {
	if s.cells > 0 {
		s.b = append(s.b, ',')
	}
	s.cells++
}

func (s *sheet) id(v audit.ID)       { s.next(); s.b = v.AppendTo(s.b) }
func (s *sheet) time(v capture.Time) { s.next(); s.b = v.AppendTo(s.b) }
func (s *sheet) text(v string)       { s.next(); s.b = appendCell(s.b, v) }

func (s *sheet) number(v uint64) { s.next(); s.b = strconv.AppendUint(s.b, v, 10) }

// address may carry a zone, which is a stranger's text.
func (s *sheet) address(v netip.Addr) {
	switch {
	case !v.IsValid():
		s.next()
	case v.Zone() != "":
		s.text(v.String())
	default:
		s.next()
		s.b = v.AppendTo(s.b)
	}
}

// list writes the members sorted and joined by ";".
func (s *sheet) list(members []string) {
	s.next()
	if !slices.IsSorted(members) {
		members = slices.Sorted(slices.Values(members))
	}
	from := len(s.b)
	for i, m := range members {
		if i > 0 {
			s.b = append(s.b, ';')
		}
		s.b = appendMember(s.b, m)
	}
	s.b = quoteCell(s.b, from)
}

func (s *sheet) end() {
	s.b = append(s.b, '\n')
	s.w.Write(s.b)
	s.b, s.cells = s.b[:0], 0
}

func writeFlows(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "flow recording proto a_ip a_port b_ip b_port first last packets_up packets_down bytes_up bytes_down app attribution")
	for _, f := range a.Flows {
		s.id(f.ID)
		s.id(f.Recording)
		s.text(f.Proto.String())
		s.address(f.A.Addr())
		s.number(uint64(f.A.Port()))
		s.address(f.B.Addr())
		s.number(uint64(f.B.Port()))
		s.time(f.First)
		s.time(f.Last)
		s.number(uint64(f.PacketsUp))
		s.number(uint64(f.PacketsDown))
		s.number(f.BytesUp)
		s.number(f.BytesDown)
		if v := f.Attribution; v != nil {
			s.text(appName(v))
			s.text(string(cmp.Or(v.Grade, audit.A0)))
		} else {
			s.text("")
			s.text(string(audit.A0))
		}
		s.end()
	}
	return s.w.Flush()
}

func writeNames(w io.Writer, a *audit.Audit, _ Screen) error {
	x := index{a}
	// Observations stand in the order of the recording; the rows stand by flow. A host that is an address is bound to no flow, for it is no
	// name; it was said all the same.
	var asked []*audit.Observation
	for i := range a.Observations {
		o := &a.Observations[i]
		if !o.Flow.IsZero() && (o.Kind == audit.SeenQuery || o.Kind == audit.SeenHost && isAddress(o.Value)) {
			asked = append(asked, o)
		}
	}
	slices.SortStableFunc(asked, func(a, b *audit.Observation) int { return a.Flow.Compare(b.Flow) })
	s := newSheet(w, "flow kind name record")
	var records []uint32
	row := func(flow audit.ID, kind, name string) {
		s.id(flow)
		s.text(kind)
		s.text(name)
		s.records(records)
		s.end()
	}
	for _, f := range a.Flows {
		for i := range f.Names {
			n := &f.Names[i]
			records = records[:0]
			for _, id := range n.Because {
				if v := x.answer(id); v != nil {
					records = append(records, v.Seen.Record)
				} else if o := x.observation(id); o != nil {
					records = appendRecords(records, o.Seen)
				}
			}
			row(f.ID, string(n.How), n.Name)
		}
		for len(asked) > 0 && asked[0].Flow.Compare(f.ID) <= 0 {
			o := asked[0]
			asked = asked[1:]
			records = appendRecords(records[:0], o.Seen)
			if o.Kind == audit.SeenHost {
				row(o.Flow, string(audit.ByHTTP), o.Value)
				continue
			}
			row(o.Flow, string(audit.SeenQuery), queryName(o.Value))
		}
	}
	return s.w.Flush()
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// queryName is the name in "example.com AAAA".
func queryName(value string) string {
	if i := strings.LastIndexByte(value, ' '); i >= 0 {
		return value[:i]
	}
	return value
}

func appendRecords(records []uint32, refs []capture.Ref) []uint32 {
	for _, r := range refs {
		if r.Record > 0 {
			records = append(records, r.Record)
		}
	}
	return records
}

// records writes packet numbers, sorted as numbers, each once.
func (s *sheet) records(list []uint32) {
	s.next()
	slices.Sort(list)
	for i, n := range slices.Compact(list) {
		if i > 0 {
			s.b = append(s.b, ';')
		}
		s.b = strconv.AppendUint(s.b, uint64(n), 10)
	}
}

func writeAnswers(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "recording record time flow resolver question type name value ttl")
	for i := range a.Answers {
		v := &a.Answers[i]
		s.id(audit.ID{Kind: audit.KindRecording, N: v.Seen.Recording})
		s.number(uint64(v.Seen.Record))
		s.time(v.Time)
		s.id(v.Flow)
		if v.Resolver.IsValid() {
			s.text(v.Resolver.String())
		} else {
			s.text("")
		}
		s.text(v.Question)
		s.text(v.Type)
		s.text(v.Name)
		s.text(v.Value)
		s.number(uint64(v.TTL))
		s.end()
	}
	return s.w.Flush()
}

func writeEndpoints(w io.Writer, a *audit.Audit, _ Screen) error {
	s := newSheet(w, "address names country candidates within grade role as organisation as_registered owner owner_seat parent parent_seat bytes_up bytes_down flows corrected_by owner_grade parent_grade")
	by := map[audit.ID][]string{}
	for i := range a.Overrides {
		o := &a.Overrides[i]
		for _, id := range o.Endpoints {
			by[id] = append(by[id], o.Author+" on "+o.Date)
		}
	}
	for i := range a.Endpoints {
		e := &a.Endpoints[i]
		s.address(e.Address)
		s.list(e.Names)
		s.text(e.Place.Country)
		s.list(e.Place.Candidates)
		s.list(e.Place.Within)
		s.text(string(cmp.Or(e.Place.Grade, audit.L0)))
		s.text(string(e.Place.Role))
		if e.AS > 0 {
			s.number(uint64(e.AS))
		} else {
			s.text("")
		}
		s.text(e.Organisation)
		s.text(e.ASRegistered)
		s.text(e.Owner)
		s.text(e.OwnerSeat)
		s.text(e.Parent)
		s.text(e.ParentSeat)
		s.number(e.BytesUp)
		s.number(e.BytesDown)
		s.number(uint64(e.Flows))
		s.list(by[e.ID])
		s.text(e.OwnerGrade)
		s.text(e.ParentGrade)
		s.end()
	}
	return s.w.Flush()
}
