package capture

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestRef(t *testing.T) {
	for _, c := range []struct {
		r Ref
		s string
	}{
		{Ref{1, 1042, 66, 11}, "r1#1042[66:77]"},
		{Ref{12, 3, 0, 0}, "r12#3"},
		{Ref{Recording: 2}, "r2"},
	} {
		if got := c.r.String(); got != c.s {
			t.Errorf("%+v is written %q, want %q", c.r, got, c.s)
		}
		if got, err := ParseRef(c.s); err != nil || got != c.r {
			t.Errorf("%q is read as %+v, %v", c.s, got, err)
		}
	}
	for _, s := range []string{"", "r", "r0", "1", "r1#", "r1#0", "r1#2[", "r1#2[3:3]", "r1#2[4:3]", "r1#2[3:4", "r01", "r1#+2", "r1#2[3:4]x"} {
		if r, err := ParseRef(s); err == nil {
			t.Errorf("%q is read as %+v", s, r)
		}
	}
}

func FuzzRef(f *testing.F) {
	f.Add("r1#1042[66:77]")
	f.Add("r2")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRef(s); err == nil && r.String() != s {
			t.Fatalf("%q became %q", s, r)
		}
	})
}

// TestTimeFormat holds our formatting against the library's.
func TestTimeFormat(t *testing.T) {
	same := func(v Time) {
		t.Helper()
		if want := time.Unix(0, int64(v)).UTC().Format("2006-01-02T15:04:05.000000000Z"); v.String() != want {
			t.Fatalf("%d is written %q, want %q", v, v, want)
		}
	}
	for day := int64(-106751); day <= 106750; day++ { // every day that fits
		same(Time(day * 86400e9))
		same(Time(day*86400e9 - 1))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		same(Time(r.Uint64()) | 1)
	}
}

func TestTime(t *testing.T) {
	for _, c := range []struct {
		t Time
		s string
	}{{0, "1970-01-01T00:00:00.000000000Z"}, {1, "1970-01-01T00:00:00.000000001Z"}, {NoTime, ""}, {MaxTime, "2262-04-11T23:47:16.854775807Z"}, {MinTime, "1677-09-21T00:12:43.145224193Z"}} {
		if got := c.t.String(); got != c.s {
			t.Errorf("%d is written %q, want %q", c.t, got, c.s)
		}
		var back Time
		if err := back.UnmarshalText([]byte(c.s)); err != nil || back != c.t {
			t.Errorf("%q is read as %d, %v", c.s, back, err)
		}
	}
	if day := Time(86400e9).Day(); day != "1970-01-02" {
		t.Errorf("day is %q", day)
	}
}
