package source

import (
	"math/bits"

	"abroad/capture"
)

// A clock turns the time stamps of one pcapng interface into times (draft-ietf-opsawg-pcapng, section 4.2: if_tsresol and if_tsoffset).
type clock struct {
	units  uint64 // of a second; 0 = impossible, there is no time
	mul    uint64 // nanoseconds of a unit, if that is a whole number; else 0
	limit  uint64 // the last stamp that times mul is still a Time
	offset int64  // seconds to add
}

// newClock reads if_tsresol, whose top bit chooses the base 2 over 10 and whose other bits are a negative exponent, up to what fits into 64
// bits of units.
func newClock(resolution byte, offset int64) (c clock, ok bool) {
	c.offset = offset
	n := resolution & 0x7f
	switch {
	case resolution >= 0x80 && n <= 63:
		c.units = 1 << n
	case resolution < 0x80 && n <= 19:
		c.units = 1
		for range n {
			c.units *= 10
		}
	default:
		return c, false
	}
	if c.units <= 1e9 && 1e9%c.units == 0 {
		c.mul = 1e9 / c.units
		c.limit = uint64(capture.MaxTime) / c.mul
	}
	return c, true
}

// time returns the moment of a stamp, rounded down to a nanosecond; ok is false when it lies outside what a Time can name, and is clamped.
func (c *clock) time(stamp uint64) (t capture.Time, ok bool) {
	if c.mul != 0 && c.offset == 0 && stamp <= c.limit {
		return capture.Time(stamp * c.mul), true
	}
	if c.units == 0 {
		return capture.NoTime, true // said when the interface was described
	}
	sec, part := stamp/c.units, stamp%c.units
	hi, lo := bits.Mul64(part, 1e9)
	nano, _ := bits.Div64(hi, lo, c.units) // part < units, so it is below 1e9

	// sec + offset, in 128 bits so that nothing overflows, then clamped.
	low, carry := bits.Add64(sec, uint64(c.offset), 0)
	high := uint64(c.offset>>63) + carry // 0: positive, all ones: negative
	const last = int64(capture.MaxTime) / 1e9
	switch {
	case high == 0 && low < uint64(last):
	case high == ^uint64(0) && int64(low) < 0 && int64(low) > -last:
	case int64(high) < 0:
		return capture.MinTime, false
	default:
		return capture.MaxTime, false
	}
	return capture.Time(int64(low)*1e9 + int64(nano)), true
}
