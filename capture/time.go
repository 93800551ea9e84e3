package capture

import (
	"fmt"
	"math"
	"time"
)

// A Time is a moment in nanoseconds since 1970-01-01T00:00:00Z. Years 1678 to 2262 fit; sources clamp the rest and say so in an Anomaly.
type Time int64

// NoTime is the time of a packet that carries none (a pcapng Simple Packet Block).
const NoTime Time = math.MinInt64

// MinTime and MaxTime bound the moments a Time can name.
const (
	MinTime Time = math.MinInt64 + 1
	MaxTime Time = math.MaxInt64
)

const timeLayout = "2006-01-02T15:04:05.000000000Z"

// String formats t as RFC 3339 in UTC with nanoseconds; NoTime is "".
func (t Time) String() string { return string(t.AppendTo(nil)) }

// AppendTo appends String's form to b.
func (t Time) AppendTo(b []byte) []byte {
	if t == NoTime {
		return b
	}
	return time.Unix(0, int64(t)).UTC().AppendFormat(b, timeLayout)
}

// Day returns the UTC day, "2006-01-02"; NoTime is "".
func (t Time) Day() string {
	if t == NoTime {
		return ""
	}
	return time.Unix(0, int64(t)).UTC().Format(time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return t.AppendTo(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = NoTime
		return nil
	}
	v, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("time %q: want RFC 3339", text)
	}
	*t = Time(v.UnixNano())
	return nil
}
