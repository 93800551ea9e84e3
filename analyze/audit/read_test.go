package audit

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A reader that repeats a text for ever, and counts what was taken of it.
type endless struct {
	head, again string
	taken       int
	at          int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if e.head != "" {
			c := copy(b[n:], e.head)
			e.head = e.head[c:]
			n += c
			continue
		}
		c := copy(b[n:], e.again[e.at:])
		e.at = (e.at + c) % len(e.again)
		n += c
	}
	e.taken += n
	return n, nil
}

// What a stranger may hand in instead of an audit ends soon, whatever it is: none of these streams ends by itself.
func TestReadEndless(t *testing.T) {
	const schema = `{"schema":"` + Schema + `",`
	for _, test := range []struct {
		name, head, again, want string
		most                    int // bytes that are read at most
	}{
		{"zeros", "", "\x00", "at byte 0", 1 << 20},
		{"spaces", "{", "        ", "bytes of white space", maxBlank + chunk},
		{"a string", schema + `"notes":["`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", `in "notes", element 1`, MaxElement + chunk},
		{"a name of a member", schema + `"`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bytes of one element", MaxElement + chunk},
		{"empty flows", schema + `"flows":[`, "{},", " stands where f1 should", 1 << 20},
		{"no flows", schema + `"flows":[`, "null,", " stands where f1 should", 1 << 20},
		{"empty endpoints", schema + `"endpoints":[`, "{},", " stands where e1 should", 1 << 20},
		{"empty jurisdictions", schema + `"jurisdictions":[`, "{},", `in "jurisdictions", element 262145`, 1 << 20},
		{"values in one element", schema + `"coverage":{"words":[`, "{},", "more than 524288 values", 4 << 20},
		{"names of one endpoint", schema + `"endpoints":[{"id":"e1","names":[`, `"",`, `in "endpoints", element 1: more than 524288 values`, 4 << 20},
		{"a nest", schema + `"later":`, "[", "too deep", 1 << 20},
		{"a nest in a member", schema + `"subject":`, "[", "at byte", 1 << 20},
		{"members", schema[:len(schema)-1], `,"a":1`, `"a" stands there twice`, 1 << 20},
		{"another schema", `{"schema":"abroad/compare/1.0.0",`, `"a":1,`, "schema is", 1 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &endless{head: test.head, again: test.again}
			_, err := Read(r)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if r.taken > test.most+len(test.head) {
				t.Errorf("%d bytes were read, want at most %d", r.taken, test.most)
			}
		})
	}
}

func TestReadComparisonEndless(t *testing.T) {
	for _, list := range []string{"items", "changes", "sessions", "audits", "tests", "clauses"} {
		r := &endless{head: `{"schema":"` + CompareSchema + `","` + list + `":[`, again: "{},"}
		if _, err := ReadComparison(r); !errors.Is(err, ErrCompareSchema) || !strings.Contains(err.Error(), "more than") {
			t.Errorf("%s: got %v", list, err)
		}
	}
}

// A document that holds something twice, or something behind its end, shows different things to different readers.
func TestReadTwice(t *testing.T) {
	text := golden(t)
	for name, in := range map[string]string{
		"a member":   strings.Replace(text, `"subject":`, `"subject":{"app":"other"},`+"\n"+`"subject":`, 1),
		"a document": text + text,
		"a tail":     text + "x",
	} {
		if _, err := Read(strings.NewReader(in)); !errors.Is(err, ErrSchema) {
			t.Errorf("%s: got %v, want ErrSchema", name, err)
		}
	}
	if _, err := Read(strings.NewReader(text + "\n\n ")); err != nil {
		t.Errorf("white space behind the end: %v", err)
	}
}

// The order of members does not matter, and of a cut document there is none.
func TestReadCut(t *testing.T) {
	text := golden(t)
	for i := 0; i < len(text)-2; i += 97 {
		if _, err := Read(strings.NewReader(text[:i])); !errors.Is(err, ErrSchema) {
			t.Fatalf("cut at %d: got %v, want ErrSchema", i, err)
		}
	}
}

// A fault of the medium is not one of the document.
func TestReadFault(t *testing.T) {
	broken := errors.New("the medium is broken")
	r := io.MultiReader(strings.NewReader(golden(t)[:1000]), &faulty{broken})
	if _, err := Read(r); !errors.Is(err, broken) || errors.Is(err, ErrSchema) {
		t.Errorf("got %v, want %v only", err, broken)
	}
}

type faulty struct{ err error }

func (f *faulty) Read([]byte) (int, error) { return 0, f.err }

// A head holds what the whole audit holds, and costs nothing that stands behind it.
func TestReadHead(t *testing.T) {
	text := golden(t)
	whole, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	head, err := ReadHead(strings.NewReader(text[:strings.Index(text, "\n\"claims\"")]+`"claims": `), "subject", "endpoints", "recordings", "nothing of this name")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.Endpoints, head.Endpoints, cmp.Comparer(func(x, y netip.Addr) bool { return x == y })); diff != "" {
		t.Error(diff)
	}
	if head.Subject != whole.Subject || len(head.Recordings) != len(whole.Recordings) || head.Hosts != nil {
		t.Errorf("got subject %v, %d recordings, %d hosts", head.Subject, len(head.Recordings), len(head.Hosts))
	}
}

// golden is the audit of another package's test.
func golden(t testing.TB) string {
	t.Helper()
	paths, err := filepath.Glob("../../reports/testdata/*.audit.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no audit in reports/testdata: %v", err)
	}
	best := ""
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > len(best) && len(b) < 200<<10 {
			best = string(b)
		}
	}
	return best
}

// FuzzRead holds that what is read can be written, and is then read as the same.
func FuzzRead(f *testing.F) {
	text := golden(f)
	if len(text) < 20<<10 {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"schema":"` + Schema + `","flows":[null],"notes":["` + "\u202e" + `"]}`))
	f.Add([]byte(`{"schema":"` + Schema + `","recordings":[{"id":"r1","records":1,"last_number":1}],"claims":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Read(bytes.NewReader(b))
		if err != nil {
			if a != nil {
				t.Fatal("an audit beside an error")
			}
			return
		}
		var once, twice bytes.Buffer
		if err := Write(&once, a); err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		back, err := Read(bytes.NewReader(once.Bytes()))
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if err := Write(&twice, back); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("written twice (%v):\n%s\n%s", err, once.Bytes(), twice.Bytes())
		}
	})
}

// What is cut short says so in words.
func TestReadCutSays(t *testing.T) {
	for _, text := range []string{"", `{"schema":"` + Schema, `{"schema":"` + Schema + `","notes":["a"`} {
		_, err := Read(strings.NewReader(text))
		if err == nil || !strings.HasSuffix(err.Error(), "it ends too early") || strings.Contains(err.Error(), "EOF") || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
