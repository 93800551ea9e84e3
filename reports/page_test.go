package reports

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// large is an audit of so many flows to a fifth as many endpoints, with three claims each.
func large(flows int) *audit.Audit {
	b := newBuilder()
	b.Coverage.DeviceSure = true
	r := b.recording(audit.Recording{Name: "large.pcapng", Size: 1 << 30, Format: "pcapng", Records: uint32(20 * flows), First: noon, Last: noon + 3600*second})
	d := b.dataset(audit.Dataset{Name: "db", Title: "Database", AsOf: "2026-06-01"})
	for i := range flows/5 + 1 {
		addr := netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}).String()
		var claims []audit.ID
		for _, kind := range []audit.ClaimKind{audit.ClaimDatabase, audit.ClaimNetwork, audit.ClaimRegistration} {
			claims = append(claims, b.claim(addr, audit.Claim{Kind: kind, Country: "IE", Said: audit.Citation{Dataset: d, Key: addr + "/24"}}))
		}
		country := string([]byte{byte('A' + i%26), byte('A' + i/26%9)})
		b.endpoint(addr, audit.Endpoint{AS: uint32(i), Organisation: fmt.Sprint("Network ", i),
			Place: audit.Place{Country: country, Candidates: []string{country}, Grade: audit.L1, Words: "Database says " + country, Because: claims[:1], Missing: []string{"a second kind of evidence"}}})
	}
	for i := range flows {
		f := audit.Flow{Proto: audit.TCP, Device: true, App: "tls", BytesUp: uint64(i*7919%100_003) + 100, BytesDown: uint64(i), PacketsUp: 10, PacketsDown: 10, Packet: capture.Ref{Recording: 1, Record: 1}}
		names := []audit.Name{{Name: fmt.Sprintf("host%d.service%d.example", i%50, i%5000), How: audit.BySNI}}
		e := id('e', i%(flows/5+1)+1)
		names = append(names, audit.Name{Name: names[0].Name, How: audit.ByDNS, Because: []audit.ID{b.answer(audit.Answer{Flow: id('f', i+1), Seen: f.Packet})}})
		b.flow(r, e, f, names...)
	}
	return b.finish()
}

// TestBounded: a large audit makes a page of bounded size in which nothing is lost: what is shown and what is summed add up.
func TestBounded(t *testing.T) {
	a := large(5_000)
	var b bytes.Buffer
	if err := asHTML.Files[0].Write(&b, a, Screen{}); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1_500_000 {
		t.Errorf("a page of %s", size(uint64(b.Len())))
	}
	checkHTML(t, b.Bytes())
	for _, limit := range []bounds{htmlBounds, markdownBounds, textBounds, summaryBounds} {
		p := newPage(a, limit)
		var shown, all sum
		for _, d := range p.Destinations {
			shown.add(uint32(d.Flows), d.Up, d.Down)
		}
		for i := range a.Endpoints {
			all.add(a.Endpoints[i].Flows, a.Endpoints[i].BytesUp, a.Endpoints[i].BytesDown)
		}
		rest := p.MoreAddresses
		if got := (sum{shown.N + rest.N, shown.Flows + rest.Flows, shown.Up + rest.Up, shown.Down + rest.Down}); got != all || shown.N != uint64(limit.destinations) {
			t.Errorf("%d destinations shown, %+v in all, want %+v", shown.N, got, all)
		}
		for i := 1; i < len(p.Destinations); i++ {
			if p.Destinations[i-1].Up < p.Destinations[i].Up {
				t.Error("destinations are not in the order of bytes up")
			}
		}
		for i := range a.Endpoints { // nothing summed is larger than the smallest shown
			if e := &a.Endpoints[i]; len(p.Destinations) > 0 && e.BytesUp > p.Destinations[0].Up {
				t.Errorf("%s is summed but is the largest", e.ID)
			}
		}
		var places sum
		for _, j := range p.Jurisdictions {
			places.add(uint32(j.Flows), j.Up, j.Down)
		}
		if got := places.Up + p.MoreCountries.Up; got != all.Up {
			t.Errorf("places of %d bytes up, want %d", got, all.Up)
		}
	}
	if want := "And " + count(uint64(len(a.Endpoints)-htmlBounds.destinations)) + " more destinations:"; !strings.Contains(b.String(), want) {
		t.Errorf("the page does not say %q", want)
	}
}

// TestOneRow: what is left over is worded in the singular too.
func TestOneRow(t *testing.T) {
	if got := leftOut(sum{1, 1, 1000, 1}, "row", "rows"); got != "1 more row: 1.0 kB up, 1 B down, 1 flow; all are in audit.json and in CSV" {
		t.Error(got)
	}
}

func TestSummaryLines(t *testing.T) {
	for name, a := range map[string]*audit.Audit{"practice": practice(), "large": large(2_000), "hostile": hostile()} {
		var b bytes.Buffer
		if err := Summary(&b, a, Screen{}, Made{"Report", "out/report.html"}, Made{"Audit", "out/audit.json"}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "\n"); n < 10 || n > 40 {
			t.Errorf("%s: a summary of %d lines", name, n)
		}
	}
}

func TestFind(t *testing.T) {
	for _, f := range All {
		got, err := Find(f.Name)
		if err != nil || got != f || f.Doc == "" || len(f.Files) == 0 {
			t.Errorf("%s: %v, %v", f.Name, got, err)
		}
	}
	if _, err := Find("p\x1bdf"); err == nil || err.Error() != `format "p\x1bdf": want one of brief, csv, html, json, letter, markdown, text` {
		t.Error(err)
	}
}

// A broken writer must not pass for a written report.
func TestWriteError(t *testing.T) {
	for _, format := range All {
		for _, f := range format.Files {
			if err := f.Write(broken{}, practice(), Screen{}); err == nil {
				t.Errorf("%s: no error from a full disk", f.Name)
			}
		}
	}
	if Summary(broken{}, practice(), Screen{}) == nil || Explain(broken{}, practice(), id('e', 1)) == nil {
		t.Error("no error from a full disk")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func BenchmarkFormats(b *testing.B) {
	a := large(100_000)
	for _, format := range All {
		for _, f := range format.Files {
			b.Run(f.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := f.Write(io.Discard, a, Screen{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("summary", func(b *testing.B) {
		for b.Loop() {
			Summary(io.Discard, a, Screen{})
		}
	})
}

// BenchmarkFirstPage is what a small recording pays: parsing the template and one page.
func BenchmarkFirstPage(b *testing.B) {
	a := small()
	for b.Loop() {
		t := parsePage()
		if err := t.Execute(io.Discard, newDocument(a, nil, htmlBounds)); err != nil {
			b.Fatal(err)
		}
	}
}
