package locate

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"io/fs"
	"net/netip"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The files keep what practice/README.md promises.
func TestPracticeFiles(t *testing.T) {
	l := open(t, Options{Practice: true})
	databases := map[string]bool{}
	for _, s := range l.sources {
		if !s.Practice {
			continue
		}
		if !strings.Contains(s.Publisher, "practice") {
			t.Errorf("%s: publisher %q does not say that it is practice", s.Name, s.Publisher)
		}
		if s.Kind == "database" {
			databases[s.Publisher] = true
		}
	}
	if len(databases) < 2 {
		t.Errorf("databases of %d publishers", len(databases))
	}
	files, err := fs.Glob(practiceFiles, "practice/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := practiceFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows := csv.NewReader(bytes.NewReader(text))
		rows.Comment = '#'
		all, err := rows.ReadAll()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, row := range all {
			if prefix, err := netip.ParsePrefix(row[0]); err == nil && !inFiction(prefix.Addr()) {
				t.Errorf("%s: %s is in the real world", name, prefix)
			}
		}
		if name == "practice/owners.csv" && strings.Join(all[0], ",") != "suffix,organisation,seat,parent,parent_seat,role" {
			t.Errorf("%s: header %q", name, all[0])
		}
	}
	list, err := practiceFiles.ReadFile("practice/recordings.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(list, []byte("\n")); lines != len(practiceRecordings()) {
		t.Errorf("%d of %d lines of recordings.sha256 are digests", len(practiceRecordings()), lines)
	}
	for digest := range practiceRecordings() {
		if !IsPractice(digest) {
			t.Errorf("%s is not a practice recording", digest)
		}
	}
	if IsPractice(capture.Digest(sha256.Sum256(nil))) || IsPractice(capture.Digest{}) {
		t.Error("an empty file is a practice recording")
	}
}

// Between them, the fiction's addresses show every grade, role and kind that a place can have.
func TestPracticeShowsAll(t *testing.T) {
	l := open(t, Options{Practice: true})
	seen := map[string]int{}
	for third := range 256 {
		address := netip.AddrFrom4([4]byte{198, 18, byte(third), 7})
		for _, names := range [][]string{nil, {"lhr1.push.pigeon.example"}} {
			q := Query{Address: address, Names: names, Practice: true}
			p := weigh(l, q)
			seen[string(p.Grade)]++
			seen["role "+string(p.Role)]++
			for _, c := range l.Ask(q).Claims {
				seen["kind "+string(c.Kind)]++
			}
		}
	}
	if len(practiceRecordings()) == 0 {
		t.Skip("the practice recordings are not made yet")
	}
	for _, want := range []string{"L0", "L1", "L2", "L3", "role edge", "role host", "role ", "kind operator", "kind database", "kind edge", "kind network",
		"kind token", "kind registration"} {
		if seen[want] == 0 {
			t.Errorf("nothing shows %q", want)
		}
	}
	if p := weigh(l, Query{Address: addr("198.18.53.7"), Practice: true}, "IS"); p.Grade != audit.L4 {
		t.Errorf("a round trip that leaves one country gives %s", p.Grade)
	}
}
