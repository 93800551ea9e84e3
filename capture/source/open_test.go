package source

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"abroad/capture"
)

// bigPcap is a file of several chunks.
const bigFrames = 1000

func bigPcap() []byte {
	frames := make([][]byte, bigFrames)
	for i := range frames {
		frames[i] = payload(i*37%1500, i)
	}
	return plainPcap(frames...)
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zstded(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

var compressions = map[string]func(testing.TB, []byte) []byte{
	"":     func(_ testing.TB, b []byte) []byte { return b },
	"gzip": gzipped,
	"zstd": zstded,
}

func TestCompressed(t *testing.T) {
	for format, plain := range samples() {
		want, _ := dumpBytes(t, plain)
		for name, compress := range compressions {
			stored := compress(t, plain)
			got, m := dump(t, "/captures/"+format, bytes.NewReader(stored))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s in %q: %s", format, name, diff)
			}
			if m.SHA256 != sha256.Sum256(stored) || m.Size != int64(len(stored)) || m.Format != format || m.Compression != name || m.Name != format {
				t.Errorf("%s in %q: manifest %+v", format, name, m)
			}
		}
	}
}

// Members and frames that follow each other are one file, and zstd's skippable frames are nothing.
func TestConcatenated(t *testing.T) {
	plain := bigPcap()
	want, _ := dumpBytes(t, plain)
	skippable := []byte{0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3}
	for name, stored := range map[string][]byte{
		"gzip": slices.Concat(gzipped(t, plain[:10]), gzipped(t, plain[10:70000]), gzipped(t, plain[70000:])),
		"zstd": slices.Concat(skippable, zstded(t, plain[:70000]), skippable, zstded(t, plain[70000:])),
	} {
		got, m := dumpBytes(t, stored)
		if diff := cmp.Diff(want, got); diff != "" || m.Compression != name {
			t.Errorf("%s (%s): %s", name, m.Compression, diff)
		}
	}
}

// The pieces in which a medium delivers a file do not matter.
func TestPieces(t *testing.T) {
	plain := bigPcap()
	for name, compress := range compressions {
		stored := compress(t, plain)
		want, _ := dumpBytes(t, stored)
		for piece, r := range map[string]io.Reader{
			"half":     iotest.HalfReader(bytes.NewReader(stored)),
			"one byte": iotest.OneByteReader(bytes.NewReader(stored)),
			"data+EOF": iotest.DataErrReader(bytes.NewReader(stored)),
			"random":   &randomReader{bytes.NewReader(stored), rand.New(rand.NewPCG(1, 2))},
		} {
			got, m := dump(t, "-", r)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q in pieces of %s: %s", name, piece, diff)
			}
			if m.SHA256 != sha256.Sum256(stored) || m.Name != "stdin" {
				t.Errorf("%q in pieces of %s: manifest %+v", name, piece, m)
			}
		}
	}
}

type randomReader struct {
	r   io.Reader
	rng *rand.Rand
}

func (r *randomReader) Read(b []byte) (int, error) {
	return r.r.Read(b[:min(len(b), r.rng.IntN(3000))])
}

var errMedium = errors.New("the disk is on fire")

func TestOpenErrors(t *testing.T) {
	unknown := []byte("once upon a time there was a file")
	for name, c := range map[string]struct {
		r    io.Reader
		want error
		text string
	}{
		"unknown":       {bytes.NewReader(unknown), ErrUnknown, "open recording: unknown: no source knows this format"},
		"a\x1b[31m.txt": {bytes.NewReader(unknown), ErrUnknown, `open recording: "a\x1b[31m.txt": no source knows this format`},
		"short":         {strings.NewReader("\xd4\xc3\xb2"), ErrUnknown, ""},
		"medium":        {iotest.ErrReader(errMedium), errMedium, "open recording: medium: the disk is on fire"},
		"idle":          {idleReader{}, io.ErrNoProgress, ""},
		"unknown.gz":    {bytes.NewReader(gzipped(t, unknown)), ErrUnknown, ""},
		"twice.gz":      {bytes.NewReader(gzipped(t, gzipped(t, plainPcap()))), ErrUnknown, ""},
		"cut.gz":        {bytes.NewReader(gzipped(t, plainPcap())[:9]), ErrUnknown, "open recording: cut.gz: no source knows this format (gzip: unexpected EOF)"},
		"not.gz":        {strings.NewReader("\x1f\x8bnever"), ErrUnknown, ""},
		"not.zst":       {strings.NewReader("\x28\xb5\x2f\xfdnever"), ErrUnknown, ""},
		"medium.gz":     {io.MultiReader(bytes.NewReader(gzipped(t, bigPcap())[:12]), iotest.ErrReader(errMedium)), errMedium, ""},
		"medium.zst":    {io.MultiReader(bytes.NewReader(zstded(t, bigPcap())[:12]), iotest.ErrReader(errMedium)), errMedium, ""},
		"far.zst":       {strings.NewReader("\x28\xb5\x2f\xfd\x00\xff\x01\x00\x00"), ErrUnknown, "open recording: far.zst: no source knows this format (zstd: window size exceeded)"},
	} {
		rec, err := Open(name, c.r)
		if rec != nil || !errors.Is(err, c.want) || c.text != "" && err.Error() != c.text {
			t.Errorf("%s: got %v, want %v %s", name, err, c.want, c.text)
		}
	}
	waitForGoroutines(t)
}

// TestOpenEmpty: a file without a byte is damaged, not foreign.
func TestOpenEmpty(t *testing.T) {
	for name, r := range map[string]io.Reader{"empty": strings.NewReader(""), "empty.gz": bytes.NewReader(gzipped(t, nil))} {
		rec, err := Open(name, r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		n := 0
		for record, err := range rec.Records() {
			a, ok := record.(*capture.Anomaly)
			if err != nil || !ok || a.Code != capture.CutShort {
				t.Errorf("%s: %+v, %v", name, record, err)
			}
			n++
		}
		if m := rec.Manifest(); n != 1 || m.Records != 0 || m.Format != "empty" || m.SHA256.IsZero() {
			t.Errorf("%s: %d records, %+v", name, n, m)
		}
	}
	waitForGoroutines(t)
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// A medium that fails gives the records before the failure, then its error, and no hash.
func TestMediumFails(t *testing.T) {
	plain := bigPcap()
	for name, compress := range compressions {
		stored := compress(t, plain)
		rec, err := Open("broken", io.MultiReader(bytes.NewReader(stored[:len(stored)/2]), iotest.ErrReader(errMedium)))
		if err != nil {
			t.Fatal(err)
		}
		packets, last := 0, error(nil)
		for r, err := range rec.Records() {
			if last != nil {
				t.Errorf("%q: a record behind the error", name)
			}
			if last = err; err != nil {
				continue
			}
			if _, ok := r.(*capture.Packet); !ok {
				t.Errorf("%q: %s", name, line(r))
			}
			packets++
		}
		if !errors.Is(last, errMedium) || last.Error() != "read broken: the disk is on fire" {
			t.Errorf("%q: got error %v", name, last)
		}
		if packets == 0 || packets == bigFrames || !rec.Manifest().SHA256.IsZero() {
			t.Errorf("%q: %d packets, %s", name, packets, rec.Manifest().SHA256)
		}
	}
	waitForGoroutines(t)
}

// A compressed stream that is cut or damaged gives what it held before, and the whole file is hashed.
func TestDamagedCompression(t *testing.T) {
	plain := bigPcap()
	want, _ := dumpBytes(t, plain)
	for name, compress := range compressions {
		if name == "" {
			continue
		}
		stored := compress(t, plain)
		damaged := slices.Clone(stored)
		for i := range 64 {
			damaged[len(damaged)*2/3+i] ^= 0x55
		}
		for what, b := range map[string][]byte{
			"cut":     stored[:len(stored)*2/3],
			"damaged": damaged,
			"tail":    append(slices.Clone(stored), "this is no member"...),
			"no sum":  stored[:len(stored)-2],
		} {
			got, m := dumpBytes(t, b)
			n := len(got) - 1
			if what == "damaged" {
				n = len(want) / 2 // deflate may give garbage before it notices
			} else if !slices.Equal(codes(got), []string{"decompress"}) {
				t.Errorf("%s %s: %q", what, name, codes(got))
			}
			if n < len(want)/2 || n > len(want) || !slices.Equal(got[:n], want[:n]) {
				t.Errorf("%s %s: %d records of %d, or others", what, name, n, len(want))
			}
			if codes(got) == nil || what == "tail" && n != len(want) {
				t.Errorf("%s %s: %d records of %d, %q", what, name, n, len(want), codes(got))
			}
			if m.SHA256 != sha256.Sum256(b) || m.Size != int64(len(b)) {
				t.Errorf("%s %s: manifest %+v", what, name, m)
			}
		}
	}
}

// Damage in the file inside does not stop the hash of the file outside, and what is behind it is not inflated.
func TestDamageInside(t *testing.T) {
	plain := plainPcap(payload(60, 1), payload(60, 2))
	plain = append(plain, bytes.Repeat([]byte{0xff}, 5<<20)...)
	for name, compress := range compressions {
		stored := compress(t, plain)
		got, m := dumpBytes(t, stored)
		if len(got) != 3 || !slices.Equal(codes(got), []string{"bad-block"}) {
			t.Errorf("%q: %d records, %q", name, len(got), codes(got))
		}
		told := "; it and what follows were not read"
		if name == "" {
			told = "; it and what follows, 5242880 bytes, were not read"
		}
		if !strings.HasSuffix(got[2], told) {
			t.Errorf("%q: %s", name, got[2])
		}
		if m.SHA256 != sha256.Sum256(stored) {
			t.Errorf("%q: wrong hash", name)
		}
	}
	waitForGoroutines(t)
}

// A consumer that stops early leaves no goroutine behind and gets no hash; nor does one that never began.
func TestStopEarly(t *testing.T) {
	plain := bigPcap()
	for name, compress := range compressions {
		for _, after := range []int{0, 1, bigFrames / 2} {
			rec, err := Open("early", bytes.NewReader(compress(t, plain)))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range rec.Records() {
				if n++; n >= after {
					break
				}
			}
			if !rec.Manifest().SHA256.IsZero() {
				t.Errorf("%q: a hash after %d records", name, n)
			}
			for _, err := range rec.Records() {
				if err == nil {
					t.Errorf("%q: Records can be called twice", name)
				}
			}
			rec, err = Open("early", bytes.NewReader(compress(t, plain)))
			if err != nil {
				t.Fatal(err)
			}
			rec.Close()
			rec.Close()
			for _, err = range rec.Records() {
			}
			if err == nil || !rec.Manifest().SHA256.IsZero() {
				t.Errorf("%q: a closed recording was read: %v", name, err)
			}
		}
	}
	waitForGoroutines(t)
}

// waitForGoroutines fails unless this package's goroutines end.
func waitForGoroutines(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for range 500 {
		n := runtime.Stack(stacks, true)
		if !bytes.Contains(stacks[:n], []byte("abroad/capture/source.(*pump)")) && !bytes.Contains(stacks[:n], []byte("abroad/capture/source.(*digest)")) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("goroutines are left: %s", stacks[:runtime.Stack(stacks, true)])
}

// A pipe gives its records as they come: opening it takes no packet, and no packet waits for the next.
func TestLive(t *testing.T) {
	r, w := io.Pipe()
	file := plainPcap(payload(60, 1), payload(60, 2))
	opened, first := make(chan bool), make(chan bool)
	go func() {
		w.Write(file[:24])
		<-opened
		w.Write(file[24 : 24+76])
		<-first
		w.Write(file[24+76:])
		w.Close()
	}()
	rec, err := Open("-", r)
	if err != nil {
		t.Fatal(err)
	}
	close(opened)
	n := 0
	for _, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			close(first)
		}
	}
	if n != 2 || rec.Progress() != int64(len(file)) {
		t.Errorf("%d packets, %d bytes read", n, rec.Progress())
	}
}
