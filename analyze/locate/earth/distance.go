package earth

import (
	"cmp"
	"math"
	"slices"
)

// A Distance is how far a territory is, at its nearest.
type Distance struct {
	Country string  // ISO 3166-1 alpha-2, or XK
	KM      float64 // 0 inside
}

// unit returns the point of the sphere at a latitude and longitude in degrees.
func unit(lat, lon float64) vector {
	sinLat, cosLat := math.Sincos(lat * (math.Pi / 180))
	sinLon, cosLon := math.Sincos(lon * (math.Pi / 180))
	return vector{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// chord returns the square of the straight distance. Squares of chords order points as distances do, without losing the small ones.
func chord(a, b vector) float64 {
	x, y, z := a.x-b.x, a.y-b.y, a.z-b.z
	return x*x + y*y + z*z
}

// km returns the length of the great circle over a chord.
func km(squared float64) float64 { return 2 * Radius * math.Asin(math.Min(1, math.Sqrt(squared)/2)) }

// Between returns the km between two points given in degrees.
func Between(lat1, lon1, lat2, lon2 float64) float64 {
	return km(chord(unit(lat1, lon1), unit(lat2, lon2)))
}

// From returns how far every territory is from a place given in degrees, nearest first, then by code.
func (m *Map) From(lat, lon float64) []Distance {
	at := unit(lat, lon)
	near := make([]float64, len(m.lines)) // squared chords
	odd := make([]bool, len(m.lines))     // the meridian from here to the north pole crosses the line an odd number of times
	for i, l := range m.lines {
		near[i], odd[i] = m.line(l, at, lon)
	}
	list := make([]Distance, len(m.lands))
	for i := range m.lands {
		list[i] = Distance{m.codes[i], m.lands[i].distance(at, near, odd)}
	}
	nearestFirst(list)
	return list
}

func nearestFirst(list []Distance) {
	slices.SortFunc(list, func(a, b Distance) int { return cmp.Or(cmp.Compare(a.KM, b.KM), cmp.Compare(a.Country, b.Country)) })
}

// distance puts a land together of what is known about its lines. A point is inside if it sees the north pole, which is in no territory,
// through an odd number of borders; holes and parts need no care, since every line bounds a territory on one side only.
func (l *land) distance(at vector, near []float64, odd []bool) float64 {
	best, inside := math.Inf(1), false
	for _, n := range l.lines {
		best, inside = math.Min(best, near[n]), inside != odd[n]
	}
	if inside {
		return 0
	}
	if len(l.lines) > 0 {
		best = km(best)
	}
	for _, d := range l.discs {
		best = math.Min(best, math.Max(0, km(chord(at, d.at))-d.radius))
	}
	return best
}

// line returns the squared chord to the nearest point of a line, and whether the meridian northward crosses it an odd number of times.
func (m *Map) line(l line, at vector, lon float64) (best float64, odd bool) {
	list := m.vertices[l.first:l.end]
	a := &list[0]
	toA, turnA := chord(at, a.at), turn(a.lon, lon)
	best = toA
	for i := 1; i < len(list); i++ {
		b := &list[i]
		toB, turnB := chord(at, b.at), turn(b.lon, lon)
		best = math.Min(best, edge(at, a.at, b.at, toA, toB))
		if (turnA < 0) != (turnB < 0) && math.Abs(turnA-turnB) < 180 && north(at, a.at, b.at, lon) {
			odd = !odd
		}
		a, toA, turnA = b, toB, turnB
	}
	return best, odd
}

// edge returns the squared chord from at to the nearest point of the great circle from a to b, given those to its ends.
func edge(at, a, b vector, toA, toB float64) float64 {
	length := chord(a, b)
	if length < 1e-18 { // less than a centimetre: the same place, as at 180 degrees east and west
		return math.Min(toA, toB)
	}
	// The foot of the perpendicular lies between a and b if the projection of at on their plane is a positive sum of both. In dot products
	// that is at.a > (a.b)(at.b) and the same with a and b changed; dot products are 1 - chord/2.
	if 2*(toB-toA+length) <= length*toB || 2*(toA-toB+length) <= length*toA {
		return math.Min(toA, toB)
	}
	dx, dy, dz := b.x-a.x, b.y-a.y, b.z-a.z
	nx, ny, nz := a.y*dz-a.z*dy, a.z*dx-a.x*dz, a.x*dy-a.y*dx
	dot := at.x*nx + at.y*ny + at.z*nz
	sine := dot * dot / (nx*nx + ny*ny + nz*nz) // squared
	return math.Min(2*sine/(1+math.Sqrt(math.Max(0, 1-sine))), math.Min(toA, toB))
}

// turn returns how many degrees east of lon a vertex is, from -180 up to 180.
func turn(vertex, lon float64) float64 {
	d := vertex - lon
	switch {
	case d >= 180:
		return d - 360
	case d < -180:
		return d + 360
	}
	return d
}

// north reports whether the great circle from a to b, which crosses the meridian of at, does so north of it.
func north(at, a, b vector, lon float64) bool {
	nx, ny, nz := a.y*b.z-a.z*b.y, a.z*b.x-a.x*b.z, a.x*b.y-a.y*b.x
	sin, cos := math.Sincos(lon * (math.Pi / 180))
	return -(nx*cos+ny*sin)/nz > at.z/math.Hypot(at.x, at.y)
}

// FromCountry returns how far every territory is from a territory, border to border, nearest first; ok is false if the map does not have
// it. Distances are whole km, rounded down.
func (m *Map) FromCountry(code string) (list []Distance, ok bool) {
	n, ok := slices.BinarySearch(m.codes, code)
	if !ok {
		return nil, false
	}
	list = make([]Distance, len(m.codes))
	for i, other := range m.codes {
		list[i] = Distance{other, float64(m.table(n, i))}
	}
	nearestFirst(list)
	return list, true
}

// table returns the km between two territories as tools/data computed them with Apart.
func (m *Map) table(i, j int) uint16 {
	if i == j {
		return 0
	}
	if i < j {
		i, j = j, i
	}
	at := 2 * (i*(i-1)/2 + j)
	return uint16(m.apart[at]) | uint16(m.apart[at+1])<<8
}
