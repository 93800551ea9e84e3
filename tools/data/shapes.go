package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"abroad/analyze/locate/earth"
)

// atlas is Natural Earth 4.1.0 as TopoJSON. The map at 1:50 million gives the shapes; the one at 1:10 million shows islands that the first
// leaves out, and they become discs; the one at 1:110 million is what reports draw.
var atlas = source{
	name:      "world-atlas",
	version:   "2.0.2",
	integrity: "sha512-IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
	files:     []string{"package/countries-50m.json", "package/countries-10m.json", "package/countries-110m.json"},
}

// offshore is how many km an island must lie from its territory's shape to become a disc of its own.
const offshore = 5

// A territory is what is written of one code.
type territory struct {
	arcs  map[int]bool // a line that was added twice lies inside and is no border
	discs []place
}

type territories map[string]*territory

func (all territories) at(code string) *territory {
	if all[code] == nil {
		all[code] = &territory{arcs: map[int]bool{}}
	}
	return all[code]
}

// writeShapes makes the map of the world for analyze/locate/earth.
func writeShapes(files [][]byte, out string) error {
	fine, err := readTopology(files[1])
	if err != nil {
		return err
	}
	coarse, err := readTopology(files[0])
	if err != nil {
		return err
	}
	coarse.refine()
	byNumber, codes, err := isoCodes()
	if err != nil {
		return err
	}
	all := territories{}
	if err := all.draw(coarse, byNumber); err != nil {
		return err
	}
	list, err := places()
	if err != nil {
		return err
	}
	for _, p := range list {
		all.at(p.country).discs = append(all.at(p.country).discs, p)
	}
	islands, err := all.missing(coarse, fine, byNumber)
	if err != nil {
		return err
	}
	for _, p := range islands {
		all.at(p.country).discs = append(all.at(p.country).discs, p)
	}
	for _, code := range codes {
		if all[code] == nil {
			return fmt.Errorf("territory %q is on no map and in no list", code)
		}
	}
	if len(all) != len(codes) {
		return fmt.Errorf("%d territories, %d codes", len(all), len(codes))
	}
	b, err := all.measured(coarse)
	if err != nil {
		return err
	}
	fmt.Printf("%d territories, %d islands as discs; %d bytes\n", len(all), len(islands)+len(list), len(b))
	return errors.Join(
		replace(filepath.Join(out, "shapes.bin"), b),
		replace(filepath.Join(out, "shapes.sha256"), fmt.Appendf(nil, "%x  shapes.bin\n", sha256.Sum256(b))),
	)
}

// draw gives every polygon's lines to its territories.
func (all territories) draw(t *topology, byNumber map[string]string) error {
	for _, f := range t.Objects.Countries.Geometries {
		polygons, err := t.polygons(f)
		if err != nil {
			return err
		}
		for _, p := range polygons {
			codes, err := owners(byNumber, f, p)
			if err != nil {
				return err
			}
			for _, code := range codes {
				for _, n := range p.arcs {
					if arcs := all.at(code).arcs; arcs[n] {
						delete(arcs, n)
					} else {
						arcs[n] = true
					}
				}
			}
		}
	}
	return nil
}

// missing returns the islands of the fine map that lie off their territory's shape, as discs.
func (all territories) missing(coarse, fine *topology, byNumber map[string]string) ([]place, error) {
	drawn, err := earth.Decode(appendApart(all.encode(coarse), nil, len(all)))
	if err != nil {
		return nil, err
	}
	var list []place
	for _, f := range fine.Objects.Countries.Geometries {
		polygons, err := fine.polygons(f)
		if err != nil {
			return nil, err
		}
		for _, p := range polygons {
			codes, err := owners(byNumber, f, p)
			if err != nil {
				return nil, err
			}
			disc := p.disc()
			near := drawn.From(disc.lat, disc.lon)
			for _, code := range codes {
				i := slices.IndexFunc(near, func(d earth.Distance) bool { return d.Country == code })
				if i < 0 || near[i].KM > disc.radius+offshore {
					disc.country = code
					list = append(list, disc)
				}
			}
		}
	}
	return list, nil
}

// disc returns the disc around the middle of the outer ring.
func (p polygon) disc() place {
	var d place
	d.lon, d.lat = p.middle()
	for _, v := range p.outer {
		d.radius = math.Max(d.radius, earth.Between(d.lat, d.lon, v[1], v[0]))
	}
	return d
}

// measured returns the file that earth.Decode reads, with the distances that earth computes of it.
func (all territories) measured(t *topology) ([]byte, error) {
	b := all.encode(t)
	m, err := earth.Decode(appendApart(b, nil, len(all)))
	if err != nil {
		return nil, err
	}
	return appendApart(b, m.Apart(), len(all)), nil
}

// appendApart appends the km between territories, rounded down; nil rows are zeros.
func appendApart(b []byte, rows [][]float64, n int) []byte {
	b = slices.Clone(b)
	for i := range n {
		for j := range i {
			var km float64
			if rows != nil {
				km = rows[i][j]
			}
			b = binary.LittleEndian.AppendUint16(b, uint16(km))
		}
	}
	return b
}

// encode writes everything but the distances between territories (see earth.Decode).
func (all territories) encode(t *topology) []byte {
	b := []byte("abroad shapes 1\n")
	for _, f := range []float64{t.Transform.Translate[0], t.Transform.Translate[1], t.Transform.Scale[0], t.Transform.Scale[1]} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	b = binary.AppendUvarint(b, uint64(len(t.Arcs)))
	for _, arc := range t.Arcs {
		b = binary.AppendUvarint(b, uint64(len(arc)))
		var last [2]int
		for _, v := range arc {
			b = binary.AppendVarint(b, int64(v[0]-last[0]))
			b = binary.AppendVarint(b, int64(v[1]-last[1]))
			last = v
		}
	}
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, code := range slices.Sorted(maps.Keys(all)) {
		x := all[code]
		b = append(b, code...)
		b = binary.AppendUvarint(b, uint64(len(x.arcs)))
		last := 0
		for _, n := range slices.Sorted(maps.Keys(x.arcs)) {
			b = binary.AppendUvarint(b, uint64(n-last))
			last = n
		}
		b = binary.AppendUvarint(b, uint64(len(x.discs)))
		slices.SortStableFunc(x.discs, func(p, q place) int { return cmp.Or(cmp.Compare(p.lat, q.lat), cmp.Compare(p.lon, q.lon)) })
		for _, d := range x.discs {
			b = binary.AppendVarint(b, int64(math.Round(d.lat*1e4)))
			b = binary.AppendVarint(b, int64(math.Round(d.lon*1e4)))
			b = binary.AppendUvarint(b, uint64(math.Ceil(d.radius*10)))
		}
	}
	return b
}
