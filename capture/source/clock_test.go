package source

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"abroad/capture"
)

func TestClock(t *testing.T) {
	for _, c := range []struct {
		resolution byte
		offset     int64
		stamp      uint64
		want       string
	}{
		{6, 0, 1600000000123456, "2020-09-13T12:26:40.123456000Z"},
		{9, 0, 1600000000123456789, "2020-09-13T12:26:40.123456789Z"},
		{0, 0, 1600000000, "2020-09-13T12:26:40.000000000Z"},
		{3, 0, 1600000000123, "2020-09-13T12:26:40.123000000Z"},
		{7, 0, 16000000001234567, "2020-09-13T12:26:40.123456700Z"},
		{12, 0, 1600000000123456, "1970-01-01T00:26:40.000000123Z"},
		{19, 0, 1<<64 - 1, "1970-01-01T00:00:01.844674407Z"},
		{0x80, 0, 1600000000, "2020-09-13T12:26:40.000000000Z"},
		{0x80 | 10, 0, 1600000000<<10 | 512, "2020-09-13T12:26:40.500000000Z"},
		{0x80 | 32, 0, 1600000000<<32 | 1<<30, "2020-09-13T12:26:40.250000000Z"},
		{0x80 | 63, 0, 1<<63 | 1<<61, "1970-01-01T00:00:01.250000000Z"},
		{6, 1600000000, 123456, "2020-09-13T12:26:40.123456000Z"},
		{6, -10, 1600000010123456, "2020-09-13T12:26:40.123456000Z"},
		{6, -10, 1, "1969-12-31T23:59:50.000001000Z"},
		{20, 0, 1, ""},
		{64, 0, 1, ""},
		{127, 5, 1, ""},
		{0x80 | 64, 0, 1, ""},
		{255, 0, 1, ""},
	} {
		clock, ok := newClock(c.resolution, c.offset)
		got, inRange := clock.time(c.stamp)
		if got.String() != c.want || ok != (c.want != "") || !inRange {
			t.Errorf("resolution %#x, offset %d, stamp %d: got %s %v %v, want %s", c.resolution, c.offset, c.stamp, got, ok, inRange, c.want)
		}
	}
}

// A clock is exact, and out of range exactly when the moment is.
func TestClockExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resolution := rapid.Byte().Draw(t, "resolution")
		offset := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-1e10, 1e10)).Draw(t, "offset")
		stamp := rapid.Uint64().Draw(t, "stamp")
		c, ok := newClock(resolution, offset)
		got, inRange := c.time(stamp)
		if !ok {
			if got != capture.NoTime || !inRange {
				t.Fatalf("got %d, %v without a resolution", got, inRange)
			}
			return
		}
		base := int64(10)
		if resolution >= 0x80 {
			base = 2
		}
		units := new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(resolution&0x7f)), nil)
		want := new(big.Int).Mul(new(big.Int).SetUint64(stamp), big.NewInt(1e9))
		want.Div(want, units)
		want.Add(want, new(big.Int).Mul(big.NewInt(offset), big.NewInt(1e9)))
		if inRange {
			if want.Cmp(big.NewInt(int64(got))) != 0 {
				t.Fatalf("got %d, want %s", got, want)
			}
			return
		}
		limit := big.NewInt(int64(capture.MaxTime) - 2e9) // the second at either end may be given up
		if got == capture.MaxTime && want.Cmp(limit) > 0 || got == capture.MinTime && want.Cmp(limit.Neg(limit)) < 0 {
			return
		}
		t.Fatalf("got %d out of range, want %s", got, want)
	})
}
