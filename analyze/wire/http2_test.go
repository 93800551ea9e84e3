package wire

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// http2Stream makes what a client sends: the preface, settings and two requests, one of them with everything a header block may have.
func http2Stream(t testing.TB) []byte {
	t.Helper()
	var b, block bytes.Buffer
	b.WriteString(HTTP2Preface)
	w := http2.NewFramer(&b, nil)
	w.AllowIllegalWrites = true
	e := hpack.NewEncoder(&block)
	fields := func(list ...string) []byte {
		block.Reset()
		for i := 0; i < len(list); i += 2 {
			if err := e.WriteField(hpack.HeaderField{Name: list[i], Value: list[i+1]}); err != nil {
				t.Fatal(err)
			}
		}
		return bytes.Clone(block.Bytes())
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(w.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 9}))
	check(w.WriteWindowUpdate(0, 100))
	one := fields(":method", "GET", ":scheme", "http", ":authority", "one.practice.example", ":path", "/a?secret=1", "cookie", "secret")
	check(w.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: one, EndStream: true, EndHeaders: true}))
	two := fields(":method", "POST", ":scheme", "http", ":path", "/b", "host", "two.practice.example", ":authority", "one.practice.example")
	check(w.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: two[:5], PadLength: 7, Priority: http2.PriorityParam{StreamDep: 1, Weight: 3}}))
	check(w.WriteContinuation(3, false, two[5:9]))
	check(w.WriteContinuation(3, true, two[9:]))
	check(w.WriteData(3, false, []byte("some body")))
	check(w.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: fields("trailer", "x"), EndStream: true, EndHeaders: true}))
	return b.Bytes()
}

func TestReadHTTP2(t *testing.T) {
	b := http2Stream(t)
	list, n, err := ReadHTTP2(b)
	if err != nil || n != len(b) || len(list) != 2 {
		t.Fatalf("%+v, %d of %d, %v", list, n, len(b), err)
	}
	first, second := list[0], list[1]
	if first.Stream != 1 || first.Method != "GET" || first.Path != "/a" || first.PathLen != 11 || first.Authority != "one.practice.example" || first.Host != "" {
		t.Errorf("%+v", first)
	}
	if second.Stream != 3 || second.Method != "POST" || second.Path != "/b" || second.Host != "two.practice.example" || second.Authority != "one.practice.example" {
		t.Errorf("%+v", second)
	}
	if b[first.At.Off+3] != frameHeaders || second.At.Off != first.At.End() {
		t.Errorf("at %v and %v", first.At, second.At)
	}
	for i := range b {
		part, n, err := ReadHTTP2(b[:i:i])
		if k := len(part); err != nil && k > 0 && part[k-1].At.End() == i { // cut inside a block
			got, want := part[k-1], list[k-1]
			if got.Authority != want.Authority || got.Host != "" && got.Host != want.Host || got.Stream != want.Stream {
				t.Fatalf("cut at %d: %+v", i, got)
			}
			part = part[:k-1]
		}
		if !slices.Equal(part, list[:len(part)]) {
			t.Fatalf("cut at %d: %+v", i, part)
		}
		if err == nil && n < i || err != nil && (!errors.Is(err, io.ErrUnexpectedEOF) || Need(err) <= i || Need(err) > len(b)) {
			t.Fatalf("cut at %d: read %d, %v", i, n, err)
		}
	}
}

func TestReadHTTP2Odd(t *testing.T) {
	good := http2Stream(t)
	frame := func(typ, flags byte, payload string) string {
		return string([]byte{0, byte(len(payload) >> 8), byte(len(payload)), typ, flags, 0, 0, 0, 1}) + payload
	}
	for _, c := range []struct {
		name, in string
		requests int
		err      error
	}{
		{"not the preface", "PRI * HTTP/1.1", 0, ErrOther},
		{"a CONTINUATION of nothing", HTTP2Preface + frame(frameContinuation, flagEndHeaders, "\x82"), 0, ErrMalformed},
		{"a header block that is none", HTTP2Preface + frame(frameHeaders, flagEndHeaders, "\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 1, ErrMalformed},
		{"a block that ends in a field", HTTP2Preface + frame(frameHeaders, flagEndHeaders, "\x82\x41\x7f"), 1, ErrMalformed},
		{"more padding than frame", HTTP2Preface + frame(frameHeaders, flagEndHeaders|flagPadded, "\x09\x82"), 0, ErrMalformed},
		{"an interrupted block", HTTP2Preface + frame(frameHeaders, 0, "\x82") + frame(frameData, 0, "x"), 0, ErrMalformed},
		{"an absurd frame", HTTP2Preface + "\xff\xff\xff\x00\x00\x00\x00\x00\x01", 0, ErrMalformed},
		{"requests without end", HTTP2Preface + strings.Repeat(frame(frameHeaders, flagEndHeaders, "\x82\x84"), maxHTTP2Requests+1), maxHTTP2Requests, ErrLimit},
		{"an endless block", HTTP2Preface + frame(frameHeaders, 0, "\x82") + strings.Repeat(frame(frameContinuation, 0, strings.Repeat("\x82", 16000)), 5), 0, ErrLimit},
		{"garbage behind requests", string(good) + "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 2, ErrMalformed},
	} {
		list, _, err := ReadHTTP2([]byte(c.in))
		if !errors.Is(err, c.err) || len(list) != c.requests {
			t.Errorf("%s: %d requests, %v", c.name, len(list), err)
		}
	}
}

func TestIsHTTP2Server(t *testing.T) {
	for s, want := range map[string]bool{
		"\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64": true,
		"\x00\x00\x00\x04\x00\x00\x00\x00\x00":                         true,
		"\x00\x00\x00\x04\x01\x00\x00\x00\x00":                         false,
		"HTTP/1.1 200 OK":                                              false,
	} {
		if got, err := IsHTTP2Server([]byte(s)); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	if _, err := IsHTTP2Server([]byte("\x00\x00")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzReadHTTP2(f *testing.F) {
	f.Add(http2Stream(f), 200)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, n, err := ReadHTTP2(b)
		if n < 0 || err == nil && n < len(b) && len(b) > 0 {
			t.Fatalf("read %d of %d", n, len(b))
		}
		end := 0
		for _, r := range whole {
			if r.At.Off < end || r.At.End() > len(b) || strings.ContainsAny(r.Path, "?#") || r.PathLen < len(r.Path) {
				t.Fatalf("%+v", r)
			}
			end = r.At.End()
		}
		part, _, perr := ReadHTTP2(b[:at:at])
		sure := part
		if k := len(part); errors.Is(perr, io.ErrUnexpectedEOF) && k > 0 && part[k-1].At.End() == at {
			sure = part[:k-1] // the last one was cut
		}
		if len(sure) > len(whole) || !slices.Equal(sure, whole[:len(sure)]) {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
	})
}
