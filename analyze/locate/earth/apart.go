package earth

import (
	"math"
	"slices"
)

// Apart returns the km between every two territories, border to border: row i has those to territories 0 to i-1. It takes seconds; the
// result is in the map already, and this is how it was made.
func (m *Map) Apart() [][]float64 {
	pieces := make([][]piece, len(m.lands))
	for i := range m.lands {
		pieces[i] = m.pieces(&m.lands[i])
	}
	rows := make([][]float64, len(m.lands))
	for i := range rows {
		rows[i] = make([]float64, i)
		for j := range i {
			if m.neighbours(i, j) {
				continue
			}
			rows[i][j] = apart(pieces[i], pieces[j])
		}
	}
	return rows
}

// neighbours reports whether two territories share a line.
func (m *Map) neighbours(i, j int) bool {
	return slices.ContainsFunc(m.lands[i].lines, func(n int) bool {
		_, ok := slices.BinarySearch(m.lands[j].lines, n)
		return ok
	})
}

// A piece is a few vertices in a row, or a disc, and the cap of the sphere that holds them.
type piece struct {
	vertices []vertex
	centre   vector
	cap      float64 // km around the centre
	radius   float64 // km around every vertex that belong to the land too: of a disc
}

const pieceSize = 12

func (m *Map) pieces(l *land) []piece {
	var list []piece
	for _, n := range l.lines {
		v := m.vertices[m.lines[n].first:m.lines[n].end]
		for first := 0; first < len(v); first += pieceSize - 1 {
			part := v[first:min(first+pieceSize, len(v))]
			p := piece{vertices: part, centre: part[len(part)/2].at}
			for i := range part {
				p.cap = math.Max(p.cap, km(chord(p.centre, part[i].at)))
			}
			list = append(list, p)
		}
	}
	for _, d := range l.discs {
		list = append(list, piece{vertices: []vertex{{at: d.at}}, centre: d.at, radius: d.radius})
	}
	return list
}

// apart returns the km between two lands that do not lie in each other. Two lines that do not cross are nearest at a vertex of one of them.
func apart(a, b []piece) float64 {
	best := math.Inf(1)
	for i := range a {
		for j := range b {
			p, q := &a[i], &b[j]
			spread := p.cap + q.cap + p.radius + q.radius
			if km(chord(p.centre, q.centre))-spread >= best {
				continue
			}
			d := km(math.Min(toPiece(p, q), toPiece(q, p))) - p.radius - q.radius
			best = math.Max(0, math.Min(best, d))
		}
	}
	return best
}

// toPiece returns the squared chord from the vertices of p to the edges of q.
func toPiece(p, q *piece) float64 {
	best := math.Inf(1)
	for i := range p.vertices {
		at := p.vertices[i].at
		toA := chord(at, q.vertices[0].at)
		best = math.Min(best, toA)
		for j := 1; j < len(q.vertices); j++ {
			toB := chord(at, q.vertices[j].at)
			best = math.Min(best, edge(at, q.vertices[j-1].at, q.vertices[j].at, toA, toB))
			toA = toB
		}
	}
	return best
}
