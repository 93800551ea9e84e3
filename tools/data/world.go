package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
)

// The map that reports draw: Natural Earth at 1:110 million, projected and rounded, one line a territory. Territories that it does not show
// have a position and a name only; a report draws them as dots.

// The map's grid: x runs from 0 to worldWidth between 180 degrees west and east at the equator, y down from worldNorth to worldSouth.
const (
	worldWidth = 4000
	worldNorth = 84.0
	worldSouth = -57.0
)

// names of territories that Natural Earth shortens, calls otherwise than their states do today, or draws within another.
var names = map[string]string{
	"AG": "Antigua and Barbuda", "AX": "Åland Islands", "BA": "Bosnia and Herzegovina", "BL": "Saint Barthélemy", "BQ": "Caribbean Netherlands", "BV": "Bouvet Island",
	"CC": "Cocos (Keeling) Islands", "CD": "DR Congo", "CF": "Central African Republic", "CG": "Congo", "CK": "Cook Islands", "CV": "Cabo Verde", "CX": "Christmas Island",
	"DO": "Dominican Republic", "EH": "Western Sahara", "FK": "Falkland Islands (Malvinas)", "FO": "Faroe Islands", "GF": "French Guiana", "GP": "Guadeloupe",
	"GQ": "Equatorial Guinea", "GS": "South Georgia and the South Sandwich Islands", "HM": "Heard Island and McDonald Islands", "IO": "British Indian Ocean Territory",
	"KN": "Saint Kitts and Nevis", "KY": "Cayman Islands", "LC": "Saint Lucia", "MF": "Saint Martin", "MH": "Marshall Islands", "MK": "North Macedonia",
	"MO": "Macao", "MP": "Northern Mariana Islands", "MQ": "Martinique", "PF": "French Polynesia", "PM": "Saint Pierre and Miquelon", "PN": "Pitcairn",
	"RE": "Réunion", "SB": "Solomon Islands", "SJ": "Svalbard and Jan Mayen", "SS": "South Sudan", "SZ": "Eswatini", "TC": "Turks and Caicos Islands",
	"TF": "French Southern Territories", "TK": "Tokelau", "TR": "Türkiye", "UM": "US Minor Outlying Islands", "US": "United States", "VA": "Vatican City",
	"VC": "Saint Vincent and the Grenadines", "VG": "British Virgin Islands", "VI": "US Virgin Islands", "WF": "Wallis and Futuna", "XK": "Kosovo", "YT": "Mayotte",
}

// project is the Equal Earth projection (Šavrič, Patterson and Jenny 2018): areas are true, which a map of where data went should be.
func project(lon, lat float64) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	sqrt3 := math.Sqrt(3)
	at := func(lon, lat float64) (float64, float64) {
		t := math.Asin(sqrt3 / 2 * math.Sin(lat*math.Pi/180))
		t2 := t * t
		t6 := t2 * t2 * t2
		return 2 * sqrt3 * lon * math.Pi / 180 * math.Cos(t) / (3 * (9*a4*t6*t2 + 7*a3*t6 + 3*a2*t2 + a1)), a4*t6*t2*t + a3*t6*t + a2*t2*t + a1*t
	}
	half, _ := at(180, 0)
	_, top := at(0, worldNorth)
	px, py := at(lon, lat)
	scale := worldWidth / (2 * half)
	return (px + half) * scale, (top - py) * scale
}

// A drawn territory.
type drawnLand struct {
	name string
	path strings.Builder
	x, y int     // of its largest part's middle, for a dot
	area float64 // of that part, in the fine map
	size float64 // area of the largest outline, in squares of the grid
}

// writeWorld reads the atlas's maps and writes world.txt for reports.
func writeWorld(files [][]byte, out string) error {
	coarse, err1 := readTopology(files[2])
	middle, err2 := readTopology(files[0])
	fine, err3 := readTopology(files[1])
	byNumber, codes, err4 := isoCodes()
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		return err
	}
	b, err := worldFile(coarse, []*topology{fine, middle}, byNumber, codes)
	if err != nil {
		return err
	}
	return replace(filepath.Join(out, "world.txt"), b)
}

// worldFile makes the map. Coarse gives the shapes, fine the positions and names.
func worldFile(coarse *topology, fine []*topology, byNumber map[string]string, all []string) ([]byte, error) {
	lands := map[string]*drawnLand{}
	for _, code := range all {
		lands[code] = &drawnLand{name: names[code]}
	}
	list, err := places()
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if l := lands[p.country]; l.area == 0 {
			x, y := project(p.lon, p.lat)
			l.x, l.y = int(math.Round(x)), int(math.Round(y))
		}
	}
	for _, t := range fine {
		err = cmp.Or(err, eachPolygon(t, byNumber, func(code string, f feature, ring [][2]float64) { lands[code].place(code, f, ring, byNumber) }))
	}
	err = cmp.Or(err, eachPolygon(coarse, byNumber, func(code string, _ feature, ring [][2]float64) { lands[code].draw(ring) }))
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	_, south := project(0, worldSouth)
	fmt.Fprintf(&b, "# Natural Earth 4.1.0 at 1:110 million (npm world-atlas 2.0.2, public domain), in the Equal Earth projection on a grid of %d by %.0f.\n", worldWidth, math.Ceil(south))
	b.WriteString("# code, name, x and y of the middle, side of a square as large as the largest part, outline; separated by tabs. Made by tools/data.\n")
	for _, code := range slices.Sorted(maps.Keys(lands)) {
		l := lands[code]
		if l.name == "" || l.x == 0 {
			return nil, fmt.Errorf("territory %q has no name or no place", code)
		}
		fmt.Fprintf(&b, "%s\t%s\t%d\t%d\t%.0f\t%s\n", code, l.name, l.x, l.y, math.Sqrt(l.size), l.path.String())
	}
	return []byte(b.String()), nil
}

// eachPolygon calls do for the outer ring of every polygon. A map of one colour an area has to draw one that two states claim with one of them:
// it is the last of its owners, but Western Sahara, which has a code of its own. Nothing is concluded from this map.
func eachPolygon(t *topology, byNumber map[string]string, do func(code string, f feature, ring [][2]float64)) error {
	var errs []error
	for _, f := range t.Objects.Countries.Geometries {
		rings, err := t.outerRings(f)
		errs = append(errs, err)
		for _, ring := range rings {
			codes, err := owners(byNumber, f, polygon{outer: ring})
			errs = append(errs, err)
			switch {
			case len(codes) == 0:
			case codes[0] == "EH":
				do("EH", f, ring)
			default:
				do(codes[len(codes)-1], f, ring)
			}
		}
	}
	return errors.Join(errs...)
}

// place notes the middle of the largest part, and the feature's name where it is the territory's own.
func (l *drawnLand) place(code string, f feature, ring [][2]float64, byNumber map[string]string) {
	if l.name == "" && byNumber[f.ID] == code {
		l.name = f.Properties.Name
	}
	x, y, area := centre(unwrap(ring))
	if area <= l.area {
		return
	}
	l.area = area
	px, py := project(x, min(worldNorth, max(worldSouth, y)))
	l.x, l.y = int(math.Round(px)), int(math.Round(py))
}

// draw appends a ring to the outline. One that crosses the antimeridian is drawn at both edges of the map.
func (l *drawnLand) draw(ring [][2]float64) {
	ring = unwrap(ring)
	west, east := 180.0, -180.0
	for _, v := range ring {
		west, east = min(west, v[0]), max(east, v[0])
	}
	for _, turn := range []float64{0, -360, 360} {
		if west+turn < 180 && east+turn > -180 {
			l.outline(ring, turn)
		}
	}
}

func (l *drawnLand) outline(ring [][2]float64, turn float64) {
	var points [][2]int
	for _, v := range ring {
		x, y := project(min(180, max(-180, v[0]+turn)), min(worldNorth, max(worldSouth, v[1])))
		p := [2]int{int(math.Round(x)), int(math.Round(y))}
		if n := len(points); n == 0 || points[n-1] != p {
			points = append(points, p)
		}
	}
	if n := len(points); n > 1 && points[0] == points[n-1] {
		points = points[:n-1]
	}
	if len(points) < 3 || flat(points) {
		return
	}
	area := 0
	for i, p := range points {
		q := points[(i+1)%len(points)]
		area += p[0]*q[1] - q[0]*p[1]
	}
	l.size = max(l.size, math.Abs(float64(area))/2)
	fmt.Fprintf(&l.path, "M%d %d", points[0][0], points[0][1])
	last := points[0]
	l.path.WriteByte('l')
	for i, p := range points[1:] {
		dx, dy := p[0]-last[0], p[1]-last[1]
		if i > 0 && dx >= 0 {
			l.path.WriteByte(' ')
		}
		fmt.Fprint(&l.path, dx)
		if dy >= 0 {
			l.path.WriteByte(' ')
		}
		fmt.Fprint(&l.path, dy)
		last = p
	}
	l.path.WriteByte('z')
}

// flat reports whether all points lie on one line of the grid, as the Antarctic does below the map's edge.
func flat(points [][2]int) bool {
	x, y := true, true
	for _, p := range points {
		x, y = x && p[0] == points[0][0], y && p[1] == points[0][1]
	}
	return x || y
}

// unwrap adds or takes whole turns so that no edge is longer than half the world.
func unwrap(ring [][2]float64) [][2]float64 {
	out := slices.Clone(ring)
	for i := 1; i < len(out); i++ {
		out[i][0] += 360 * math.Round((out[i-1][0]-out[i][0])/360)
	}
	return out
}

// centre returns the centroid of a ring in degrees and its area.
func centre(ring [][2]float64) (lon, lat, area float64) {
	var sx, sy float64
	for i, v := range ring {
		w := ring[(i+1)%len(ring)]
		cross := v[0]*w[1] - w[0]*v[1]
		area += cross / 2
		sx += (v[0] + w[0]) * cross
		sy += (v[1] + w[1]) * cross
	}
	if area == 0 {
		return ring[0][0], ring[0][1], 0
	}
	lon, lat = sx/(6*area), sy/(6*area)
	for lon > 180 {
		lon -= 360
	}
	for lon < -180 {
		lon += 360
	}
	return lon, lat, math.Abs(area) * math.Cos(lat*math.Pi/180)
}
