package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"abroad/capture/recorder"
)

// Every command in the ways to a first recording exists, with its flags and arguments.
func TestSteps(t *testing.T) {
	quoted := regexp.MustCompile(`"[^"]*"|'[^']*'`)
	found := 0
	for _, name := range [...]string{"gateway", "android", "ios"} {
		topic := topicNamed(name)
		if topic == nil {
			t.Fatalf("no help about %s", name)
		}
		for _, row := range topic.Rows() {
			command, ok := strings.CutPrefix(row[1], "$ ")
			if !ok {
				continue
			}
			for part := range strings.SplitSeq(strings.ReplaceAll(quoted.ReplaceAllString(command, "WORD"), "&&", "|"), "|") {
				part = strings.TrimPrefix(strings.TrimSpace(part), "sudo ")
				if strings.HasPrefix(part, "abroad ") {
					parseExample(t, example{"abroad help " + name, part, ""})
					found++
				}
			}
		}
	}
	if found < 9 {
		t.Errorf("%d commands", found)
	}
}

// What a source has met is said of every source, and of no other.
func TestTried(t *testing.T) {
	for _, p := range recorder.All {
		if tried[p.Name] == "" {
			t.Errorf("nothing is said about what %s has met", p.Name)
		}
	}
	readme, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, what := range tried {
		if !strings.Contains(string(readme), what+" |") {
			t.Errorf("README.md does not say that %s has met %s", name, what)
		}
		if recorder.Find(name) == nil {
			t.Errorf("%s is no source", name)
		}
	}
}
