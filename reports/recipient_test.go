package reports

import (
	"bytes"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// received gives a sample hosts, organisations and laws: read and unread rows, a contested one, and a host whose owner is not known.
func received(a *audit.Audit) *audit.Audit {
	read := func(about, says, grade string) audit.Fact {
		return audit.Fact{About: about, Says: says, Source: "https://practice.example/imprint", Grade: grade, Date: "2026-11-01", Verified: true}
	}
	unread := func(about, says string) audit.Fact {
		return audit.Fact{About: about, Says: says, Grade: audit.Unverified}
	}
	parent := read("parent", "Practice Ltd belongs to Practice Holding", audit.Secondary)
	parent.From = "2026-01-22"
	lost := unread("seat", "legal seat in US")
	lost.Contested = "US by its form, IL by its work"
	a.Organisations = []audit.Organisation{
		{ID: id('g', 1), Key: "practice", Name: "Practice Ltd", Seat: "IE", Headquarters: "IE", Parent: "Practice Holding", ParentSeat: "SG", Verified: true, Facts: []audit.Fact{
			read("seat", "legal seat in IE", audit.Primary), read("headquarters", "headquarters in IE", audit.Primary), parent,
			read("parent_seat", "legal seat of Practice Holding in SG", audit.Secondary),
		}},
		{ID: id('g', 2), Key: "tracker", Name: "Tracker Inc", Seat: "US", Note: "the owner table knows no parent", Facts: []audit.Fact{lost}},
		{ID: id('g', 3), Key: "cloud", Name: "Practice Cloud Inc", Seat: "US", Verified: true, Facts: []audit.Fact{
			read("seat", "legal seat in US", audit.Primary), read("network", "AS64500 is run by Practice Cloud Inc", audit.Secondary),
		}},
	}
	said := read("name", "practice.example belongs to Practice Ltd", audit.Primary)
	memory := unread("name", "tracker.example belongs to Tracker Inc")
	host := func(n int, name string, how audit.How, party audit.Party, owner int, said *audit.Fact, role string, up uint64, endpoints ...int) audit.Host {
		h := audit.Host{ID: id('h', n), Name: name, How: how, Party: party, Said: said, Sessions: []audit.ID{id('s', 1)}, Flows: 1, BytesUp: up, BytesDown: 4_000, PayloadUp: up / 2}
		if owner > 0 {
			h.Owner, h.Roles, h.Key, h.Domain = id('g', owner), []string{role}, name[strings.IndexByte(name, '.')+1:], name[strings.IndexByte(name, '.')+1:]
		}
		for _, e := range endpoints {
			h.Endpoints = append(h.Endpoints, id('e', e))
		}
		return h
	}
	a.Hosts = []audit.Host{
		host(1, "api.practice.example", audit.BySNI, audit.PartyFirst, 1, &said, "platform", 1_236_567, 1, 10),
		host(2, "upload.practice.example", audit.BySNI, audit.PartyFirst, 1, &said, "platform", 600_000, 2),
		host(3, "*.tracker.example", audit.ByCert, audit.PartyThird, 2, &memory, "ads", 9_000, 5),
		host(4, "cover.edge.example", audit.BySNI, audit.PartyThird, 0, nil, "", 7_000, 6),
	}
	a.Hosts[2].Contested = true
	for i := range 5 {
		a.Endpoints[i].Operator = id('g', 3)
	}
	law := func(n int, l audit.Law) audit.Law {
		l.ID, l.AsOf, l.Key = id('l', n), "2026-11-03", "practice-"+l.Kind
		l.Count = uint32(len(l.Applies))
		return l
	}
	a.Laws = []audit.Law{
		law(1, audit.Law{Level: "J1", Regime: "EU", Country: "IE", Kind: "membership", Instrument: "EU membership", Says: "member state of the EU", From: "1973-01-01",
			Grade: audit.Secondary, Source: "https://practice.example/eu", Applies: []audit.ID{id('e', 1), id('e', 10)}}),
		law(2, audit.Law{Level: "J1", Regime: "EU", Country: "FR", Kind: "membership", Instrument: "EU membership", Says: "member state of the EU", From: "1958-01-01",
			Grade: audit.Secondary, Source: "https://practice.example/eu", Applies: []audit.ID{id('e', 4)}, Claimed: 1}),
		law(3, audit.Law{Level: "J3", Regime: "EU", Country: "US", Kind: "condition", Instrument: "(EU) 2023/1795", Says: "names certified organisations only, not the country",
			Condition: "recipient is on the list on that day", From: "2023-07-10", Grade: audit.Primary, Source: "https://practice.example/dpf", Applies: []audit.ID{id('g', 2)}, Claimed: 1,
			Notes: []string{"in force, under appeal"}}),
		law(4, audit.Law{Level: "J4", Regime: "SG", Country: "SG", Kind: "access", Instrument: "Practice Act", Says: "organisations answer to orders", From: "2010-01-01", To: "2030-12-31",
			Grade: audit.Unverified, Applies: []audit.ID{id('g', 1)}}),
	}
	return a
}

// TestUnread: whatever is from memory says so in every format, and a seat never stands without its grade.
func TestUnread(t *testing.T) {
	a := practice()
	for _, f := range []File{asText.Files[0], asMarkdown.Files[0], asHTML.Files[0]} {
		got := string(render(t, f, a, Screen{Columns: 400}))
		for _, want := range []string{"US, unverified", "IE, primary", "Practice Holding (SG, secondary)", "owner not known", "not checked", "only said to be there", "third party", "first party"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", f.Name, want)
			}
		}
		for rest := got; strings.Contains(rest, "Tracker Inc"); { // its name is from memory: it never stands alone
			_, rest, _ = strings.Cut(rest, "Tracker Inc")
			if next := rest[:min(len(rest), 400)]; !strings.Contains(next, "unverified") {
				t.Errorf("%s: an owner that nobody read stands without a mark: Tracker Inc%q", f.Name, next)
			}
		}
		if n := strings.Count(got, "unverified"); n < 3 {
			t.Errorf("%s says unverified %d times", f.Name, n)
		}
	}
	if err := audit.Check(a); err != nil {
		t.Error(err)
	}
}

// TestNoAdequate: a condition is never printed as an adequacy.
func TestNoAdequate(t *testing.T) {
	for _, f := range []File{asText.Files[0], asMarkdown.Files[0]} {
		for line := range strings.Lines(string(render(t, f, practice(), Screen{Columns: 400}))) {
			if strings.Contains(line, "2023/1795") && (strings.Contains(line, "adequa") || !strings.Contains(line, "not checked")) {
				t.Errorf("%s: %q", f.Name, line)
			}
		}
	}
}

func TestExplainRecipients(t *testing.T) {
	a := practice()
	for id, want := range map[string]string{
		"h1": "practice.example belongs to Practice Ltd", "h3": "unverified: from memory", "h4": "the owner table has no row", "g1": "legal seat of Practice Holding in SG",
		"g2": "open to dispute: US by its form", "l3": "only if recipient is on the list on that day: not checked", "l4": "unverified: from memory",
	} {
		var b bytes.Buffer
		x, err := audit.ParseID(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := Explain(&b, a, x); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%s: %v, no %q in\n%s", id, err, want, b.String())
		}
	}
}

// TestInstrumentMarked: the title of a text is not ours, and every format says so; a membership is in our words.
func TestInstrumentMarked(t *testing.T) {
	a := practice()
	for _, f := range []File{asText.Files[0], asMarkdown.Files[0], asHTML.Files[0]} {
		got := string(render(t, f, a, Screen{Columns: 400}))
		if n, marked := strings.Count(got, "Practice Act"), strings.Count(got, "“Practice Act”"); n == 0 || n != marked {
			t.Errorf("%s: %d titles, %d of them marked", f.Name, n, marked)
		}
		if strings.Contains(got, "“EU membership”") {
			t.Errorf("%s marks our own words", f.Name)
		}
	}
	for _, f := range asCSV.Files {
		if f.Name == "laws.csv" && !strings.Contains(string(render(t, f, a, Screen{})), "“Practice Act”") {
			t.Error("laws.csv does not mark the title")
		}
	}
}
