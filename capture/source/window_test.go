package source

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// A Window shows the bytes of the file, however they came and in whatever steps it is moved.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := payload(rapid.IntRange(0, 20000).Draw(t, "size"), 1)
		seed := rapid.Uint64().Draw(t, "seed")
		p := newPump(&randomReader{bytes.NewReader(file), rand.New(rand.NewPCG(seed, 0))}, 1)
		go p.run()
		defer p.halt()
		w, at := newWindow(p, 0), 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			n := rapid.IntRange(0, 5000).Draw(t, "n")
			want := file[at:min(at+n, len(file))]
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0, 1:
				got := w.Peek(n)
				if !bytes.Equal(got, want) || cap(got) < len(got) {
					t.Fatalf("Peek(%d) at %d of %d: %d bytes, want %d", n, at, len(file), len(got), len(want))
				}
				k := rapid.IntRange(0, len(got)).Draw(t, "k")
				w.Skip(k)
				at += k
			case 2:
				if got := w.SkipFar(int64(n)); got != int64(len(want)) {
					t.Fatalf("SkipFar(%d) at %d of %d: %d", n, at, len(file), got)
				}
				at += len(want)
			case 3:
				b := make([]byte, n)
				k, err := io.ReadFull(w, b)
				if k != len(want) || !bytes.Equal(b[:k], want) || (err == nil) != (k == n) {
					t.Fatalf("Read(%d) at %d of %d: %d %v", n, at, len(file), k, err)
				}
				at += k
			}
			if w.Offset() != int64(at) {
				t.Fatalf("Offset is %d, want %d", w.Offset(), at)
			}
		}
		if n, ok := w.Rest(); !ok || n != int64(len(file)-at) {
			t.Fatalf("Rest is %d %v, want %d", n, ok, len(file)-at)
		}
	})
}
