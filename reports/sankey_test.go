package reports

import (
	"strconv"
	"strings"
	"testing"
)

// TestSankeyLabels: no ribbon crosses a label, no two nodes share its room, and a place keeps its grade however long its name.
func TestSankeyLabels(t *testing.T) {
	s := newSankey(large(2_000))
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	below := map[string]float64{}
	ends := map[string]bool{}
	for _, n := range s.Nodes {
		centre := number(n.Y) + number(n.H)/2
		if last, ok := below[n.X]; ok && centre-last < sankeyLine+sankeyGap-0.2 {
			t.Errorf("%s is %.1f below the node before it", n.Label, centre-last)
		}
		below[n.X] = centre
		if n.Panel > 0 {
			ends[tenth(number(n.X)+float64(n.Panel))] = true
		}
		if letters := len([]rune(n.Label.String())); n.Panel > 0 && letters > sankeyLetters || letters > sankeyPlace {
			t.Errorf("a label of %d letters: %s", letters, n.Label)
		}
		if n.Class == "claimed" && !strings.Contains(n.Label.String(), "claimed, L") {
			t.Errorf("%q is not said to be a claim", n.Label)
		}
	}
	for _, l := range s.Links {
		if from, _, _ := strings.Cut(strings.TrimPrefix(l.Path, "M"), " "); !ends[from] {
			t.Errorf("a ribbon begins at %s, inside a label", from)
		}
	}
	if got := clipMiddle("Bosnia and Herzegovina (BA) claimed, L1", sankeyPlace, 16); got != "Bosnia and…(BA) claimed, L1" {
		t.Errorf("clipped to %q", got)
	}
}
