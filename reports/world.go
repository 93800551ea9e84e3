package reports

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

// The map of the world, made by tools/data: outlines of Natural Earth at 1:110 million in an equal-area projection. Nothing is concluded
// from it.
//
//go:embed world.txt
var worldText string

// The map's grid, and the part of it that is Europe; both in the grid's units.
const (
	worldBox  = "120 0 3800 1640"
	europeBox = "1830 80 500 345"
)

// A land is one territory as the map has it.
type land struct {
	Name string
	Path string // SVG path; empty for what is too small to be drawn
	X, Y int    // its middle
	Size int    // side of a square as large as its largest part
}

// lands are the territories by ISO 3166-1 code. Nobody pays for them before a map is drawn or a country is named.
var lands = sync.OnceValue(func() map[string]land {
	all := make(map[string]land, 256)
	for line := range strings.Lines(worldText) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 6 {
			continue // a comment
		}
		l := land{Name: f[1], Path: f[5]}
		l.X, _ = strconv.Atoi(f[2])
		l.Y, _ = strconv.Atoi(f[3])
		l.Size, _ = strconv.Atoi(f[4])
		all[f[0]] = l
	}
	return all
})

// nation writes a code with its name: "Ireland (IE)"; a code that the map does not have stays one.
func nation(code string) foreign {
	if l, ok := lands()[code]; ok {
		return foreign(l.Name + " (" + code + ")")
	}
	return clip(code, 20)
}

// inEurope reports whether a place on the grid is on the map of Europe.
func (l land) inEurope() bool { return l.X >= 1830 && l.X <= 2330 && l.Y >= 80 && l.Y <= 425 }
