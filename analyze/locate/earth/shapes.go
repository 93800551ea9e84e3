package earth

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
)

// Radius is the mean radius of the Earth in km (IUGG, R1).
const Radius = 6371.0088

// What distances here can be wrong by, for whoever needs a lower bound.
const (
	// Generalised is how many km a true coast or border may lie from the map's: a map at 1:50 million rounds off.
	Generalised = 20.0
	// Flattening is the part by which a distance on the sphere may exceed the one on the ellipsoid (WGS 84: 1/298 at the poles, 1/179 in
	// the radius of curvature).
	Flattening = 1.0 / 178
)

// About the map, for whoever cites it.
const (
	Name      = "natural-earth"
	Title     = "Natural Earth"
	Publisher = "Natural Earth"
	Licence   = "public domain"
	Origin    = "npm world-atlas@2.0.2, Natural Earth 4.1.0"
	AsOf      = "2018-05-21" // the release of 4.1.0; it ages as coasts do
)

//go:embed shapes.bin
var packed []byte

//go:embed shapes.sha256
var digest string

// SHA256 returns the digest of the map in hexadecimal, as tools/data wrote it; a test compares them.
func SHA256() string {
	sum, _, _ := strings.Cut(digest, " ")
	return sum
}

// A Map is the world, decoded. It is not changed after Open.
type Map struct {
	codes     []string // sorted
	lands     []land   // as codes
	vertices  []vertex
	lines     []line
	apart     []byte // km between territories, rounded down, little endian: row i has those to territories 0 to i-1
	Lines     int
	Vertices  int
	DiscsOnly []string // territories that have no line, sorted: islands too small for the map
}

// A vector is a point of the unit sphere.
type vector struct{ x, y, z float64 }

type vertex struct {
	at  vector
	lon float64 // degrees
}

// A line is a part of a border: the vertices from first up to, not including, end.
type line struct{ first, end int }

// A land is a territory: every line that bounds it, in no order, and its small islands.
type land struct {
	lines []int
	discs []disc
}

// A disc stands for an island.
type disc struct {
	at     vector
	radius float64 // km
}

// magic begins shapes.bin; it names the layout.
const magic = "abroad shapes 1\n"

// Open decodes the embedded map, once.
var Open = sync.OnceValues(func() (*Map, error) { return Decode(packed) })

var errShort = errors.New("cut short")

// Decode reads what tools/data wrote: all numbers are unsigned varints, zigzag where they can be negative.
//
//	magic; grid: west, south, steps in longitude and latitude, four float64
//	lines: how many; each: how many vertices; each vertex: longitude and latitude in steps, less those of the vertex before
//	territories: how many; each: 2 letters; how many lines; each line's number less the one before; how many discs; each: latitude and
//	longitude in 1/10,000 degree, radius in 1/10 km
//	km between territories, uint16, row i with i entries
func Decode(b []byte) (*Map, error) {
	if !strings.HasPrefix(string(b[:min(len(b), len(magic))]), magic) {
		return nil, errors.New("open shapes: unknown layout")
	}
	r := reader{rest: b[len(magic):]}
	m := &Map{}
	m.readLines(&r)
	m.readLands(&r)
	if r.err != nil {
		return nil, fmt.Errorf("open shapes: at byte %d: %w", len(b)-len(r.rest), r.err)
	}
	if n := len(m.codes); len(r.rest) != n*(n-1)/2*2 {
		return nil, fmt.Errorf("open shapes: %d bytes of distances for %d territories", len(r.rest), n)
	}
	m.apart = r.rest
	m.Lines, m.Vertices = len(m.lines), len(m.vertices)
	return m, nil
}

func (m *Map) readLines(r *reader) {
	west, south, stepLon, stepLat := r.float(), r.float(), r.float(), r.float()
	m.lines = make([]line, 0, r.count(2))
	m.vertices = make([]vertex, 0, len(r.rest)/4)
	for range cap(m.lines) {
		first := len(m.vertices)
		lon, lat := int64(0), int64(0)
		for range r.count(2) {
			lon, lat = lon+r.signed(), lat+r.signed()
			degrees := west + float64(lon)*stepLon
			m.vertices = append(m.vertices, vertex{unit(south+float64(lat)*stepLat, degrees), degrees})
		}
		if first == len(m.vertices) {
			r.fail(errors.New("a line without vertices"))
			return
		}
		m.lines = append(m.lines, line{first, len(m.vertices)})
	}
}

func (m *Map) readLands(r *reader) {
	for range r.count(4) {
		code := string(r.take(2))
		if n := len(m.codes); r.err == nil && n > 0 && m.codes[n-1] >= code {
			r.fail(fmt.Errorf("territory %q out of order", code))
		}
		var l land
		n := 0
		for range r.count(1) {
			if n += int(r.unsigned()); n < 0 || n >= len(m.lines) {
				r.fail(fmt.Errorf("territory %q has line %d of %d", code, n, len(m.lines)))
				return
			}
			l.lines = append(l.lines, n)
		}
		for range r.count(3) {
			lat, lon := float64(r.signed())/1e4, float64(r.signed())/1e4
			l.discs = append(l.discs, disc{unit(lat, lon), float64(r.unsigned()) / 10})
		}
		if len(l.lines) == 0 {
			m.DiscsOnly = append(m.DiscsOnly, code)
		}
		if len(l.lines)+len(l.discs) == 0 {
			r.fail(fmt.Errorf("territory %q is nowhere", code))
		}
		m.codes, m.lands = append(m.codes, code), append(m.lands, l)
	}
}

// Countries lists the territories, sorted.
func (m *Map) Countries() []string { return slices.Clone(m.codes) }

// Has reports whether the map has a territory.
func (m *Map) Has(code string) bool {
	_, ok := slices.BinarySearch(m.codes, code)
	return ok
}

// reader takes numbers off the front. After the first error everything is zero.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) unsigned() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || r.err != nil || v > math.MaxInt32 {
		r.fail(errShort)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) signed() int64 {
	v := r.unsigned()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many things of at least size bytes follow.
func (r *reader) count(size int) int {
	n := r.unsigned()
	if n > uint64(len(r.rest)/size) {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func (r *reader) take(n int) []byte {
	if len(r.rest) < n || r.err != nil {
		r.fail(errShort)
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) float() float64 {
	b := r.take(8)
	if b == nil {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}
