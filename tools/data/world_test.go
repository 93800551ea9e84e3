package main

import (
	"strings"
	"testing"
)

// TestWorld: a ring over the antimeridian is drawn at both edges and nowhere between, whoever is on no map keeps a name and a place.
func TestWorld(t *testing.T) {
	byNumber, codes, err := isoCodes()
	if err != nil {
		t.Fatal(err)
	}
	var l drawnLand
	l.draw([][2]float64{{170, 10}, {-170, 10}, {-170, 20}, {170, 20}, {170, 10}})
	parts := strings.Split(strings.TrimPrefix(l.path.String(), "M"), "M")
	if len(parts) != 2 || !strings.HasPrefix(parts[0], "39") && !strings.HasPrefix(parts[0], "38") || strings.Contains(l.path.String(), "e") {
		t.Errorf("two edges: %q", parts)
	}
	var antarctic drawnLand
	antarctic.draw([][2]float64{{-180, -80}, {0, -80}, {180, -80}, {180, -90}, {-180, -90}, {-180, -80}})
	if antarctic.path.Len() != 0 {
		t.Errorf("below the edge: %q", antarctic.path.String())
	}
	if x, y := project(0, worldNorth); x != worldWidth/2 || y != 0 {
		t.Errorf("the middle of the upper edge is %f, %f", x, y)
	}
	france := smallWorld(t, square(1820, 1360, 40), square(1184, 1061, 3))
	if _, err := worldFile(france, []*topology{france}, byNumber, codes); err == nil {
		t.Error("a world without most territories was accepted")
	}
}
