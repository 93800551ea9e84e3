package dataset

import (
	"fmt"
	"time"

	"abroad/capture"
)

// Age compares the date of d's contents with a recording, never with today, and returns a warning if they lie too far apart: addresses move
// both ways. It is empty when they do not, or when either date is unknown.
func (d *Dataset) Age(recorded capture.Time) string {
	made, err := time.Parse(time.DateOnly, d.AsOf)
	if err != nil || recorded == capture.NoTime {
		return ""
	}
	const day = 24 * time.Hour
	days := int(time.Unix(0, int64(recorded)).UTC().Truncate(day).Sub(made) / day)
	limit := d.Kind.MaxAge()
	switch {
	case days > limit:
		return fmt.Sprintf("%d days older than the recording (a %s should be at most %d)", days, d.Kind.noun(), limit)
	case -days > limit:
		return fmt.Sprintf("%d days newer than the recording (a %s should be at most %d)", -days, d.Kind.noun(), limit)
	}
	return ""
}

func (k Kind) noun() string {
	if k == Databases {
		return "database"
	}
	return "table"
}
