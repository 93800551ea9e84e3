package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"abroad/analyze"
	"abroad/capture/session"
	"abroad/capture/source"
)

// stdinName is how an audit shows what came on stdin.
const stdinName = "stdin"

// inputs are the recordings named on the command line.
type inputs struct {
	list  []analyze.Input
	paths []string // of those that are files
	total int64    // bytes to be read; 0 if a pipe is among them
	stdin bool

	folders []*analyze.Folder // session folders among them
}

// openInputs looks at every recording before any work starts: a typo in the tenth must not cost the time of nine.
func openInputs(args, baselines []string, stdin io.Reader) (*inputs, error) {
	in := &inputs{}
	for _, dir := range baselines {
		if !session.IsSession(dir) {
			return nil, usagef("abroad record makes sessions", "--baseline: %q is no session", dir)
		}
	}
	pipes := false
	seen := map[string]os.FileInfo{}
	for _, arg := range args {
		if arg == "-" {
			if in.stdin {
				return nil, usagef("", "stdin is named twice")
			}
			in.stdin = true
			in.list = append(in.list, analyze.Input{Name: stdinName, Open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }})
			continue
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, openError(arg, err)
		}
		switch {
		case info.IsDir() && session.IsSession(arg):
			if err := in.openSession(arg, false); err != nil {
				return nil, err
			}
			continue
		case info.IsDir():
			return nil, &hintedError{openError(arg, errors.New("it is a folder, and no session")), "name the recordings or the sessions in it"}
		case info.Mode().IsRegular():
			if err := sniff(arg); err != nil {
				return nil, err
			}
			in.total += info.Size()
		default:
			pipes = true
		}
		for other, was := range seen {
			if os.SameFile(info, was) {
				return nil, openError(arg, fmt.Errorf("it is the same file as %q: its traffic would count twice", other))
			}
		}
		seen[arg] = info
		in.paths = append(in.paths, arg)
		in.list = append(in.list, analyze.Input{Name: filepath.Base(arg), Open: func() (io.ReadCloser, error) { return openSteady(arg) }})
	}
	for _, dir := range baselines {
		if err := in.openSession(dir, true); err != nil {
			return nil, err
		}
	}
	if in.stdin || pipes {
		in.total = 0
	}
	return in, nil
}

// sniff returns an error if no source knows the file.
func sniff(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return openError(path, err)
	}
	defer f.Close()
	rec, err := source.Open(path, f)
	if err != nil {
		return err
	}
	return rec.Close()
}

// openError is "open recording: x.txt: no source knows this format".
func openError(name string, err error) error {
	return fmt.Errorf("open recording: %s: %w", name, withoutPath(err))
}

// folder is where the audit goes unless -o says otherwise: NAME.audit in the current directory, of the first recording if there are several.
func (in *inputs) folder() string {
	name := in.list[0].Name
	if of := in.list[0].Of; of != nil {
		name = of.Name
	}
	// The segments of a session are one, and baselines are not what the audit is about.
	more := -1
	for i := range in.list {
		if of := in.list[i].Of; of == nil || !of.Baseline && (i == 0 || in.list[i-1].Of != of) {
			more++
		}
	}
	if more > 0 {
		name += "+" + strconv.Itoa(more)
	}
	return name + ".audit"
}

// withoutPath drops the path from a file's error: it stands in the message already, as the user wrote it.
func withoutPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
