package promise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"abroad/analyze/owner"
)

var (
	slug   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)
	action = regexp.MustCompile(`^[a-z0-9][a-z0-9_]*$`)
	hexSum = regexp.MustCompile(`^[0-9a-f]{64}$`)
	host   = regexp.MustCompile(`^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
)

// A checker gathers faults at paths of a file.
type checker struct {
	name   string
	lines  map[string]int
	faults Faults
}

// line is that of the node at path, or of the nearest one above.
func (c *checker) line(path string) int {
	for path != "" {
		if n, ok := c.lines[path]; ok {
			return n
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return c.lines[""]
}

func (c *checker) fault(path, hint, format string, args ...any) {
	c.faults = append(c.faults, &Fault{File: c.name, Line: c.line(path), Says: fmt.Sprintf(format, args...), Hint: hint})
}

func (c *checker) warn(path, hint, format string, args ...any) {
	c.fault(path, hint, format, args...)
	c.faults[len(c.faults)-1].Warning = true
}

// word checks that a value is one of the words; an absent one is accepted where it is optional.
func (c *checker) word(path, got string, words []string, optional bool) {
	if got == "" && optional || slices.Contains(words, got) {
		return
	}
	if got == "" {
		c.fault(path, "one of "+strings.Join(words, ", "), "%s is missing", last(path))
		return
	}
	c.fault(path, "one of "+strings.Join(words, ", "), "%s: unknown word %q", last(path), got)
}

func (c *checker) text(path, got string) {
	if strings.TrimSpace(got) == "" {
		c.fault(path, "", "%s is missing", last(path))
	}
}

func (c *checker) pattern(path, got string, re *regexp.Regexp, want string) {
	if !re.MatchString(got) {
		if got == "" {
			c.fault(path, "", "%s is missing", last(path))
			return
		}
		c.fault(path, "want "+want, "%s: cannot be %q", last(path), got)
	}
}

func (c *checker) id(path, got string, seen map[string]bool) {
	c.pattern(path+".id", got, slug, "small letters, digits and hyphens")
	if got != "" && seen[got] {
		c.fault(path+".id", "", "the id %q is given twice", got)
	}
	seen[got] = true
}

// day checks a date, which must be one that the calendar has.
func (c *checker) day(path, got string, optional bool) {
	if got == "" {
		if !optional {
			c.fault(path, "a day like 2026-11-23", "%s is missing", last(path))
		}
		return
	}
	if _, err := time.Parse(time.DateOnly, got); err != nil {
		c.fault(path, "a day like 2026-11-23", "%s: %q is no date", last(path), got)
	}
}

func (c *checker) span(path, from, to string) {
	c.day(path+".from", from, true)
	c.day(path+".to", to, true)
	if from != "" && to != "" && to < from {
		c.fault(path+".to", "", "ends on %s, before it begins on %s", to, from)
	}
}

func (c *checker) place(path, got string) {
	switch {
	case isPlace(got):
	case isCountry(strings.ToUpper(got)):
		c.fault(path, "", "unknown country %q: write %q", got, strings.ToUpper(got))
	case got == "UK":
		c.fault(path, "", "unknown country %q: the code of the United Kingdom is GB", got)
	default:
		c.fault(path, "ISO 3166-1 codes of two capitals, or EU, EEA, EFTA", "unknown country %q", got)
	}
}

func (c *checker) host(path, got string) {
	if !host.MatchString(got) || !strings.Contains(got, ".") || len(got) > 253 {
		c.fault(path, `a name like "api.example.com", or "*.example.com" for every name under it`, "%q is no host pattern", got)
	}
}

// domain checks a domain of the maker. A pattern would match no host, and a public suffix those of strangers.
func (c *checker) domain(path, got string) {
	hint := `"example.com" stands for itself and every name under it`
	if !host.MatchString(got) || strings.HasPrefix(got, "*.") {
		c.fault(path, hint, "%q is no domain", got)
	} else if err := owner.CheckDomain(got); err != nil {
		c.fault(path, hint, "%v", err)
	}
}

// operators checks the keys of network operators.
func (c *checker) operators(path string, keys []string) {
	for i, key := range keys {
		if !knownOperator(key) {
			c.fault(fmt.Sprintf("%s[%d]", path, i), operatorHint(), "unknown operator %q", key)
		}
	}
}

func last(path string) string {
	return path[strings.LastIndexByte(path, '.')+1:]
}
