// Command fuzz runs every fuzz target of the modules it is given, one after the other, and prints how often each ran.
//
// In: folders of modules. Out, on stdout: a line a target and a total. Go's fuzzing takes one target of one package at a time; this finds
// them all. It exits 1 when a target failed, after having run the others; what made it fail is in that package's testdata/fuzz.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func main() {
	each := flag.Duration("time", 3*time.Minute, "how long each target runs")
	only := flag.String("only", "", "run targets that match this regular expression, as PACKAGE.TARGET")
	parallel := flag.Int("parallel", 0, "workers of a target; 0 = one a core")
	flag.Parse()
	ok, err := run(flag.Args(), *each, *only, *parallel)
	if err != nil {
		fmt.Fprintf(os.Stderr, "fuzz: %v\n", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// minimize is how long Go may shorten one input. By default it is a minute, in which nothing else runs: a target whose inputs are long, as
// whole YAML files are, would spend all its time on its first find.
const minimize = "2s"

// A target is one fuzz function.
type target struct{ module, pkg, name string }

func run(modules []string, each time.Duration, only string, parallel int) (ok bool, err error) {
	match, err := regexp.Compile(only)
	if err != nil {
		return false, err
	}
	var targets []target
	for _, module := range modules {
		found, err := find(module)
		if err != nil {
			return false, err
		}
		targets = append(targets, found...)
	}
	var execs, ran int
	start, ok := time.Now(), true
	for _, t := range targets {
		if !match.MatchString(t.pkg + "." + t.name) {
			continue
		}
		args := []string{"test", "-run", "^$", "-fuzz", "^" + t.name + "$", "-fuzztime", each.String(), "-fuzzminimizetime", minimize}
		if parallel > 0 {
			args = append(args, "-parallel", strconv.Itoa(parallel))
		}
		cmd := exec.Command("go", append(args, t.pkg)...)
		cmd.Dir = t.module
		began := time.Now()
		out, err := cmd.CombinedOutput()
		n := lastCount(out)
		execs, ran = execs+n, ran+1
		fmt.Printf("%-8s %12d runs in %4.0f s  %s.%s\n", verdict(err), n, time.Since(began).Seconds(), t.pkg, t.name)
		if err != nil {
			ok = false
			io.Copy(os.Stdout, bytes.NewReader(out))
		}
	}
	fmt.Printf("%d targets, %d runs, %.0f minutes\n", ran, execs, time.Since(start).Minutes())
	return ok, nil
}

func verdict(err error) string {
	if err != nil {
		return "FAILED"
	}
	return "clean"
}

// find lists the fuzz targets of a module, in the order of go list.
func find(module string) (targets []target, err error) {
	cmd := exec.Command("go", "list", "-e", "-f", `{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}`, "./...")
	cmd.Dir, cmd.Stderr = module, os.Stderr
	packages, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages of %s: %w", module, err)
	}
	for pkg := range strings.FieldsSeq(string(packages)) {
		cmd := exec.Command("go", "test", "-list", "^Fuzz", pkg)
		cmd.Dir, cmd.Stderr = module, os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("list fuzz targets of %s: %w", pkg, err)
		}
		for line := range strings.Lines(string(out)) {
			if name := strings.TrimSpace(line); strings.HasPrefix(name, "Fuzz") {
				targets = append(targets, target{module, pkg, name})
			}
		}
	}
	return targets, nil
}

var countPattern = regexp.MustCompile(`execs: (\d+)`)

// lastCount reads how often a target ran from the last progress line of go test.
func lastCount(out []byte) int {
	all := countPattern.FindAllSubmatch(out, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(string(all[len(all)-1][1]))
	return n
}
