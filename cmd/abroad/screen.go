package main

import (
	"io"
	"os"

	"golang.org/x/term"

	"abroad/reports"
)

// isTerminal reports whether w is one, and its file descriptor.
func isTerminal(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}

// screenOf says what w can show: colours only on a terminal, and not against https://no-color.org.
func screenOf(w io.Writer) reports.Screen {
	fd, ok := isTerminal(w)
	if !ok {
		return reports.Screen{}
	}
	columns, _, err := term.GetSize(fd)
	if err != nil {
		columns = 0
	}
	return reports.Screen{Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", Columns: columns}
}
