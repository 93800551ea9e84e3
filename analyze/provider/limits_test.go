package provider

import (
	"strings"
	"testing"
)

// A file of a stranger takes no more memory than its size allows for: not by empty values, and not by one long line.
func TestLimits(t *testing.T) {
	var into struct{ Prefixes []struct{ A, B, C, D string } }
	if err := decode([]byte(`{"prefixes":[`+strings.Repeat("{},", maxValues)+`{},{}]}`), &into); err == nil || into.Prefixes != nil {
		t.Errorf("%d prefixes, %v", len(into.Prefixes), err)
	}
	lines := 0
	each := func(int, []string) error { lines++; return nil }
	long := "1.0.0.0/8,DE,,,\n1.0.0.0/8,DE," + strings.Repeat("a", maxLine) + "\n"
	if err := eachLine([]byte(long), each); err == nil || !strings.Contains(err.Error(), "line 2") || lines > 0 {
		t.Errorf("%d lines, %v", lines, err)
	}
	if err := eachLine([]byte(strings.Repeat(strings.Repeat("a", maxLine)+"\n", 3)), each); err != nil || lines != 3 {
		t.Errorf("%d lines, %v", lines, err)
	}
}
