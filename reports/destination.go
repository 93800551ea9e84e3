package reports

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A destination is an endpoint as a page shows it: the four columns of the jurisdiction vector, and what they stand on.
type destination struct {
	ID         audit.ID
	Name       foreign // the strongest name; empty if there is none
	MoreNames  uint64  // names besides Name
	Address    foreign
	Class      foreign
	Translated foreign
	Words      foreign // J1, in the audit's words
	Grade      foreign
	Firm       bool // L3 or L4
	Role       foreign
	Within     foreign   // countries that physics leaves
	Network    foreign   // J2: "AS64500 Example Ltd"
	Registered foreign   // J2: country the AS is registered in
	Owner      foreign   // J3
	Seat       foreign   //
	Parent     foreign   // J4
	ParentSeat foreign   //
	Apps       []foreign // that the operating system named
	Flows      uint64
	Sessions   uint64
	Up, Down   uint64

	Names    []nameRow
	Unlisted uint64 // names that have no row
	Claims   []claimRow
	NoRow    int // claims that have no row
	Because  []audit.ID
	Rejected []rejected
	Missing  []foreign
	RTT      []rttRow
	First    []flowRow // its first flows
}

// A nameRow is a name bound to an endpoint, and how it was learned.
type nameRow struct {
	Name   foreign
	How    foreign
	Weak   bool
	Flows  uint64
	Via    foreign
	Proofs []proof
}

// A claimRow is what one dataset says.
type claimRow struct {
	ID      audit.ID
	Kind    foreign
	Says    foreign
	Dataset foreign
	AsOf    foreign
	Row     foreign
	Counts  bool    // the place stands on it
	Head    foreign // dataset, date and kind in one line
}

type rejected struct {
	Claim audit.ID
	Why   foreign
}

type rttRow struct {
	Kind  foreign
	Time  string
	Sent  string
	Got   string
	Proof proof
}

// A flowRow is one flow in three pieces.
type flowRow struct {
	Head    foreign // id and protocols
	Sockets foreign
	Tail    foreign // time, bytes, flags, sending app, step
	Proof   proof
}

func (t *tally) destinations(x index) ([]destination, sum) {
	rows := make([]destination, 0, len(t.chosen))
	for _, g := range t.chosen {
		rows = append(rows, t.destination(x, g))
	}
	return rows, t.rest
}

func (t *tally) destination(x index, g *gathered) destination {
	e := g.e
	d := destination{
		ID: e.ID, Address: clip(e.Address.String(), 120), Class: clip(string(e.Class), 40),
		Words: clip(orElse(e.Place.Words, "nothing is said"), 200), Grade: clip(orElse(string(e.Place.Grade), string(audit.L0)), 20), Firm: e.Place.Grade.Place(),
		Role: clip(string(e.Place.Role), 20), Within: within(e.Place.Within),
		Network: clip(network(e.AS, e.Organisation), 120), Registered: clip(e.ASRegistered, 20),
		Owner: clip(e.Owner, 120), Seat: clip(e.OwnerSeat, 20), Parent: clip(e.Parent, 120), ParentSeat: clip(e.ParentSeat, 20),
		Flows: uint64(e.Flows), Sessions: uint64(len(e.Sessions)), Up: e.BytesUp, Down: e.BytesDown,
		Apps: clipAll(g.apps, 6, 80), Missing: clipAll(e.Place.Missing, t.b.limits, 200),
	}
	if e.Translated.IsValid() {
		d.Translated = clip(e.Translated.String(), 120)
	}
	d.names(x, g)
	for _, c := range g.claims {
		d.Claims = append(d.Claims, x.claimRow(c, slices.Contains(e.Place.Because, c.ID)))
	}
	d.NoRow = g.more
	d.Because = e.Place.Because[:min(len(e.Place.Because), 8)]
	for i, r := range e.Place.Rejected {
		if i == t.b.claims {
			break
		}
		d.Rejected = append(d.Rejected, rejected{r.Claim, clip(r.Why, 200)})
	}
	for i, r := range e.RTT {
		if i == 3 {
			break
		}
		d.RTT = append(d.RTT, rttRow{clip(string(r.Kind), 20), millis(r.NS), r.Sent.String(), r.Got.String(), x.proof(audit.ID{}, r.Sent)})
	}
	for _, f := range g.flows {
		d.First = append(d.First, x.flowRow(f))
	}
	return d
}

// names lists the strongest name first; the audit's own list says how many there are.
func (d *destination) names(x index, g *gathered) {
	const proofs = 2
	slices.SortStableFunc(g.names, func(a, b boundName) int {
		return cmp.Or(cmp.Compare(a.name.How.Rank(), b.name.How.Rank()), cmp.Compare(b.flows, a.flows), strings.Compare(a.name.Name, b.name.Name))
	})
	distinct := map[string]bool{}
	for _, n := range g.names {
		row := nameRow{
			Name: clipName(n.name.Name, 253), How: clip(string(n.name.How), 20), Weak: !n.name.How.Strong(), Flows: n.flows,
			Via: clip(strings.Join(n.name.Via, " → "), 400),
		}
		for _, id := range n.name.Because {
			for _, ref := range x.seen(id) {
				if len(row.Proofs) < proofs {
					row.Proofs = append(row.Proofs, x.proof(id, ref))
				}
			}
		}
		distinct[n.name.Name] = true
		d.Names = append(d.Names, row)
	}
	all := uint64(max(len(g.e.Names), len(distinct)))
	d.Unlisted = all - uint64(len(distinct))
	switch {
	case len(d.Names) > 0:
		d.Name = d.Names[0].Name
	case all > 0:
		d.Name = clipName(g.e.Names[0], 253)
	}
	if all > 0 {
		d.MoreNames = all - 1
	}
}

// network is the operator of the address: AS number and organisation.
func network(as uint32, organisation string) string {
	if as == 0 {
		return organisation
	}
	return strings.TrimSpace("AS" + strconv.FormatUint(uint64(as), 10) + " " + organisation)
}

func (x index) claimRow(c *audit.Claim, counts bool) claimRow {
	row := claimRow{ID: c.ID, Kind: clip(string(c.Kind), 20), Says: clip(claimSays(c), 300), Row: clip(c.Said.Key, 120), Counts: counts}
	row.Head = foreign(c.ID.String()) + " "
	if d := x.dataset(c.Said.Dataset); d != nil {
		row.Dataset, row.AsOf = clip(orElse(d.Title, d.Name), 120), clip(d.AsOf, 40)
		row.Head += row.Dataset
		if row.AsOf != "" {
			row.Head += " (" + row.AsOf + ")"
		}
		row.Head += ", "
	}
	row.Head += row.Kind
	return row
}

// claimSays puts the fields of a claim into one line; the kind stands beside it, so that "registered" is never read as a place.
func claimSays(c *audit.Claim) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	switch {
	case c.Country == "":
	case c.Kind == audit.ClaimRegistration:
		add("registered in " + c.Country)
	case c.Bound == audit.BoundCannotBe:
		add("cannot be in " + c.Country)
	case c.Bound == audit.BoundImplausible:
		add("implausible in " + c.Country)
	default:
		add(c.Country)
	}
	add(c.Region)
	add(c.City)
	add(network(c.AS, c.Organisation))
	add(string(c.Role))
	add(c.Name)
	add(c.Detail)
	return strings.Join(parts, ", ")
}

func (x index) flowRow(f *audit.Flow) flowRow {
	row := flowRow{
		Head:    clip(strings.TrimSpace(f.ID.String()+" "+f.Proto.String()+" "+f.App), 40),
		Sockets: clip(f.A.String()+" → "+f.B.String(), 240),
		Proof:   x.proof(audit.ID{}, f.Packet),
	}
	tail := []string{f.First.String(), size(f.BytesUp) + " up", size(f.BytesDown) + " down"}
	if f.First == capture.NoTime {
		tail[0] = "at an unknown time"
	}
	tail = append(tail, f.Flags.Words()...)
	if v := f.Attribution; v != nil {
		if v.Grade == audit.A1 {
			tail = append(tail, "a name of the declared first party, A1")
		} else {
			tail = append(tail, "sent by "+strings.TrimSpace(string(clip(appName(v), 80))+" "+string(v.Grade)))
		}
	}
	if f.Step != "" {
		tail = append(tail, "step "+string(clip(f.Step, 80)))
	}
	row.Tail = clip(strings.Join(tail, ", "), 400)
	return row
}

// within lists the countries that physics leaves, as long as the list tells something.
func within(codes []string) foreign {
	if len(codes) > largestSet {
		return foreign(count(uint64(len(codes))) + " countries, listed in audit.json")
	}
	return clip(strings.Join(codes, ", "), 200)
}
