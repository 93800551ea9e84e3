package shelf

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"abroad/analyze/audit"
)

// sample is the part of an audit that the index reads, and a part that it must not need.
const sample = `{
"schema": "abroad/audit/1.1.0",
"tool": {"name":"abroad","version":"1"},
"subject": {"app":%q,"version":%q},
"recordings": [],
"sessions": [
{"id":"s1","recordings":[],"start":"2026-09-01T08:00:00.000000000Z","end":"2026-09-01T08:01:00.000000000Z","day":"2026-09-01"},
{"id":"s2","recordings":[],"start":"2026-09-03T08:00:00.000000000Z","end":"2026-09-03T08:01:00.000000000Z","day":"2026-09-03"},
{"id":"s3","recordings":[],"start":"2026-09-04T08:00:00.000000000Z","end":"2026-09-04T08:01:00.000000000Z","day":"2026-09-04","failed":"crash"}],
"jurisdictions": [{"country":"IE","grade":"L3","words":"in IE","endpoints":["e2"],"flows":1,"bytes_up":10,"bytes_down":1}],
"endpoints": [{"id":"e1","address":"192.168.0.9","class":"private","place":{"grade":"L0","words":"private"},"flows":1},
{"id":"e2","names":["endpoint.example"],"address":"198.51.100.7","place":{"grade":"L3","country":"IE","words":"in IE"},"as":64496,"organisation":"Emerald Cloud","as_registered":"GB","flows":1,"bytes_up":10,"bytes_down":1,"sessions":["s1"]}],
"hosts": [{"id":"h1","name":%q,"how":"sni","owner":"g1","endpoints":["e2"],"sessions":["s1"],"flows":1,"bytes_up":10,"bytes_down":1,"payload_up":1}],
"organisations": [{"id":"g1","key":"tally","name":"Tally_100%% Inc","seat":"US","parent":"Big Co","parent_seat":"CN","facts":[],"verified":true}],
"promises": [{"id":"p1","clauses":[{"verdict":{"outcome":"contradicted"}},{"verdict":{"outcome":"silent"}}]}],
"claims": this is never read`

func put(t *testing.T, root, path, text string) {
	t.Helper()
	dir := filepath.Join(root, Audits, filepath.FromSlash(path))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, auditName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func workspace(t *testing.T) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "work space?#%")
	if made, err := Init(root); err != nil || !made {
		t.Fatal(made, err)
	}
	put(t, root, "a/1.0/x", fmt.Sprintf(sample, "org.a", "1.0", "api.tally.example"))
	put(t, root, "a/2.0/x", fmt.Sprintf(sample, "org.a", "2.0", "tally.example"))
	put(t, root, "b/1.0/x", fmt.Sprintf(sample, "org.b", "1.0", "nottally.example"))
	return root
}

// What a stranger put in place of an audit is left out, with the place of its fault, and does not fill the memory.
func TestStrangers(t *testing.T) {
	const schema = `{"schema":"abroad/audit/1.1.0",`
	root := workspace(t)
	for name, text := range map[string]string{
		"endpoints": schema + `"endpoints":[` + strings.Repeat("{},", 1<<20),
		"string":    schema + `"subject":{"app":"` + strings.Repeat("a", audit.MaxElement+1) + `"}`,
		"nest":      schema + `"other":` + strings.Repeat("[", 1<<20),
		"twice":     schema + `"subject":{"app":"x"},"subject":{"app":"y"},"claims":`,
		"zeros":     strings.Repeat("\x00", 1<<20),
	} {
		put(t, root, "strange/1/"+name, text)
	}
	s, told := opened(t, root)
	if list, err := s.Audits(context.Background(), "org.a", "1.0"); err != nil || len(list) != 1 {
		t.Errorf("%v: %v", list, err)
	}
	if n := strings.Count(told, "left out of the index: audits/strange/1/"); n != 5 || strings.Count(told, "at byte")+strings.Count(told, "stands where") != 5 {
		t.Errorf("%d were left out: %s", n, told)
	}
}

// An index of a stranger is made anew if it holds anything but our tables, and one elsewhere is not touched.
func TestStrangeIndex(t *testing.T) {
	const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT `
	for name, statement := range map[string]string{
		"a trigger":   `CREATE TRIGGER t AFTER INSERT ON meta BEGIN INSERT INTO details (text) SELECT hex(randomblob(9)); END`,
		"a view":      `DROP TABLE details; CREATE VIEW details AS ` + endless + `i AS id, i AS text FROM n`,
		"a column":    `ALTER TABLE names ADD COLUMN more TEXT AS (hex(zeroblob(1000000000)))`,
		"a table":     `CREATE TABLE more (x)`,
		"one missing": `DROP TABLE details`,
	} {
		root := workspace(t)
		s, _ := opened(t, root)
		if _, err := s.db.Exec(statement); err != nil {
			t.Fatal(name, err)
		}
		s.Close()
		if _, told := opened(t, root); !strings.Contains(told, "is of another schema; it is made anew") {
			t.Errorf("%s: told %q", name, told)
		}
	}
	root, other := workspace(t), workspace(t)
	opened(t, other)
	if err := os.Symlink(filepath.Join(other, Index), filepath.Join(root, Index)); err != nil {
		t.Skip(err)
	}
	if _, err := Open(context.Background(), root, func(string) {}); err == nil || !strings.Contains(err.Error(), "not a plain file") {
		t.Errorf("a link: %v", err)
	}
}

// opened opens the workspace and returns what it said.
func opened(t *testing.T, root string) (s *Shelf, told string) {
	t.Helper()
	s, err := Open(context.Background(), root, func(says string) { told += says + "\n" })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, told
}

func found(t *testing.T, s *Shelf, kind, value string) (list []string) {
	t.Helper()
	hits, err := s.Find(context.Background(), kind, value)
	if err != nil {
		t.Fatal(err)
	}
	sums, err := s.Sum(context.Background(), kind, value)
	if err != nil {
		t.Fatal(err)
	}
	audits := map[string]bool{}
	for _, h := range hits {
		list = append(list, strings.TrimSpace(h.App+" "+h.Version+" "+h.Value+" "+h.Detail))
		audits[h.Path] = true
	}
	n := 0
	for _, f := range sums {
		n += f.Audits
	}
	if n != len(audits) {
		t.Errorf("%s %s: %d audits by Find, %d by Sum", kind, value, len(audits), n)
	}
	return list
}

func TestFind(t *testing.T) {
	s, told := opened(t, workspace(t))
	if told != "" {
		t.Errorf("a first index is no news: %q", told)
	}
	three := func(tail string) []string {
		return []string{"org.a 1.0 " + tail, "org.a 2.0 " + tail, "org.b 1.0 " + tail}
	}
	for _, test := range []struct {
		kind, value string
		want        []string
	}{
		{KindHost, "tally.example", []string{"org.a 1.0 api.tally.example sni", "org.a 2.0 tally.example sni"}},
		{KindHost, "API.tally.example.", []string{"org.a 1.0 api.tally.example sni"}},
		{KindHost, "198.51.100.7", three("198.51.100.7 address")},
		{KindOrg, "tally_100%", three("Tally_100% Inc recipient")},
		{KindOrg, "tally%inc", nil},
		{KindOrg, "emerald_cloud", nil},
		{KindHost, "endpoint.example", nil}, // hosts are listed, and say how they are known
		{KindHost, "192.168.0.9", nil},      // of the local network
		{KindOrg, "emerald", three("Emerald Cloud network")},
		{KindOrg, "big co", three("Big Co parent")},
		{KindCountry, "ie", three("IE J1 L3")},
		{KindCountry, "GB", three("GB J2")},
		{KindCountry, "US", three("US J3")},
		{KindCountry, "CN", three("CN J4")},
		{KindAS, "64496", three("AS64496 Emerald Cloud")},
		{KindAS, "as64496", three("AS64496 Emerald Cloud")},
		{KindAS, "64497", nil},
	} {
		if diff := cmp.Diff(test.want, found(t, s, test.kind, test.value)); diff != "" {
			t.Errorf("%s %s:\n%s", test.kind, test.value, diff)
		}
	}
	for _, bad := range [][2]string{{KindAS, "x"}, {"planet", "Mars"}} {
		if _, err := s.Find(context.Background(), bad[0], bad[1]); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	cards, err := s.Audits(context.Background(), "org.a", "1.0")
	if err != nil {
		t.Fatal(err)
	}
	want := []Card{{
		Path: "audits/a/1.0/x", App: "org.a", Version: "1.0", First: "2026-09-01", Last: "2026-09-03", Sessions: 2, Failed: 1, Hosts: 1, BytesUp: 10,
		Contradicted: 1, Silent: 1, Countries: []string{"IE L3"},
	}}
	if diff := cmp.Diff(want, cards, cmp.AllowUnexported(Card{})); diff != "" {
		t.Error(diff)
	}
}

// The index follows the folders: an audit that is new, changed, moved or gone.
func TestRefresh(t *testing.T) {
	root := workspace(t)
	s, _ := opened(t, root)
	s.Close()
	put(t, root, "c/1.0/deep/er/x", fmt.Sprintf(sample, "org.c", "1.0", "new.tally.example"))
	put(t, root, "a/2.0/x", fmt.Sprintf(sample, "org.a", "2.0", "changed.tally.example"))
	if err := os.Rename(filepath.Join(root, Audits, "b"), filepath.Join(root, Audits, "moved")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(root, Audits, "a", "1.0")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time nothing has changed
		s, told := opened(t, root)
		if told != "" {
			t.Errorf("told %q", told)
		}
		want := []string{"org.a 2.0 changed.tally.example sni", "org.c 1.0 new.tally.example sni"}
		if diff := cmp.Diff(want, found(t, s, KindHost, "tally.example")); diff != "" {
			t.Error(diff)
		}
		cards, err := s.Audits(context.Background(), "org.b", "")
		if err != nil || len(cards) != 1 || cards[0].Path != "audits/moved/1.0/x" {
			t.Errorf("%+v, %v", cards, err)
		}
		s.Close()
	}
}

// Versions are summed, each once, also when their sessions were recorded by turns.
func TestSum(t *testing.T) {
	root := filepath.Join(t.TempDir(), "work")
	if _, err := Init(root); err != nil {
		t.Fatal(err)
	}
	on := func(day, text string) string {
		return strings.NewReplacer("2026-09-01", day, "2026-09-03", day).Replace(text)
	}
	two := func(text string) string {
		return strings.Replace(text, `"payload_up":1}]`, `"payload_up":1},{"id":"h2","name":"a.tally.example","how":"dns","endpoints":["e2"],"bytes_up":1}]`, 1)
	}
	put(t, root, "1", two(on("2026-09-01", fmt.Sprintf(sample, "org.a", "2.0", "one.tally.example"))))
	put(t, root, "2", on("2026-09-02", fmt.Sprintf(sample, "org.a", "1.0", "tally.example")))
	put(t, root, "3", on("2026-09-05", fmt.Sprintf(sample, "org.a", "2.0", "two.tally.example")))
	put(t, root, "4", on("2026-09-01", two(fmt.Sprintf(sample, "org.0", "9", "b.tally.example"))))
	put(t, root, "5", strings.Replace(fmt.Sprintf(sample, "org.b", "1", "tally-two.example"), `"as_registered":"GB"`, `"as_registered":"SE"`, 1))
	put(t, root, "6", strings.Replace(fmt.Sprintf(sample, "org.c", "1", "nobody.example"), `"seat":"US"`, `"seat":"CN"`, 1))
	s, _ := opened(t, root)
	got, err := s.Sum(context.Background(), KindHost, "tally.example")
	if err != nil {
		t.Fatal(err)
	}
	want := []Found{
		{App: "org.0", Version: "9", First: "2026-09-01", Last: "2026-09-01", Audits: 1, Value: "a.tally.example", Values: 2, Detail: "dns"},
		{App: "org.a", Version: "2.0", First: "2026-09-01", Last: "2026-09-05", Audits: 2, Value: "a.tally.example", Values: 2, Detail: "dns"},
		{App: "org.a", Version: "1.0", First: "2026-09-02", Last: "2026-09-02", Audits: 1, Value: "tally.example", Values: 1, Detail: "sni"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// One country at two levels is one value.
	want = []Found{{App: "org.c", Version: "1", First: "2026-09-01", Last: "2026-09-03", Audits: 1, Value: "CN", Values: 1, Detail: "J3"}}
	got, err = s.Sum(context.Background(), KindCountry, "cn")
	if diff := cmp.Diff(want, got[len(got)-1:]); err != nil || len(got) != 5 || diff != "" {
		t.Errorf("%d, %v: %s", len(got), err, diff)
	}
	if got, err := s.Sum(context.Background(), KindHost, "moon.example"); len(got) > 0 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// What only an audit held that is gone is gone with it, and numbers that are given again do not mix the old with the new.
func TestForgotten(t *testing.T) {
	root := workspace(t)
	s, _ := opened(t, root)
	s.Close()
	for i := range 3 { // the last of the numbers is given again each time
		put(t, root, "b/1.0/x", fmt.Sprintf(sample, "org.b", "1.0", fmt.Sprintf("%d.changing.example", i)))
		s, _ := opened(t, root)
		if diff := cmp.Diff([]string{fmt.Sprintf("org.b 1.0 %d.changing.example sni", i)}, found(t, s, KindHost, "changing.example")); diff != "" {
			t.Error(diff)
		}
		if got := found(t, s, KindHost, "nottally.example"); len(got) > 0 {
			t.Errorf("still found: %v", got)
		}
		if got := found(t, s, KindOrg, "emerald"); len(got) != 3 {
			t.Errorf("found %v", got)
		}
		var names int
		if err := s.db.QueryRow(`SELECT count(*) FROM names WHERE kind = 'host'`).Scan(&names); err != nil || names != 4 { // and the address
			t.Errorf("%d names of hosts in the index, %v", names, err)
		}
		s.Close()
	}
}

// A writer that runs out of memory writes in between.
func TestFlush(t *testing.T) {
	root := workspace(t)
	s, _ := opened(t, root)
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWriter(context.Background(), tx)
	if err != nil {
		t.Fatal(err)
	}
	again := []string{"audits/b/1.0/x", "audits/a/2.0/x"} // the last number is given again
	if err := w.forget(again); err != nil {
		t.Fatal(err)
	}
	for _, path := range again {
		card, err := readCard(filepath.Join(root, filepath.FromSlash(path), auditName))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.add(file{path: path}, card, nil), w.flush()); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := found(t, s, KindOrg, "emerald"); len(got) != 3 {
		t.Errorf("found %v", got)
	}
}

// Folders say when they changed. Those that cannot be relied on are looked into again: one of the year 1970, as archives make them, and one
// with a link that leads nowhere yet.
func TestWalkFolders(t *testing.T) {
	root := workspace(t)
	epoch := filepath.Join(root, Audits, "epoch")
	linked := filepath.Join(root, Audits, "linked")
	text := fmt.Sprintf(sample, "org.c", "1.0", "new.tally.example")
	for _, dir := range []string{epoch, linked} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(root, "later.json"), filepath.Join(linked, auditName)); err != nil {
		t.Skip(err)
	}
	long := time.Now().Add(-time.Hour)
	put(t, root, "epoch/x", text)
	for dir, at := range map[string]time.Time{epoch: time.Unix(0, 0), linked: long, filepath.Join(root, Audits): long} {
		if err := os.Chtimes(dir, at, at); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := opened(t, root)
	if got := found(t, s, KindHost, "new.tally.example"); len(got) != 1 {
		t.Errorf("in the folder of 1970: %v", got)
	}
	s.Close()
	if err := os.WriteFile(filepath.Join(root, "later.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ = opened(t, root)
	if got := found(t, s, KindHost, "new.tally.example"); len(got) != 2 {
		t.Errorf("behind the link: %v", got)
	}
}

// A folder that changed just now may change again without a trace: its clock counts in steps.
func TestWalkYoung(t *testing.T) {
	root := workspace(t)
	young := filepath.Join(root, Audits, "young")
	if err := os.Mkdir(young, 0o700); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(time.Hour)
	for i := range 2 {
		if err := os.Chtimes(young, at, at); err != nil {
			t.Fatal(err)
		}
		s, _ := opened(t, root)
		if got := found(t, s, KindHost, "new.tally.example"); len(got) != i {
			t.Errorf("%d: %v", i, got)
		}
		s.Close()
		put(t, root, "young/x", fmt.Sprintf(sample, "org.c", "1.0", "new.tally.example"))
	}
}

func TestWalkDepth(t *testing.T) {
	root := workspace(t)
	put(t, root, "1/2/3/4/5/6", fmt.Sprintf(sample, "org.c", "1.0", "deep.example"))
	put(t, root, "1/2/3/4/5/7/8", fmt.Sprintf(sample, "org.c", "1.0", "deeper.example"))
	for range 2 {
		s, _ := opened(t, root)
		if got := append(found(t, s, KindHost, "deep.example"), found(t, s, KindHost, "deeper.example")...); len(got) != 1 || !strings.Contains(got[0], "deep.example") {
			t.Errorf("found %v", got)
		}
		s.Close()
	}
}

// BenchmarkFind asks for an organisation that all of 10,000 audits hold, as a program that was just started does.
func BenchmarkFind(b *testing.B) {
	root := filepath.Join(b.TempDir(), "work")
	if _, err := Init(root); err != nil {
		b.Fatal(err)
	}
	for i := range 10_000 {
		dir := Place(root, Audits, fmt.Sprintf("app%d", i/5), fmt.Sprint(i%5), "x")
		text := fmt.Sprintf(sample, fmt.Sprintf("app%d", i/5), fmt.Sprint(i%5), fmt.Sprintf("h%d.tally.example", i%100))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, auditName), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	time.Sleep(young)
	for b.Loop() {
		s, err := Open(context.Background(), root, func(says string) { b.Error(says) })
		if err != nil {
			b.Fatal(err)
		}
		if got, err := s.Sum(context.Background(), KindOrg, "e"); err != nil || len(got) != 10_000 {
			b.Fatal(len(got), err)
		}
		s.Close()
	}
}

// An index that is damaged, cut or of another schema is made anew, and that is said.
func TestRebuild(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"garbage": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("this is not a database, and long enough to be read as one"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"empty": func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		},
		"cut": func(t *testing.T, path string) {
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
		},
		"schema": func(t *testing.T, path string) {
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(`UPDATE meta SET value = 'abroad/index/0' WHERE key = 'schema'`); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "plain")
			if _, err := Init(root); err != nil {
				t.Fatal(err)
			}
			put(t, root, "a/1.0/x", fmt.Sprintf(sample, "org.a", "1.0", "api.tally.example"))
			s, _ := opened(t, root)
			s.Close()
			spoil(t, filepath.Join(root, Index))
			journal := filepath.Join(root, Index+"-journal") // of a program that was ended; it is not that of the new index
			if err := os.WriteFile(journal, []byte("of the index that was there"), 0o600); err != nil {
				t.Fatal(err)
			}
			s, told := opened(t, root)
			if !strings.Contains(told, "made anew") {
				t.Errorf("told %q", told)
			}
			if got := found(t, s, KindHost, "tally.example"); len(got) != 1 {
				t.Errorf("found %v", got)
			}
			if _, err := os.Stat(journal); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the journal is left: %v", err)
			}
			info, err := os.Stat(filepath.Join(root, Index))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
}

// Something else in the index's place is not touched.
func TestIndexIsAFolder(t *testing.T) {
	root := workspace(t)
	if err := os.Mkdir(filepath.Join(root, Index), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), root, func(says string) { t.Errorf("told %q", says) })
	if err == nil || !strings.Contains(err.Error(), "it is not a plain file") {
		t.Errorf("%v", err)
	}
}

// What is no audit is said and left out; it does not spoil the rest.
func TestNoAudit(t *testing.T) {
	root := workspace(t)
	for name, text := range map[string]string{
		"empty": "", "words": "hello", "array": "[]", "other": `{"schema":"other/1"}`, "cut": sample[:300], "newer": `{"schema":"abroad/audit/2.0.0"}`,
	} {
		put(t, root, name, text)
	}
	s, told := opened(t, root)
	if n := strings.Count(told, "left out of the index"); n != 6 {
		t.Errorf("%d of 6 are told:\n%s", n, told)
	}
	if got := found(t, s, KindHost, "tally.example"); len(got) != 2 {
		t.Errorf("found %v", got)
	}
	s.Close()
	if _, told := opened(t, root); told != "" {
		t.Errorf("told again: %q", told)
	}
}

func TestPlaces(t *testing.T) {
	root := workspace(t)
	if made, err := Init(root); made || err != nil {
		t.Errorf("again: %v, %v", made, err)
	}
	inside := filepath.Join(root, Audits, "a", "1.0")
	if got, err := Find(inside); err != nil || got != root {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Find(t.TempDir()); !errors.Is(err, ErrNone) {
		t.Errorf("outside: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, Marker), []byte("abroad/workspace/2.0.0"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(inside); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a workspace of tomorrow: %v", err)
	}
	for in, want := range map[string]string{"org.a": "org.a", "../x": "_x", "a/b": "a_b", "": "unknown", "..": "unknown", "v 1\x1b": "v_1_"} {
		if got := SafeName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestLookEncoding(t *testing.T) {
	l := look{map[string]file{"audits/a b/1": {"audits/a b/1", 5, 7}}, map[string]int64{"audits": 3, "audits/a b": 0}}
	if diff := cmp.Diff(l, decode(l.encode()), cmp.AllowUnexported(look{}, file{})); diff != "" {
		t.Error(diff)
	}
	for i := range l.encode() {
		decode(l.encode()[:i])
	}
}
