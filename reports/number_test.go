package reports

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1,000"}, {count(1234567), "1,234,567"}, {count(math.MaxUint64), "18,446,744,073,709,551,615"},
		{size(0), "0 B"}, {size(999), "999 B"}, {size(1000), "1.0 kB"}, {size(1234), "1.2 kB"}, {size(99_900), "99.9 kB"}, {size(123_456), "123 kB"},
		{size(999_499), "999 kB"}, {size(999_500), "1.0 MB"}, {size(1_000_000), "1.0 MB"}, {size(math.MaxUint64), "18.4 EB"},
		{percent(0, 0), "–"}, {percent(1, 0), "–"}, {percent(0, 5), "0%"}, {percent(5, 5), "100%"}, {percent(1, 3), "33.3%"}, {percent(1, 100_000), "<0.1%"},
		{percent(99_999, 100_000), ">99.9%"}, {percent(1, 1000), "0.1%"}, {percent(999, 1000), "99.9%"}, {percent(9996, 10_000), ">99.9%"},
		{millis(18_400_000), "18.4 ms"}, {plural(1, "flow"), "1 flow"}, {plural(0, "flow"), "0 flows"}, {plural(1200, "address"), "1,200 addresses"}, {plural(2, "anomaly"), "2 anomalies"}, {plural(2, "more anomaly"), "2 more anomalies"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestPercentHonest: only nothing is 0%, only everything is 100%.
func TestPercentHonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.Uint64Range(2, math.MaxUint64).Draw(t, "whole")
		part := rapid.Uint64Range(1, whole-1).Draw(t, "part")
		switch got := percent(part, whole); got {
		case "0%", "0.0%", "100%", "100.0%", "–":
			t.Errorf("%d of %d is %s", part, whole, got)
		}
		if w := permille(part, whole); w < 1 || w > 1000 {
			t.Errorf("%d of %d is %d wide", part, whole, w)
		}
	})
}
