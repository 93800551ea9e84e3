package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden files in the scripts")

// TestMain lets this test binary be the abroad command, for scripts and for the examples of the documents.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"abroad": main})
}

// repository is the root of the source tree, seen from this package.
func repository(t testing.TB) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// practice is where the practice recordings are.
func practice(t testing.TB) string { return filepath.Join(repository(t), "capture", "lab", "practice") }

// TestScripts runs testdata/script. In them PRACTICE is the folder of practice recordings, and there are three commands more:
//
//	exits N COMMAND…     run a command and want this exit code
//	damage HOW IN OUT    copy a file: "cut N" keeps its first N bytes, "garbage N" puts N zero bytes behind it, "gzip" compresses it
//	modes PATH…          print the permission bits of files
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PRACTICE", practice(t))
			env.Setenv("ABROAD_DATA", "none")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "damage": damage, "modes": modes},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if want, err := strconv.Atoi(args[0]); err != nil || code != want {
		ts.Fatalf("%s exits %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: damage cut N|garbage N|gzip IN OUT")
	}
	how, in, out := args[0], args[len(args)-2], args[len(args)-1]
	b := []byte(ts.ReadFile(in))
	n := 0
	if len(args) == 4 {
		var err error
		n, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	switch how {
	case "cut":
		b = b[:n]
	case "garbage":
		b = append(b, make([]byte, n)...)
	case "gzip":
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		w.Write(b)
		ts.Check(w.Close())
		b = z.Bytes()
	default:
		ts.Fatalf("damage %q is not known", how)
	}
	ts.Check(os.WriteFile(ts.MkAbs(out), b, 0o644))
}

func modes(ts *testscript.TestScript, neg bool, args []string) {
	for _, path := range args {
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		ts.Stdout().Write([]byte(strconv.FormatUint(uint64(info.Mode().Perm()), 8) + " " + path + "\n"))
	}
}
