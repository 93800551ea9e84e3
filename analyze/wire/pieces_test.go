package wire

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestPieces(t *testing.T) {
	var p Pieces
	add := func(off uint64, data string, at int) {
		t.Helper()
		if err := p.Add(off, []byte(data), at); err != nil {
			t.Fatal(err)
		}
	}
	add(6, "GHI", 106)
	if len(p.Bytes()) != 0 || !p.Missing() {
		t.Fatalf("%q", p.Bytes())
	}
	add(0, "ABC", 200)
	add(2, "CDEFG", 302) // overlaps both neighbours
	if string(p.Bytes()) != "ABCDEFGHI" || p.Missing() || p.Conflict {
		t.Fatalf("%q, missing %v, conflict %v", p.Bytes(), p.Missing(), p.Conflict)
	}
	got := p.Where(nil, Span{1, 7})
	want := []Span{{201, 2}, {303, 3}, {106, 2}}
	if len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("stands at %v", got)
	}
	add(4, "x", 400)
	if string(p.Bytes()) != "ABCDEFGHI" || !p.Conflict {
		t.Errorf("%q, conflict %v", p.Bytes(), p.Conflict)
	}
	p.Reset()
	add(1, "z", 1)
	if len(p.Bytes()) != 0 || p.Conflict {
		t.Errorf("after Reset: %q", p.Bytes())
	}
}

func TestPiecesLimits(t *testing.T) {
	var p Pieces
	if err := p.Add(MaxPieces-1, []byte("ab"), 0); !errors.Is(err, ErrLimit) {
		t.Errorf("across the end: %v", err)
	}
	if err := p.Add(1<<62-1, []byte("ab"), 0); !errors.Is(err, ErrLimit) {
		t.Errorf("far away: %v", err)
	}
	var err error
	for i := 0; err == nil && i < MaxPieces; i += 2 {
		err = p.Add(uint64(i), []byte("a"), 0)
	}
	if !errors.Is(err, ErrLimit) || len(p.runs) > maxRuns {
		t.Errorf("%d pieces: %v", len(p.runs), err)
	}
	if err := p.Add(0, make([]byte, MaxPieces), 0); !errors.Is(err, ErrLimit) {
		t.Errorf("full: %v", err)
	}
}

// TestPiecesAnyOrder cuts a stream at will, adds the pieces in any order and some twice, and compares with the stream.
func TestPiecesAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "stream")
		var p Pieces
		have := make([]bool, len(stream))
		for range rapid.IntRange(1, 30).Draw(t, "pieces") {
			from := rapid.IntRange(0, len(stream)-1).Draw(t, "from")
			to := rapid.IntRange(from, len(stream)).Draw(t, "to")
			if err := p.Add(uint64(from), stream[from:to], 1000+from); err != nil {
				t.Fatal(err)
			}
			for i := from; i < to; i++ {
				have[i] = true
			}
		}
		n, more := 0, false
		for n < len(have) && have[n] {
			n++
		}
		for i := n; i < len(have); i++ {
			more = more || have[i]
		}
		if !bytes.Equal(p.Bytes(), stream[:n]) || p.Missing() != more || p.Conflict {
			t.Fatalf("%x of %x, missing %v, conflict %v", p.Bytes(), stream[:n], p.Missing(), p.Conflict)
		}
		sum := 0
		for _, s := range p.Where(nil, Span{0, n}) {
			if s.Off != 1000+sum {
				t.Fatalf("byte %d stands at %v", sum, s)
			}
			sum += s.Len
		}
		if sum != n {
			t.Fatalf("%d of %d bytes stand somewhere", sum, n)
		}
	})
}
