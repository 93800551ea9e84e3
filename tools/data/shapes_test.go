package main

import (
	"encoding/json"
	"slices"
	"testing"

	"abroad/analyze/locate/earth"
)

// square is a polygon of one arc with the corners (x, y) and (x+side, y+side), in steps.
func square(x, y, side int) [][2]int {
	return [][2]int{{x, y}, {side, 0}, {0, side}, {-side, 0}, {0, -side}}
}

// smallWorld has France and its Guadeloupe, and in the finer map an islet of France far away. A step is a tenth of a degree.
func smallWorld(t *testing.T, arcs ...[][2]int) *topology {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"transform": map[string]any{"scale": []float64{0.1, 0.1}, "translate": []float64{-180, -90}},
		"arcs":      arcs,
		"objects": map[string]any{"countries": map[string]any{"geometries": []any{
			map[string]any{"type": "MultiPolygon", "id": "250", "properties": map[string]any{"name": "France"}, "arcs": [][][]int{{{0}}, {{-2}}}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	top, err := readTopology(text)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

func TestShapes(t *testing.T) {
	byNumber, codes, err := isoCodes()
	if err != nil || len(codes) != 250 || byNumber["578"] != "NO" {
		t.Fatalf("%d codes, 578 is %q, %v", len(codes), byNumber["578"], err)
	}
	coarse := smallWorld(t, square(1820, 1360, 40), square(1184, 1061, 3)) // 2 to 6 east, 46 to 50 north; 61.6 west, 16.1 north
	fine := smallWorld(t, square(1820, 1360, 40), square(1900, 1300, 1))   // 10 east, 40 north
	coarse.refine()
	if n := len(coarse.Arcs[0]); n != 5+2*3 {
		t.Errorf("%d vertices after two edges of 4 degrees of longitude were split, want 11", n)
	}
	all := territories{}
	if err := all.draw(coarse, byNumber); err != nil {
		t.Fatal(err)
	}
	islands, err := all.missing(coarse, fine, byNumber)
	if err != nil || len(islands) != 1 || islands[0].country != "FR" {
		t.Fatalf("islands %v, %v", islands, err)
	}
	all.at("FR").discs = islands
	b, err := all.measured(coarse)
	if err != nil {
		t.Fatal(err)
	}
	m, err := earth.Decode(b)
	if err != nil || !slices.Equal(m.Countries(), []string{"FR", "GP"}) {
		t.Fatalf("%v, %v", m, err)
	}
	for _, c := range []struct {
		lat, lon float64
		nearest  string
		km       float64
	}{{48, 4, "FR", 0}, {16.2, -61.5, "GP", 0}, {40.05, 10.05, "FR", 0}, {51, 4, "FR", 111}} {
		if got := m.From(c.lat, c.lon)[0]; got.Country != c.nearest || got.KM < c.km-1 || got.KM > c.km+1 {
			t.Errorf("from %v, %v: %v, want %s at %v km", c.lat, c.lon, got, c.nearest, c.km)
		}
	}
}

func TestNobodysFeature(t *testing.T) {
	byNumber, _, err := isoCodes()
	if err != nil {
		t.Fatal(err)
	}
	p := polygon{outer: [][2]float64{{1, 1}}}
	for name, want := range map[string]int{"Clipperton I.": 0, "Kosovo": 2, "Siachen Glacier": 2} {
		f := feature{}
		f.Properties.Name = name
		if got, err := owners(byNumber, f, p); err != nil || len(got) != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	f := feature{}
	f.Properties.Name = "Atlantis"
	if got, err := owners(byNumber, f, p); err == nil {
		t.Errorf("Atlantis belongs to %v", got)
	}
}
