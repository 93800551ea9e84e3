package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/capture/session"
)

// A plan may come from a stranger: what is wrong with it is said at once.
func TestPlanOfStranger(t *testing.T) {
	var wide strings.Builder
	for i := range 80_000 {
		fmt.Fprintf(&wide, "k%d: x\n", i)
	}
	for _, test := range []struct{ text, want string }{
		{wide.String(), "line 1: a mapping of 80000 keys"}, // each would be compared with every other
		{"account:\n  settings: {" + strings.ReplaceAll(wide.String(), "\n", ", ") + "}\n", "line 2: a mapping of 80000 keys"},
		{"a: &a [*a]\n", "field a is not known"},
		{strings.Repeat("[", 200_000), "depth"},
		{strings.Repeat("#", maxPlan+1), "more than"},
		{"name: x\n---\nname: y\n", "more than one document"},
	} {
		path := filepath.Join(t.TempDir(), "plan.yaml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readPlan(path); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%.40q: %.300v, want %q", test.text, err, test.want)
		}
	}
}

// FuzzPlan holds that the steps of a plan that is taken can be marked, each by its own action, and that its settings stand in order.
func FuzzPlan(f *testing.F) {
	f.Add([]byte("name: x\nsteps:\n  - action: post\n    text: a video\n"))
	f.Add([]byte("app: {id: org.example.app}\naccount: {settings: {b: '1', a: '2'}}\nrepeats: 3\n"))
	f.Add([]byte("steps: &a [{action: x}, {action: y}]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		plan := &planFile{}
		if len(b) > maxPlan || plan.decode(b) != nil {
			return
		}
		seen := map[string]bool{}
		for _, s := range plan.Steps {
			if session.CheckAction(s.Action) != nil || seen[s.Action] {
				t.Fatalf("action %q", s.Action)
			}
			seen[s.Action] = true
		}
		list := plan.settings()
		for i := 1; i < len(list); i++ {
			if list[i-1].Name >= list[i].Name {
				t.Fatalf("%q before %q", list[i-1].Name, list[i].Name)
			}
		}
	})
}

func TestKeyFileLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 64<<30); err != nil {
		t.Skip(err)
	}
	if _, err := readKeyFile(path); err == nil || !strings.Contains(err.Error(), "it is no key") {
		t.Error(err)
	}
}
