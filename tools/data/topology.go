package main

import (
	"encoding/json"
	"fmt"
	"math"
)

// A topology is a TopoJSON file (specification 2.1): features whose borders are made of arcs that neighbours share.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]int
	Objects   struct {
		Countries struct{ Geometries []feature }
	}
}

// A feature is a country; ID is its ISO 3166-1 number.
type feature struct {
	Type       string
	ID         string
	Arcs       json.RawMessage
	Properties struct{ Name string }
}

// A polygon is its rings as numbers of arcs, and the outer ring's vertices in degrees, longitude first.
type polygon struct {
	arcs  []int
	outer [][2]float64
}

func readTopology(b []byte) (*topology, error) {
	t := new(topology)
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("read topology: %w", err)
	}
	for _, arc := range t.Arcs {
		for i := 1; i < len(arc); i++ { // stored as differences
			arc[i][0] += arc[i-1][0]
			arc[i][1] += arc[i-1][1]
		}
	}
	return t, nil
}

// degrees returns the longitude and latitude of a vertex.
func (t *topology) degrees(v [2]int) [2]float64 {
	return [2]float64{
		t.Transform.Translate[0] + float64(v[0])*t.Transform.Scale[0],
		t.Transform.Translate[1] + float64(v[1])*t.Transform.Scale[1],
	}
}

// polygons lists the polygons of a feature.
func (t *topology) polygons(f feature) ([]polygon, error) {
	var rings [][][]int
	var err error
	switch f.Type {
	case "Polygon":
		rings = make([][][]int, 1)
		err = json.Unmarshal(f.Arcs, &rings[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Arcs, &rings)
	default:
		return nil, nil // nothing is drawn
	}
	if err != nil {
		return nil, fmt.Errorf("feature %q: %w", f.Properties.Name, err)
	}
	var list []polygon
	for _, r := range rings {
		var p polygon
		for i, ring := range r {
			for _, n := range ring {
				if n < 0 {
					n = ^n // the arc backwards
				}
				if n >= len(t.Arcs) {
					return nil, fmt.Errorf("feature %q: no arc %d", f.Properties.Name, n)
				}
				p.arcs = append(p.arcs, n)
				if i == 0 {
					for _, v := range t.Arcs[n] {
						p.outer = append(p.outer, t.degrees(v))
					}
				}
			}
		}
		list = append(list, p)
	}
	return list, nil
}

// middle returns the mean of the outer ring's vertices in degrees. Only parts far from the antimeridian are told apart by it.
func (p polygon) middle() (lon, lat float64) {
	for _, v := range p.outer {
		lon, lat = lon+v[0], lat+v[1]
	}
	n := float64(len(p.outer))
	return lon / n, lat / n
}

// longest is how many degrees of longitude an edge may run: on a map it is straight, on the globe a great circle, and over one degree they
// lie less than 150 m apart.
const longest = 1.0

// refine puts vertices into long edges, so that great circles follow the straight lines of the map.
func (t *topology) refine() {
	turn := int(math.Round(360 / t.Transform.Scale[0]))
	for i, arc := range t.Arcs {
		var out [][2]int
		for j, v := range arc {
			if j > 0 {
				u := arc[j-1]
				dx, dy := v[0]-u[0], v[1]-u[1]
				if dx > turn/2 { // over the antimeridian, the short way
					dx -= turn
				} else if dx < -turn/2 {
					dx += turn
				}
				parts := int(math.Ceil(math.Abs(float64(dx)) * t.Transform.Scale[0] / longest))
				for k := 1; k < parts; k++ {
					x := u[0] + int(math.Round(float64(dx*k)/float64(parts)))
					out = append(out, [2]int{(x%turn + turn) % turn, u[1] + int(math.Round(float64(dy*k)/float64(parts)))})
				}
			}
			out = append(out, v)
		}
		t.Arcs[i] = out
	}
}

// outerRings lists the outer rings of a feature's polygons as closed lines in degrees: arcs in their order, turned where the file says so.
func (t *topology) outerRings(f feature) ([][][2]float64, error) {
	var parts [][][]int
	var err error
	switch f.Type {
	case "Polygon":
		parts = make([][][]int, 1)
		err = json.Unmarshal(f.Arcs, &parts[0])
	case "MultiPolygon":
		err = json.Unmarshal(f.Arcs, &parts)
	}
	if err != nil {
		return nil, fmt.Errorf("feature %q: %w", f.Properties.Name, err)
	}
	var rings [][][2]float64
	for _, p := range parts {
		var ring [][2]float64
		for _, n := range p[0] {
			backwards := n < 0
			if backwards {
				n = ^n
			}
			if n >= len(t.Arcs) {
				return nil, fmt.Errorf("feature %q: no arc %d", f.Properties.Name, n)
			}
			arc := t.Arcs[n]
			for i := range arc {
				v := arc[i]
				if backwards {
					v = arc[len(arc)-1-i]
				}
				ring = append(ring, t.degrees(v))
			}
		}
		rings = append(rings, ring)
	}
	return rings, nil
}
