package audit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func comparisonSample(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "compare", "testdata", "practice.compare.json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readSample(t testing.TB) *Comparison {
	t.Helper()
	c, err := ReadComparison(bytes.NewReader(comparisonSample(t)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every kind of fault is found, named by the place it stands at.
func TestCheckComparison(t *testing.T) {
	for want, spoil := range map[string]func(*Comparison){
		"a comparison has two arms":            func(c *Comparison) { c.Arms = c.Arms[:1] },
		"audit 2: key":                         func(c *Comparison) { c.Audits[1].Key = "A1" },
		"session 7 stands where 3":             func(c *Comparison) { c.Sessions[2].N = 7 },
		`audit "Z9" is not listed`:             func(c *Comparison) { c.Sessions[0].Audit = "Z9" },
		`there is no arm "D"`:                  func(c *Comparison) { c.Sessions[0].Arm = "D" },
		"arm A has 10 sessions, 9":             func(c *Comparison) { c.Sessions[0].LeftOut = "failed" },
		"does not say what is missing":         func(c *Comparison) { c.Tests[0].Outcome = SplitUnresolved },
		"p is 2":                               func(c *Comparison) { c.Tests[0].P = 2 },
		"i9 stands where i2":                   func(c *Comparison) { c.Items[1].ID = "i9" },
		"sessions, and":                        func(c *Comparison) { c.Items[0].A.Seen++ },
		"is not listed, or not in order":       func(c *Comparison) { c.Items[0].A.Sessions[0] = 99 },
		"does not count for arm A":             func(c *Comparison) { c.Items[0].A.Sessions[len(c.Items[0].A.Sessions)-1] = 20 },
		`stands on audit "X", which`:           func(c *Comparison) { c.Items[0].A.Evidence[0].Audit = "X" },
		`names nothing in audit "A1"`:          func(c *Comparison) { c.Items[0].A.Evidence[0].IDs = nil },
		"k5 stands where k1":                   func(c *Comparison) { c.Changes[0].ID = "k5" },
		`item "i999" is not listed`:            func(c *Comparison) { c.Changes[0].Item = "i999" },
		"k1: stands on nothing":                func(c *Comparison) { c.Changes[0].Because = nil },
		"moved, and does not say where":        func(c *Comparison) { c.Changes[0].Class = ChangeMoved },
		"k1: unresolved, and does not say":     func(c *Comparison) { c.Changes[0].Class = ChangeUnresolved },
		`verdict  of audit "A1" is not listed`: func(c *Comparison) { c.Clauses = []ComparedClause{{A: []ClauseInArm{{Audit: "A1"}}}} },
	} {
		c := readSample(t)
		spoil(c)
		if err := CheckComparison(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err := WriteComparison(&bytes.Buffer{}, c); err == nil {
			t.Errorf("%q: it is written", want)
		}
	}
}

func TestReadComparisonRefuses(t *testing.T) {
	whole := comparisonSample(t)
	for i := 0; i < len(whole)-2; i += 97 {
		if _, err := ReadComparison(bytes.NewReader(whole[:i])); !errors.Is(err, ErrCompareSchema) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, other := range []string{`{"schema":"abroad/audit/1.1.0"}`, `{"schema":"abroad/compare/2.0.0"}`, `[]`, `{}`} {
		if _, err := ReadComparison(strings.NewReader(other)); err == nil {
			t.Errorf("%s is read", other)
		}
	}
}

// What is read can be written, and reads the same.
func FuzzReadComparison(f *testing.F) {
	c := readSample(f)
	c.Items, c.Changes, c.Clauses, c.Limits = c.Items[:1], nil, nil, nil
	var b bytes.Buffer
	if err := WriteComparison(&b, c); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"abroad/compare/1.0.0","arms":[{"key":"A"},{"key":"B"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ReadComparison(bytes.NewReader(b))
		if err != nil {
			return
		}
		var one, two bytes.Buffer
		if err := WriteComparison(&one, c); err != nil {
			t.Fatal(err)
		}
		again, err := ReadComparison(bytes.NewReader(one.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := WriteComparison(&two, again); err != nil || !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Fatalf("%v: written and read again it is another document", err)
		}
	})
}
