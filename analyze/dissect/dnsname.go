package dissect

import (
	"strings"
)

// wireName turns a name from the presentation form of miekg/dns ("Caf\195\169.example.", RFC 4343 section 2.1) back into the bytes of the
// wire: lower-cased in ASCII, labels joined by dots, no final dot; the root is ".". Every byte stands for itself, also control characters
// and bytes that are not UTF-8, except that a dot or a backslash inside a label keeps its backslash: "a\.b.example" has two labels. So no
// two names look alike.
func wireName(s string) string {
	plain := len(s) > 0
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] != '\\' && (s[i] < 'A' || s[i] > 'Z')
	}
	if plain {
		if len(s) > 1 && s[len(s)-1] == '.' {
			return s[:len(s)-1]
		}
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			c = (s[i+1]-'0')*100 + (s[i+2]-'0')*10 + s[i+3] - '0'
			i += 3
			if c == '.' || c == '\\' {
				b.WriteByte('\\')
			}
		case c == '\\' && i+1 < len(s):
			i++
			c = s[i]
			if c == '.' || c == '\\' {
				b.WriteByte('\\')
			}
		case c == '.' && i == len(s)-1 && i > 0:
			return b.String()
		}
		b.WriteByte(lower(c))
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// lower maps A-Z only: host names are compared without case in ASCII, and every other byte is kept as it came.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerName lower-cases A-Z and drops one final dot; "." stays.
func lowerName(s string) string {
	if len(s) > 1 {
		s = strings.TrimSuffix(s, ".")
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}
