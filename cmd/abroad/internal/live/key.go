package live

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Key is one key, as its character or as one of the constants.
type Key rune

// Keys without a character.
const (
	KeyInterrupt Key = 3 // Ctrl-C
	KeyErase     Key = 8
	KeyRedraw    Key = 12 // Ctrl-L
	KeyEnter     Key = '\r'
	KeyClear     Key = 21 // Ctrl-U
	KeyQuit      Key = 28 // Ctrl-\
	KeyEscape    Key = 27
	KeyUp        Key = -1
	KeyDown      Key = -2
	KeyPageUp    Key = -3
	KeyPageDown  Key = -4
	KeyHome      Key = -5
	KeyEnd       Key = -6
)

var sequences = []struct {
	text string
	key  Key
}{
	{"\x1b[A", KeyUp}, {"\x1b[B", KeyDown}, {"\x1bOA", KeyUp}, {"\x1bOB", KeyDown}, {"\x1b[5~", KeyPageUp}, {"\x1b[6~", KeyPageDown},
	{"\x1b[H", KeyHome}, {"\x1b[F", KeyEnd}, {"\x1b[1~", KeyHome}, {"\x1b[4~", KeyEnd},
}

// Keys reads what one read of a terminal gave. Whatever is not known is left out.
func Keys(s string) (keys []Key) {
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == 27:
			key, length := escape(s)
			if key != 0 {
				keys = append(keys, key)
			}
			s = s[length:]
			continue
		case r == '\n':
			keys = append(keys, KeyEnter)
		case r == 127:
			keys = append(keys, KeyErase)
		case r == utf8.RuneError && n == 1:
		case r < ' ', unicode.IsPrint(r):
			keys = append(keys, Key(r))
		}
		s = s[n:]
	}
	return keys
}

// escape reads a sequence that begins with ESC: a known one, the end of an unknown one (ECMA-48, 5.4), or the key itself.
func escape(s string) (Key, int) {
	for _, q := range sequences {
		if strings.HasPrefix(s, q.text) {
			return q.key, len(q.text)
		}
	}
	if len(s) > 1 && s[1] == '[' {
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return 0, i + 1
			}
		}
		return 0, len(s)
	}
	return KeyEscape, 1
}
