package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
)

func TestParseVantage(t *testing.T) {
	for _, test := range []struct {
		in   string
		want *audit.Vantage
	}{
		{"", nil},
		{"DE", &audit.Vantage{Country: "DE"}},
		{"no", &audit.Vantage{Country: "NO"}},
		{"52.5,13.4,50", &audit.Vantage{Lat: 52.5, Lon: 13.4, Radius: 50}},
		{"-33.9, 151.2, 0.5", &audit.Vantage{Lat: -33.9, Lon: 151.2, Radius: 0.5}},
	} {
		got, err := parseVantage(test.in)
		if err != nil {
			t.Errorf("%q: %v", test.in, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: %s", test.in, diff)
		}
	}
	for _, in := range []string{"D", "DEU", "D1", "UK", "Ä", "52.5,13.4", "52.5,13.4,50,1", "91,0,1", "0,181,1", "0,0,0", "0,0,-1", "0,0,99999", "NaN,0,1", "a,b,c", ",,"} {
		if got, err := parseVantage(in); err == nil {
			t.Errorf("%q was read as %+v", in, got)
		}
	}
}

func TestCheckDevice(t *testing.T) {
	for _, in := range []string{"", "192.0.2.1", "2001:db8::1", "fe80::1", "02:00:5e:10:00:01", "02-00-5e-10-00-01"} {
		if err := checkDevice(in); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
	for _, in := range []string{"phone", "192.0.2", "192.0.2.0/24", "02:00:5e:10:00", "02-00-5e-10-00-01-02-03"} {
		if checkDevice(in) == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}

func TestProgressLine(t *testing.T) {
	for _, test := range []struct {
		read, total int64
		elapsed     time.Duration
		want        string
	}{
		{312e6, 1e9, 2 * time.Second, "abroad: 312 MB of 1.0 GB, 156 MB/s, 4s left"},
		{1e9, 1e9, 2 * time.Second, "abroad: 1.0 GB of 1.0 GB, 500 MB/s, writing"},
		{5e6, 0, time.Second, "abroad: 5.0 MB, 5.0 MB/s"}, // a pipe
		{0, 1e9, time.Second, "abroad: 0 B of 1.0 GB, 0 B/s"},
		{999_999, 0, time.Second, "abroad: 1.0 MB, 1.0 MB/s"},
	} {
		if got := progressLine(test.read, test.total, test.elapsed); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for in, want := range map[string]string{
		"plain ü.pcap":         "plain ü.pcap",
		"a\nb":                 `a\nb`,
		"a\x1b[2J":             `a\x1b[2J`,
		"a\u202eb":             `a\u202eb`,
		"a\x00":                `a\x00`,
		`say "no" and 'yes' \`: `say "no" and 'yes' \`,
		"bad \xff":             `bad \ufffd`,
	} {
		if got := oneLine(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestTopics(t *testing.T) {
	for _, topic := range topics {
		rows := topic.Rows()
		if len(rows) == 0 {
			t.Errorf("%s says nothing", topic.Name)
		}
		for _, row := range rows {
			if row[0] == "" && !strings.HasPrefix(row[1], "$ ") || row[1] == "" { // a command belongs to the row above
				t.Errorf("%s: empty row %q", topic.Name, row)
			}
		}
		if cmd, _, err := newRoot().Find([]string{topic.Name}); err == nil && cmd.HasParent() {
			t.Errorf("%s is a command and a topic", topic.Name)
		}
	}
}

func TestDataFolder(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_DATA_HOME", home)
	t.Setenv("LocalAppData", home)
	t.Setenv("ABROAD_DATA", "")
	if got := dataFolder(""); got != "none" {
		t.Errorf("without any folder: got %q", got)
	}
	if err := os.MkdirAll(userDataFolder(), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := dataFolder(""); got != userDataFolder() || !strings.HasPrefix(got, home) {
		t.Errorf("the user's folder: got %q", got)
	}
	t.Setenv("ABROAD_DATA", "from-environment")
	if got := dataFolder(""); got != "from-environment" {
		t.Errorf("ABROAD_DATA: got %q", got)
	}
	if got := dataFolder("none"); got != "none" {
		t.Errorf("--data none: got %q", got)
	}
}

// What a message quotes may be of any length and hold anything; what is printed of it is neither.
func TestLongMessage(t *testing.T) {
	var said bytes.Buffer
	if code := run([]string{strings.Repeat("\x1b[2J\n", 100_000)}, strings.NewReader(""), io.Discard, &said); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	if said.Len() > 2*maxMessage || strings.Contains(said.String(), "\x1b") || strings.Count(said.String(), "\n") > 2 {
		t.Errorf("%d bytes were printed: %.200q", said.Len(), said.String())
	}
}
