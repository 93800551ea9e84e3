package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"abroad/cmd/abroad/internal/live"
)

// A screen is a terminal that shows one page and takes keys. It gives the terminal back as it was, once, whoever asks for it.
type screen struct {
	in, out *os.File
	own     bool // in was opened here
	style   live.Style
	before  *term.State
	keys    chan live.Key
	once    sync.Once
	last    string
}

// What a terminal is told (ECMA-48, and xterm's private modes): the alternate page, no cursor, lines that do not wrap; and back.
const (
	screenBegin = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"
	screenEnd   = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// openScreen takes the terminal that out is, with the keys of in, or those of the process's terminal where in is a pipe. It is nil where there is
// no terminal that can show a page, or somebody else works on it.
func openScreen(in, out any) *screen {
	s := &screen{}
	var ok bool
	if s.out, ok = out.(*os.File); !ok || !term.IsTerminal(int(s.out.Fd())) {
		return nil
	}
	if t := os.Getenv("TERM"); t == "" || t == "dumb" || !inForeground() {
		return nil
	}
	if s.in, ok = in.(*os.File); !ok || !term.IsTerminal(int(s.in.Fd())) {
		tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
		if err != nil || !term.IsTerminal(int(tty.Fd())) {
			return nil // nobody could stop it from there: a line now and then is better
		}
		s.in, s.own = tty, true
	}
	var err error
	if s.before, err = term.MakeRaw(int(s.in.Fd())); err != nil {
		return nil
	}
	s.style = live.Style{Color: os.Getenv("NO_COLOR") == "", Unicode: speaksUTF8()}
	s.out.WriteString(screenBegin)
	s.keys = make(chan live.Key, 64)
	go s.read()
	return s
}

// speaksUTF8 reports whether the locale says that the terminal does (setlocale(3)).
func speaksUTF8() bool {
	for _, name := range [...]string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToUpper(v)
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return false
}

// read hands keys on until the terminal gives no more.
func (s *screen) read() {
	b := make([]byte, 256)
	for {
		n, err := s.in.Read(b)
		for _, k := range live.Keys(string(b[:n])) {
			select {
			case s.keys <- k:
			case <-time.After(time.Second): // nobody takes them any more
			}
		}
		if err != nil {
			return
		}
	}
}

// size is what the terminal has now.
func (s *screen) size() (columns, rows int) {
	columns, rows, err := term.GetSize(int(s.out.Fd()))
	if err != nil || columns < 1 || rows < 1 {
		return 80, 24
	}
	return columns, rows
}

// show draws what has changed: a frame that is the same is not drawn again, unless anew is wanted.
func (s *screen) show(lines []string, anew bool) {
	var b bytes.Buffer
	for i, l := range lines {
		fmt.Fprintf(&b, "\x1b[%d;1H\x1b[2K%s", i+1, l) // erased before: behind a full line the cursor stands on its last character
	}
	if anew {
		s.out.WriteString("\x1b[2J")
	} else if b.String() == s.last {
		return
	}
	s.last = b.String()
	s.out.Write(b.Bytes())
}

// close gives the terminal back.
func (s *screen) close() {
	s.once.Do(func() {
		s.out.WriteString(screenEnd)
		term.Restore(int(s.in.Fd()), s.before)
		if s.own {
			s.in.Close()
		}
	})
}
