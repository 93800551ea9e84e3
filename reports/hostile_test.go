package reports

import (
	"net/netip"

	"abroad/analyze/audit"
	"abroad/capture"
)

// payloads are what strangers write into names: each would do something on one of the ways out.
var payloads = []string{
	"<script>alert(1)</script>",
	`"><img src=x onerror=alert(1)>`,
	"' onmouseover='alert(1)",
	"</style></title><svg/onload=alert(1)>",
	"javascript:alert(1)",
	"{{.Practice}}",
	"\x1b[31mred\x1b[0m\x1b]0;title\x07",
	"\u009b31m",
	"back\b\b\bspace\rcarriage\nnewline\ttab\x00nul\x7fdel",
	"=HYPERLINK(\"http://evil.example\";\"x\")",
	"+1+cmd|' /C calc'!A0",
	"-2+3", "@SUM(1)", "\t=1", "\r=1", "＝1+1", ";=1;", "a;b,c\"d\"",
	"evil\u202egnp.exe", "\u2066isolated\u2069", "left\u200eright\u200f", "zero\u200bwidth\u2060\ufeff",
	"not\xffutf8\xc0\xaf",
	"| cell | cell |", "`code` ``more``", "[click](javascript:alert(1))", "![x](http://evil.example/x.png)", "# head", "- item", "1. item", "> quote", "***", "\\|\\", "www.evil.example", "https://evil.example/", "@someone #1 :smile: $x$",
	"&lt;b&gt; &#x3c;", "]]>", "<!-- -->", "z\u0300\u0301\u0302\u0303\u0304\u0305algo", "\u2028line\u2029", "-rf", "$(reboot)", "`reboot`.pcap", "\U000e0041tag",
	"accès 日本語 עברית",
}

// payload hands them out in turn.
type payload struct{ n int }

func (p *payload) next() string {
	s := payloads[p.n%len(payloads)]
	p.n++
	return s
}

// hostile is an audit as a hostile recording could give it: it passes Check, and every name, label and file name is an attack.
// The test of all fields is TestHostileEverywhere; this one is for looking at.
func hostile() *audit.Audit {
	var p payload
	b := newBuilder()
	b.Subject = audit.Subject{App: p.next(), Version: p.next()}
	r := b.recording(audit.Recording{
		Name: "`reboot`\x1b[2J.pcap", Size: 99, Format: "pcap", Records: 2_000, First: capture.MinTime, Last: capture.MaxTime, Application: p.next(), Notes: []string{p.next()},
		Device: audit.Device{Addresses: []netip.Addr{netip.MustParseAddr("fe80::1%<b>\x1b[1m")}, MACs: []string{p.next()}, Reason: p.next()},
	})
	d := b.dataset(audit.Dataset{Name: p.next(), Title: p.next(), Publisher: p.next(), Licence: p.next(), Credit: p.next(), AsOf: p.next(), Warning: p.next()})
	for i, s := range payloads {
		address := netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}).String()
		c := b.claim(address, audit.Claim{Kind: audit.ClaimDatabase, Country: "IE", City: s, Organisation: s, Detail: s, By: s, Said: audit.Citation{Dataset: d, Key: s}})
		e := b.endpoint(address, audit.Endpoint{AS: 64500, Organisation: s, Owner: p.next(), OwnerSeat: "IE", Parent: p.next(),
			Place: audit.Place{Country: "IE", Candidates: []string{"IE"}, Grade: audit.L1, Words: p.next() + " says IE", Because: []audit.ID{c}, Missing: []string{s}, Rejected: []audit.Rejected{{Claim: c, Why: s}}}})
		f := b.flow(r, e, audit.Flow{Proto: audit.TCP, App: "tls", BytesUp: uint64(1000 - i), BytesDown: 10, Step: s}, audit.Name{Name: s, How: audit.BySNI, Via: []string{s, p.next()}})
		o := b.observe(audit.Observation{Flow: f.ID, Kind: audit.SeenQuery, Value: s + " A", By: "dns", Time: noon, Seen: []capture.Ref{f.Packet}})
		f.Attribution = &audit.Attribution{Grade: audit.A3, UID: -1, Process: s, App: s, Package: s, By: "nflog", Because: []audit.ID{o}}
		b.answer(audit.Answer{Flow: f.ID, Time: noon, Resolver: netip.MustParseAddrPort("[fe80::1%<b>]:53"), Question: s, Type: "TXT", Name: s, Value: s, By: "dns", Seen: f.Packet})
		b.Findings = append(b.Findings, audit.Finding{ID: id('n', i+1), Rule: "rule", Says: s, Because: []audit.ID{o}, Missing: []string{s}})
		b.Anomalies = append(b.Anomalies, audit.Anomaly{ID: id('x', i+1), Recording: r, At: f.Packet, Stage: "tls", Code: capture.Malformed, Detail: s, Count: 1})
	}
	b.Notes = append(b.Notes, payloads...)
	return b.finish()
}
