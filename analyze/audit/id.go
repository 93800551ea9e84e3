package audit

import (
	"fmt"
	"strconv"
)

// An ID names one thing in an audit: a kind letter and an ordinal, given in a fixed order, so that the same input gives the same ids.
// The zero ID names nothing.
type ID struct {
	Kind Kind
	N    uint32 // 1-based
}

// A Kind is the letter of an ID.
type Kind byte

// The kinds.
const (
	KindRecording   Kind = 'r'
	KindSession     Kind = 's'
	KindDataset     Kind = 'd'
	KindFlow        Kind = 'f'
	KindEndpoint    Kind = 'e'
	KindObservation Kind = 'o'
	KindAnswer      Kind = 'a'
	KindClaim       Kind = 'c'
	KindFinding     Kind = 'n'
	KindAnomaly     Kind = 'x'

	KindHost         Kind = 'h'
	KindOrganisation Kind = 'g'
	KindLaw          Kind = 'l'
	KindPromise      Kind = 'p'
	KindVerdict      Kind = 'v' // of one clause; numbered through all promises
	KindOverride     Kind = 'm' // manual correction
)

const kinds = "rsdfeoacnxhglpvm"

// IsZero reports whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String returns "f7"; the zero ID is "".
func (id ID) String() string { return string(id.AppendTo(nil)) }

// AppendTo appends String's form to b.
func (id ID) AppendTo(b []byte) []byte {
	if id.Kind == 0 {
		return b
	}
	return strconv.AppendUint(append(b, byte(id.Kind)), uint64(id.N), 10)
}

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	if len(s) >= 2 {
		for i := range len(kinds) {
			if kinds[i] != s[0] {
				continue
			}
			n, err := strconv.ParseUint(s[1:], 10, 32)
			if err == nil && n > 0 && strconv.FormatUint(n, 10) == s[1:] {
				return ID{Kind(s[0]), uint32(n)}, nil
			}
		}
	}
	return ID{}, fmt.Errorf("id %q: want a letter of %q and a number, like f7", s, kinds)
}

// Compare orders ids by kind, then number.
func (id ID) Compare(other ID) int {
	if id.Kind != other.Kind {
		return int(id.Kind) - int(other.Kind)
	}
	return int(int64(id.N) - int64(other.N))
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return id.AppendTo(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler; the empty text is the zero ID.
func (id *ID) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	*id, err = ParseID(string(text))
	return err
}
