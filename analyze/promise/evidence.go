package promise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// Evidence is what verdicts look at: what an audit says, without its ids having a meaning. Gather makes it.
type Evidence struct {
	App      string // the declared app id, empty = not declared
	UID      int32  // the declared uid of the app on the device, 0 = not declared
	Version  string
	AsOf     string // day of the first session; groups of countries expand as of it
	Sessions []Session
	Contacts []Contact
}

// A Session is one run of the app under test that counts.
type Session struct {
	ID      audit.ID
	Day     string // UTC, empty = the recording carries no time
	App     string
	Version string
	Consent string
	Vantage string
	Account audit.Account
	Actions []string // steps that were done, sorted
}

// A Contact sums the flows of one session to one endpoint under one name, in one step and of one owner.
type Contact struct {
	Session  int    // index in Evidence.Sessions
	Host     string // strongest name, empty = none
	Domain   string // registrable, or the host
	Step     string
	Endpoint audit.ID
	Flow     audit.ID // the first one
	Flows    uint32
	Up, Down uint64 // payload bytes
	MaxUp    uint64 // payload bytes up of the largest flow
	Deaf     bool   // something was sent and nobody answered: it proves nothing, and what it stands against is not cleared
	Owned    Owned
	Place    Place
	Network  string // the name that the network is registered under
	Operator string // key of who runs it, by the owner table and its number; empty = no row that was read
	Owner    Recipient
	Content  int      // C0 … C3 (promises study 2.2); 0 = nothing was decrypted
	Fields   []string // seen in the content
}

// Owned says who owns a flow, as far as the recording knows.
type Owned struct {
	Grade   int    // 0 … 3 for A0 … A3
	Package string // package, bundle id or process; empty = not known
	UID     int32  // -1 = not known
}

// A Place is what is concluded about where an endpoint is.
type Place struct {
	Grade      int // 0 … 4 for L0 … L4
	Country    string
	Candidates []string
	Within     []string // countries that physics leaves; empty = it excludes nothing
	Edge       bool
	Words      string
}

// A Recipient is the organisation that a name belongs to.
type Recipient struct {
	Key      string
	Name     string
	Seat     string
	Verified bool
}

// Gather reads the evidence out of an audit that is complete but for its promises. Only sessions of the app in use count; flows that stay in
// the local network, that are not the device's, or that carried nothing up and got no answer do not.
func Gather(a *audit.Audit) *Evidence {
	e := &Evidence{App: a.Subject.App, UID: a.Subject.UID, Version: a.Subject.Version}
	sessions := make([]int, len(a.Recordings)+1) // by recording: index in e.Sessions plus 1
	actions := []map[string]bool{}
	for i := range a.Sessions {
		s := &a.Sessions[i]
		if s.Failed != "" || s.Role != "" && s.Role != audit.RoleTest {
			continue
		}
		e.Sessions = append(e.Sessions, Session{
			ID: s.ID, Day: s.Day, App: cmp.Or(s.App, e.App), Version: cmp.Or(s.Version, e.Version), Consent: s.Consent, Account: s.Account,
			Vantage: vantage(cmp.Or(s.Vantage, a.Options.Vantage)),
		})
		if s.Day != "" && (e.AsOf == "" || s.Day < e.AsOf) {
			e.AsOf = s.Day
		}
		keyed := slices.ContainsFunc(s.Markers, func(m audit.Marker) bool { return m.Action != "" })
		done := map[string]bool{}
		for _, m := range s.Markers {
			switch { // as flows take their steps: once there are keys, only they count
			case m.Action != "":
				done[step(m.Action)] = true
			case !keyed:
				done[step(m.Text)] = true
			}
		}
		actions = append(actions, done)
		for _, r := range s.Recordings {
			sessions[r.N] = len(e.Sessions)
		}
	}
	hosts := hostsByName(a)
	index := map[contactKey]int{}
	for _, f := range a.Flows {
		n := sessions[f.Recording.N] - 1
		if n < 0 {
			continue
		}
		if f.Step != "" {
			actions[n][step(f.Step)] = true
		}
		if !counts(a, f) {
			continue
		}
		e.add(a, index, hosts, n, f)
	}
	for i := range e.Sessions {
		for done := range actions[i] {
			e.Sessions[i].Actions = append(e.Sessions[i].Actions, done)
		}
		slices.Sort(e.Sessions[i].Actions)
	}
	return e
}

func counts(a *audit.Audit, f *audit.Flow) bool {
	if f.Endpoint.IsZero() || f.Flags.Has(audit.LocalOnly) || deaf(f) && f.PayloadUp == 0 {
		return false
	}
	return f.Device || len(a.Recordings[f.Recording.N-1].Device.Addresses) == 0
}

// deaf reports whether nobody answered a flow.
func deaf(f *audit.Flow) bool { return f.State == audit.StateUnanswered || f.PacketsDown == 0 }

type contactKey struct {
	session    int
	host, step string
	endpoint   audit.ID
	owned      Owned
	proxied    bool
	deaf       bool
}

// add counts f to its contact.
func (e *Evidence) add(a *audit.Audit, index map[contactKey]int, hosts map[string]*audit.Host, session int, f *audit.Flow) {
	key := contactKey{session: session, step: step(f.Step), endpoint: f.Endpoint, owned: owned(f.Attribution), proxied: f.Flags.Has(audit.Proxied), deaf: deaf(f)}
	if len(f.Names) > 0 {
		key.host = f.Names[0].Name
	}
	n, ok := index[key]
	if !ok {
		n = len(e.Contacts)
		index[key] = n
		x := Contact{Session: session, Host: key.host, Domain: key.host, Step: key.step, Endpoint: f.Endpoint, Flow: f.ID, Owned: key.owned, Deaf: key.deaf}
		end := &a.Endpoints[f.Endpoint.N-1]
		x.Network = end.Organisation
		if end.Operator.N > 0 {
			if o := &a.Organisations[end.Operator.N-1]; o.Grade("network") != audit.Unverified {
				x.Operator = o.Key
			}
		}
		if !key.proxied { // a proxy's place is not the destination's
			x.Place = placeOf(&end.Place)
		}
		if h := hosts[key.host]; h != nil {
			x.Domain = cmp.Or(h.Domain, key.host)
			if h.Owner.N > 0 {
				o := &a.Organisations[h.Owner.N-1]
				x.Owner = Recipient{Key: o.Key, Name: o.Name, Seat: o.SureSeat(), Verified: h.Sure()}
			}
		}
		e.Contacts = append(e.Contacts, x)
	}
	x := &e.Contacts[n]
	x.Flows++
	x.Up += f.PayloadUp
	x.Down += f.PayloadDown
	x.MaxUp = max(x.MaxUp, f.PayloadUp)
}

func hostsByName(a *audit.Audit) map[string]*audit.Host {
	hosts := make(map[string]*audit.Host, len(a.Hosts))
	for i := range a.Hosts {
		hosts[a.Hosts[i].Name] = &a.Hosts[i]
	}
	return hosts
}

func owned(at *audit.Attribution) Owned {
	if at == nil {
		return Owned{UID: -1}
	}
	o := Owned{Package: cmp.Or(at.Package, at.App, at.Process), UID: at.UID}
	switch at.Grade {
	case audit.A1:
		o.Grade = 1
	case audit.A2:
		o.Grade = 2
	case audit.A3:
		o.Grade = 3
	}
	return o
}

func placeOf(p *audit.Place) Place {
	grade := 0
	switch p.Grade {
	case audit.L1:
		grade = 1
	case audit.L2:
		grade = 2
	case audit.L3:
		grade = 3
	case audit.L4:
		grade = 4
	}
	return Place{Grade: grade, Country: p.Country, Candidates: p.Candidates, Within: p.Within, Edge: p.Role == audit.RoleEdge, Words: p.Words}
}

// step brings the key of a scenario's step into the form that promises use: "post private video" is post_private_video.
func step(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return '_'
		}
		return r
	}, strings.ToLower(strings.TrimSpace(s)))
}

func vantage(v *audit.Vantage) string {
	switch {
	case v == nil:
		return ""
	case v.Country != "":
		return v.Country
	}
	return fmt.Sprintf("%g,%g,%g", v.Lat, v.Lon, v.Radius)
}
