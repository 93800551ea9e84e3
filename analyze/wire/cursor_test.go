package wire

import (
	"errors"
	"io"
	"testing"
)

func TestCursor(t *testing.T) {
	c := NewCursor([]byte{1, 0, 2, 3, 4, 5, 6})
	if c.Byte() != 1 || c.Uint(2) != 2 || c.Off() != 3 {
		t.Fatalf("at %d", c.Off())
	}
	v := c.Vector(1) // three bytes
	if v.Len() != 3 || v.Off() != 4 || c.Len() != 0 {
		t.Fatalf("vector of %d at %d, %d left", v.Len(), v.Off(), c.Len())
	}
	if v.Uint16() != 0x0405 {
		t.Fatal("Uint16")
	}
	v.Skip(2)
	if !errors.Is(v.Err(), ErrMalformed) {
		t.Errorf("read past a field: %v", v.Err())
	}
	c.Byte()
	if err := c.Err(); !errors.Is(err, io.ErrUnexpectedEOF) || Need(err) != 8 || err.Error() != "at byte 7: it ends too early" {
		t.Errorf("read past the input: %v, needs %d", err, Need(err))
	}
}

func TestCursorFailsOnce(t *testing.T) {
	c := NewCursor([]byte{1})
	c.Skip(2)
	c.Fail(ErrOther)
	if !errors.Is(c.Err(), io.ErrUnexpectedEOF) || c.Len() != 0 || c.Rest() != nil || c.Byte() != 0 || c.Uint16() != 0 {
		t.Errorf("after an error: %v", c.Err())
	}
	if v := c.Vector(1); v.Err() == nil {
		t.Error("a vector of a failed cursor has no error")
	}
	if p := c.PartVector(1); p.Err() == nil {
		t.Error("a part of a failed cursor has no error")
	}
	if c := NewCursor(nil); c.Err() != nil {
		t.Errorf("a typed nil: %v", c.Err())
	}
}

func TestCursorPart(t *testing.T) {
	c := NewCursor([]byte{9, 1, 2})
	p := c.PartVector(1)
	if p.Len() != 2 || p.Err() != nil || Need(c.Err()) != 10 {
		t.Fatalf("part of %d bytes, needs %d", p.Len(), Need(c.Err()))
	}
	p.Skip(3)
	if !errors.Is(p.Err(), io.ErrUnexpectedEOF) {
		t.Errorf("past the end of a cut field: %v", p.Err())
	}
	c = NewCursor([]byte{2, 9, 1, 5})
	outer := c.Vector(1)
	inner := outer.PartVector(1)
	if inner.Len() != 1 || !errors.Is(outer.Err(), ErrMalformed) {
		t.Errorf("a field longer than its field: %d, %v", inner.Len(), outer.Err())
	}
}

func FuzzCursor(f *testing.F) {
	f.Add([]byte{3, 1, 2, 3, 4}, []byte{2, 0, 4, 1, 9})
	f.Fuzz(func(t *testing.T, b, steps []byte) {
		c := NewCursor(b)
		last := 0
		for _, s := range steps {
			switch n := int(s >> 3); s & 7 {
			case 0:
				c.Bytes(n)
			case 1:
				c.Uint(n & 7)
			case 2:
				sub := c.Vector(n & 3)
				if sub.Err() == nil && sub.Off()+sub.Len() != c.Off() {
					t.Fatal("a vector does not end where its parent goes on")
				}
			case 3:
				p := c.Part(n)
				if p.Err() == nil && p.Off()+p.Len() > len(b) {
					t.Fatal("a part lies outside")
				}
			case 4:
				c.Skip(-n)
			case 5:
				c.varint()
			case 6:
				c.element()
			case 7:
				c.text(n & 3)
			}
			if c.Off() < last || c.Off() > len(b) || c.Off()+c.Len() > len(b) {
				t.Fatalf("at %d after %d, %d left of %d", c.Off(), last, c.Len(), len(b))
			}
			last = c.Off()
			if err := c.Err(); errors.Is(err, io.ErrUnexpectedEOF) && Need(err) <= len(b) {
				t.Fatalf("needs %d, has %d", Need(err), len(b))
			}
		}
	})
}
