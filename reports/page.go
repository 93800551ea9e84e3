package reports

import (
	"abroad/analyze/audit"
)

// A page is what the formats for people show: picked, summed, worded and ordered once, escaped by each of them. Text that may come from a
// stranger is foreign; plain strings are ours.
type page struct {
	Title         foreign
	Practice      bool
	Top           []string // in fixed wording; what follows is NotShown
	Level         []string // who is known to have sent the flows; page one says it
	Card          []fact
	Promises      []promised
	PromiseLine   string // counts of verdicts
	Coverage      coverage
	Standing      standing
	NotShown      []fact
	Jurisdictions []jurisdiction
	MoreCountries sum
	Map           worldMap
	Sankey        *sankey
	Strip         *rttStrip
	Timelines     []timeline
	MoreTimelines int
	Matrix        *presence
	Sessions      []session
	MoreSessions  int
	Method        []fact
	Repeat        []step
	Reply         []string
	Changes       []block // only beside a comparison
	Apps          []appSum
	MoreApps      sum
	Destinations  []destination
	MoreAddresses sum

	Recipients     []recipient
	MoreRecipients sum
	Laws           []lawRow
	LawCountries   []countryLaws
	MoreLaws       uint64
	LawDay         foreign

	Findings      []finding
	MoreFindings  int
	Anomalies     []anomaly
	MoreAnomalies sum // N anomalies, Flows counts how often they appeared
	Undecoded     []undecoded
	MoreUndecoded sum // N kinds, Flows counts packets
	Datasets      []dataset
	Limits        []foreign
	Raise         []raise
	Recordings    []recording
	MoreFiles     int
	Glossary      []fact
	Tool          foreign
}

// A fact is a label and what stands beside it.
type fact struct {
	Label string
	Value foreign
}

// A sum is what was left out of a list: how many members, and their traffic.
type sum struct{ N, Flows, Up, Down uint64 }

func (s *sum) add(flows uint32, up, down uint64) {
	s.N++
	s.Flows += uint64(flows)
	s.Up += up
	s.Down += down
}

// bounds says how much of a large audit a format shows in full.
type bounds struct {
	jurisdictions, destinations, apps, findings, anomalies, undecoded, recordings, limits int

	// for each destination
	names, claims, flows int

	figures bool // map, sankey, strip, timelines, matrix
}

// glossary is one set of words for every format.
var glossary = []fact{
	{"up, down", "IP bytes from the device to the far side, and back. Where the device is not known: from the side that began the flow, as far as seen."},
	{"strong name", "The name that was used for this very flow or address: TLS or QUIC server name (sni), HTTP host (http), or the DNS answer in the same recording (dns)."},
	{"weak name", "A name that belongs to the address but may not be the one used: mDNS (mdns), server certificate (cert), reverse look-up (ptr)."},
	{"L4", "Place: round-trip times allow only one country."},
	{"L3", "Place: two different kinds of evidence name the same country, and no operator or host name says otherwise."},
	{"L2", "Place: one operator or host-name claim, alone or against databases; or two databases of different publishers that agree."},
	{"L1", "Place: one database alone, databases that differ, or an edge."},
	{"L0", "Place: nothing is said."},
	{"edge", "Role: anycast or a delivery front. The place that answers follows the client; no country of a database is printed for it."},
	{"host", "Role: bound to a region by its operator."},
	{"registered in", "Where a network or organisation is registered. It is never a place of a server."},
	{"A3", "Attribution: the operating system says which app owns the flow."},
	{"A2, A1, A0", "Attribution: isolated device and a name in no baseline; a name of the declared first party; none."},
	{"J1 to J4", "The four parts of a jurisdiction, never summed: J1 place of the server, J2 network operator and where its network is registered, J3 recipient and its seat, J4 ultimate parent and its seat."},
	{"baseline", "A session in which the tested app is not used: the device alone, the tested app installed and not opened, or an app that does nothing."},
	{"vantage", "Where the recording was made, as declared. Round-trip times exclude nothing without it."},
}

// newPage picks from a what b allows. It walks the flows once.
func newPage(a *audit.Audit, b bounds) *page {
	x := index{a}
	p := &page{
		Title:    title(a),
		Practice: a.Practice,
		Level:    level(a),
		Card:     card(a),
		Coverage: newCoverage(a),
		NotShown: notShown,
		Glossary: glossary,
		Tool:     foreign(a.Tool.Name + " " + a.Tool.Version),
	}
	for i := range a.Recordings {
		p.Practice = p.Practice || a.Recordings[i].Practice
	}
	t := newTally(a, b)
	p.Standing = newStanding(a)
	p.Promises, p.PromiseLine = promises(a), promiseLine(a)
	p.Top = topLine(a, p)
	p.Destinations, p.MoreAddresses = t.destinations(x)
	fillVectors(a, p.Destinations)
	p.Recipients, p.MoreRecipients = recipients(a)
	p.Laws, p.MoreLaws = laws(a)
	p.LawCountries = byCountry(p.Laws)
	p.LawDay = lawDay(a)
	p.Jurisdictions, p.MoreCountries = jurisdictions(a, b, t)
	if b.figures {
		p.Map = newMap(a, b)
		p.Sankey = newSankey(a)
		p.Strip = newStrip(a, t)
		p.Timelines, p.MoreTimelines = newTimelines(a, b)
		p.Matrix = newPresence(a)
	}
	p.Sessions, p.MoreSessions = sessions(a, b)
	p.Method = method(a)
	p.Repeat = repeat(a)
	p.Reply = replyWords
	p.Apps, p.MoreApps = t.apps()
	p.Findings, p.MoreFindings = findings(x, b)
	p.Anomalies, p.MoreAnomalies = anomalies(x, b)
	p.Undecoded, p.MoreUndecoded = undecodedKinds(x, b)
	p.Datasets = datasets(a)
	p.Limits = limits(a, t, b)
	p.Raise = raises(a, b)
	p.Recordings, p.MoreFiles = recordings(a, b)
	return p
}
