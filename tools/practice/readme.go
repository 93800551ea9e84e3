package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/netip"
	"strings"
	"text/template"
	"time"
)

//go:embed readme.tmpl
var readmeText string

// readme writes the recordings' README.md: words of ours around tables made from the world and the script.
func readme() []byte {
	var b bytes.Buffer
	t := template.Must(template.New("readme").Parse(readmeText))
	if err := t.Execute(&b, map[string]any{"Sessions": sessionRows(), "Services": serviceRows(), "Networks": networkRows()}); err != nil {
		panic(err) // the template and its data are both ours
	}
	return b.Bytes()
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

// sessionRows says of every session when it begins and what it has of its own.
func sessionRows() (rows []string) {
	special := []struct {
		version, n int // version -1: both
		words      string
	}{
		{1, nat64Session, "chat by way of NAT64 (64:ff9b::/96)"},
		{-1, publicDNSSession, "resolver 198.18.53.53 instead of the gateway's"},
		{-1, linkDNSSession, "resolver at a link-local IPv6 address"},
		{-1, quic2Session, "feed over QUIC version 2"},
		{-1, bigAnswerSession, "an answer too long for UDP, asked again over TCP"},
		{1, truncatedSession, "snap length 1500: full packets are cut"},
		{1, lossySession, "the recorder dropped packets: gaps, drop counters in EPB and ISB"},
		{1, secretsSession, "TLS key log in a decryption secrets block: everything can be opened"},
		{0, namesSession, "name resolution block"},
		{1, lateHelloSession, "ClientHello to metrics.tally.example repeated 3 ms before its answer: the sample must be dropped"},
		{0, lateSYNSession, "SYN to beacon.saudade.example sent twice: the sample must be dropped"},
		{0, resetSession, "connection to crash.mirage.example ends in RST"},
	}
	for _, p := range plans() {
		var words []string
		for _, s := range special {
			if (s.version == p.version || s.version < 0) && s.n == p.n {
				words = append(words, s.words)
			}
		}
		if p.n%3 == 1 {
			words = append(words, "IPv6 where there is some")
		}
		for _, key := range []string{"dot", "doh", "doq", "tv", "mail"} {
			if s := serviceNamed(key); s.used(p.version, p.n) {
				words = append(words, s.shows)
			}
		}
		if p.version == copied.version && p.n == copied.n {
			words = append(words, "the session of the copies")
		}
		rows = append(rows, row(fmt.Sprintf("`v%d/s%02d.pcapng`", p.version+1, p.n+1), p.start.Format("2006-01-02 15:04")+" UTC", strings.Join(words, "; ")))
	}
	return rows
}

func serviceRows() (rows []string) {
	for _, s := range services {
		host := s.host
		if host == "" {
			host = "(none)"
		}
		at := strings.Join(s.at[0], ", ")
		if strings.Join(s.at[1], ", ") != at {
			at += "; version 2: " + strings.Join(s.at[1], ", ")
		}
		rows = append(rows, row(host, at, string(s.speak), fmt.Sprint(s.port), "`"+s.in[0]+"`", "`"+s.in[1]+"`", s.shows))
	}
	pool := fmt.Sprintf("8 names a version, %d or %d a session", 2, 3)
	return append(rows, row("cdn-XXXX"+cdnSuffix, "198.18.40.0/23, new ones every session", string(http3)+", "+string(http1), "443", "`"+always+"`", "`"+always+"`", "rotation: "+pool))
}

func networkRows() (rows []string) {
	dash := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	for _, n := range networks {
		op := operatorNamed(n.operator)
		list := n.table
		switch {
		case n.anycast:
			list = "anycast"
		case n.edge:
			list = "edge"
		case n.geofeed != "":
			list = n.geofeed + " (geofeed)"
		}
		place, _ := placeNamed(n.place)
		rows = append(rows, row(strings.Join(n.prefixes, ", "), dash(op.name), place.name+" "+place.country, fmt.Sprintf("%.1f", milliseconds(roundTrip(n.place))),
			dash(list), dash(n.atlas), dash(n.borealis), n.shows))
	}
	return rows
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// truth is a table for tests: where each prefix truly is in the fiction.
func truth() []byte {
	var b bytes.Buffer
	b.WriteString("# Practice data: nothing here is about the real world. Made by tools/practice.\nprefix,country,place,rtt_ms\n")
	for _, p := range sortedPrefixes() {
		place, _ := placeNamed(p.network.place)
		fmt.Fprintf(&b, "%s,%s,%s,%.3f\n", netip.MustParsePrefix(p.prefix), place.country, place.name, milliseconds(roundTrip(place.name)))
	}
	return b.Bytes()
}
