package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"

	"abroad/capture/corpus"
)

// An example is one command line of a document.
type example struct {
	where string
	line  string
	needs string // what a test cannot have ("needs root: …"); empty if the line is run
}

// examples reads lines of shell. A comment that begins with "needs" says why the next command is only parsed.
func examples(where, text string) (list []example) {
	needs := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		comment, isComment := strings.CutPrefix(line, "#")
		switch comment = strings.TrimSpace(comment); {
		case line == "":
			needs = ""
		case isComment:
			if strings.HasPrefix(comment, "needs ") {
				needs = comment
			}
		default:
			list = append(list, example{where, line, needs})
			needs = ""
		}
	}
	return list
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// documents returns the examples of every document: those of one document are run in one folder, in order.
func documents(t *testing.T) (docs [][]example) {
	for _, name := range []string{"README.md", "capture/README.md", "analyze/README.md", "reports/README.md"} {
		b, err := os.ReadFile(filepath.Join(repository(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		var doc []example
		for _, block := range shellBlock.FindAllStringSubmatch(string(b), -1) {
			doc = append(doc, examples(name, block[1])...)
		}
		docs = append(docs, doc)
	}
	err := eachCommand(newRoot(), func(c *cobra.Command) error {
		if c.Example != "" {
			docs = append(docs, examples(c.CommandPath()+" --help", c.Example))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// TestExamples runs every example that needs no phone, root, network or file of the user's, and parses all of them against the command tree.
func TestExamples(t *testing.T) {
	var ran, parsed atomic.Int32
	t.Run("in", func(t *testing.T) {
		for _, doc := range documents(t) {
			if len(doc) == 0 {
				continue
			}
			t.Run(doc[0].where, func(t *testing.T) {
				t.Parallel()
				dir := workplace(t)
				for _, e := range doc {
					parseExample(t, e)
					parsed.Add(1)
					if e.needs == "" {
						runExample(t, dir, e)
						ran.Add(1)
					}
				}
			})
		}
	})
	if ran.Load() < 10 || parsed.Load() <= ran.Load() {
		t.Errorf("%d examples were parsed and %d run: that cannot be all of them", parsed.Load(), ran.Load())
	}
}

// workplace is a folder from which the repository's files have the names that the documents use, and into which examples may write.
func workplace(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the examples are lines of a Unix shell")
	}
	dir := t.TempDir()
	for _, name := range []string{"capture", "analyze"} {
		if err := os.Symlink(filepath.Join(repository(t), name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func runExample(t *testing.T, dir string, e example) {
	t.Helper()
	words := strings.Fields(e.line)
	cmd := exec.Command("sh", "-e", "-c", e.line)
	cmd.Dir = dir
	switch words[0] {
	case "make": // the target exists; running it here would run this test in itself
		cmd = exec.Command("make", append([]string{"-n", "-s"}, words[1:]...)...)
		cmd.Dir = repository(t)
	case "abroad", "cat":
	default:
		corpus.Program(t, words[0])
	}
	cmd.Env = append(os.Environ(), "ABROAD_DATA=none")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %s: %v\n%s", e.where, e.line, err, out)
	}
}

// quoted is a word of the shell that may hold spaces.
var quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)

// parseExample checks every abroad command in a line against the command tree: name, flags and number of arguments.
func parseExample(t *testing.T, e example) {
	t.Helper()
	for _, part := range strings.Split(e.line, "|") {
		words := strings.Fields(quoted.ReplaceAllString(part, "word"))
		if words[0] != "abroad" {
			continue
		}
		cmd, rest, err := newRoot().Find(words[1:])
		if err != nil {
			t.Errorf("%s: %s: %v", e.where, part, err)
			continue
		}
		cmd.InitDefaultHelpFlag()
		if err := cmd.ParseFlags(rest); err != nil {
			t.Errorf("%s: %s: %v", e.where, part, err)
			continue
		}
		if err := cmd.ValidateArgs(cmd.Flags().Args()); err != nil {
			t.Errorf("%s: %s: %v", e.where, part, err)
		}
	}
}

// The names and commands that the documents mention in passing must exist.
func TestMentioned(t *testing.T) {
	command := regexp.MustCompile("`abroad ([a-z-]+)( [a-z-]+)?")
	target := regexp.MustCompile("`make ([a-z]+)")
	path := regexp.MustCompile("`((?:cmd|capture|analyze|reports|tools|\\.ci)/[A-Za-z0-9_./-]*)`|\\]\\(([A-Za-z][A-Za-z0-9_./-]*)\\)")
	makefile, err := os.ReadFile(filepath.Join(repository(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "capture/README.md", "analyze/README.md", "reports/README.md"} {
		b, err := os.ReadFile(filepath.Join(repository(t), filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			cmd, _, err := newRoot().Find([]string{m[1]})
			if err != nil || cmd.Name() != m[1] {
				t.Errorf("%s mentions abroad %s", name, m[1])
			}
			if word := strings.TrimSpace(m[2]); m[1] == "help" && word != "" && topicNamed(word) == nil {
				t.Errorf("%s mentions help about %s", name, word)
			}
		}
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s mentions make %s", name, m[1])
			}
		}
		for _, m := range path.FindAllStringSubmatch(text, -1) {
			file := m[1]
			from := repository(t)
			if m[2] != "" {
				file, from = m[2], filepath.Dir(filepath.Join(from, filepath.FromSlash(name)))
			}
			if strings.Contains(file, "NAME") {
				file = filepath.Dir(file)
			}
			if _, err := os.Stat(filepath.Join(from, filepath.FromSlash(file))); err != nil {
				t.Errorf("%s mentions %s: %v", name, file, err)
			}
		}
	}
}

// Every command has a doc line, an example where it takes arguments, and no flag without a description.
func TestCommands(t *testing.T) {
	err := eachCommand(newRoot(), func(c *cobra.Command) error {
		if c.Name() == "completion" || c.HasParent() && c.Parent().Name() == "completion" {
			return nil // cobra's own
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q: want a phrase without a full stop", c.CommandPath(), c.Short)
		}
		if c.HasParent() && c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Long + "\n" + c.Flags().FlagUsages()) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > 100 {
				t.Errorf("%s: a line of help has %d columns: %s", c.CommandPath(), n, line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
