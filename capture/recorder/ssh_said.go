package recorder

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// tcpdumpCounters are what tcpdump prints when it ends.
type tcpdumpCounters struct {
	captured, received, kernel, device uint64
	hasInterface                       bool
}

var counterLine = regexp.MustCompile(`(?m)^(\d{1,19}) packets? (captured|received by filter|dropped by kernel|dropped by interface)\r?$`)

// readCounters finds them at the end of what was said on stderr. All of the first three must be there.
func readCounters(text string) (c tcpdumpCounters, ok bool) {
	var seen int
	for _, m := range counterLine.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			return c, false
		}
		switch m[2] {
		case "captured":
			c.captured, seen = n, seen|1
		case "received by filter":
			c.received, seen = n, seen|2
		case "dropped by kernel":
			c.kernel, seen = n, seen|4
		default:
			c.device, c.hasInterface = n, true
		}
	}
	return c, seen == 7
}

// A tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if over := len(t.b) - keptErrors; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.b)
}

// last is the line that says most: the last one in which tcpdump complains, or the last that is no counter.
func (t *tail) last() (line string) {
	for text := range strings.Lines(t.String()) {
		text = strings.TrimSpace(text)
		switch {
		case text == "" || counterLine.MatchString(text):
		case strings.HasPrefix(text, "tcpdump: ") && !strings.Contains(text, "listening on"):
			return text
		default:
			line = text
		}
	}
	return line
}
