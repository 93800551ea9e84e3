package capture

import (
	"fmt"
	"strconv"
	"strings"
)

// A Ref names the bytes that prove something: a recording, a record in it, and a stretch of that record's packet bytes.
//
// Within one audit a recording is named by its ordinal ("r1"); the audit's list of recordings gives its SHA-256. The zero Ref names nothing.
type Ref struct {
	Recording uint32 // 1-based ordinal of the recording in the audit
	Record    uint32 // number of the packet as Wireshark counts (frame.number): 1-based; 0 = the recording as a whole
	Off, Len  uint32 // bytes of the captured frame; Len 0 = the whole record
}

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r == Ref{} }

// String formats r for people and JSON: "r1#1042[66:77]" (from byte 66 up to byte 77), "r1#1042" or "r1"; a Ref without recording is "".
func (r Ref) String() string { return string(r.AppendTo(nil)) }

// AppendTo appends String's form to b.
func (r Ref) AppendTo(b []byte) []byte {
	if r.Recording == 0 {
		return b
	}
	b = append(b, 'r')
	b = strconv.AppendUint(b, uint64(r.Recording), 10)
	if r.Record == 0 {
		return b
	}
	b = append(b, '#')
	b = strconv.AppendUint(b, uint64(r.Record), 10)
	if r.Len == 0 {
		return b
	}
	b = append(b, '[')
	b = strconv.AppendUint(b, uint64(r.Off), 10)
	b = append(b, ':')
	b = strconv.AppendUint(b, uint64(r.Off)+uint64(r.Len), 10)
	return append(b, ']')
}

// ParseRef reads what String wrote.
func ParseRef(s string) (Ref, error) {
	bad := fmt.Errorf("ref %q: want r1, r1#1042 or r1#1042[66:77]", s)
	rest, ok := strings.CutPrefix(s, "r")
	if !ok {
		return Ref{}, bad
	}
	rec, rest, hasRecord := strings.Cut(rest, "#")
	number, span, hasSpan := strings.Cut(rest, "[")
	var r Ref
	if r.Recording, ok = refNumber(rec); !ok || r.Recording == 0 {
		return Ref{}, bad
	}
	if !hasRecord {
		return r, nil
	}
	if r.Record, ok = refNumber(number); !ok || r.Record == 0 {
		return Ref{}, bad
	}
	if !hasSpan {
		return r, nil
	}
	from, to, _ := strings.Cut(strings.TrimSuffix(span, "]"), ":")
	first, ok1 := refNumber(from)
	last, ok2 := refNumber(to)
	if !ok1 || !ok2 || last <= first || !strings.HasSuffix(span, "]") {
		return Ref{}, bad
	}
	r.Off, r.Len = first, last-first
	return r, nil
}

func refNumber(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && strconv.FormatUint(n, 10) == s
}

// MarshalText implements encoding.TextMarshaler.
func (r Ref) MarshalText() ([]byte, error) { return r.AppendTo(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler; the empty text is the zero Ref.
func (r *Ref) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*r = Ref{}
		return nil
	}
	*r, err = ParseRef(string(text))
	return err
}
