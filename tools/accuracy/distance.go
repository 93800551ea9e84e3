package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"text/tabwriter"
)

// A point is a place on the Earth, in degrees.
type point struct {
	name     string
	lat, lon float64
}

// vantages are where round trips are simulated from: in the middle of Europe, North America and South-East Asia.
var vantages = []point{{"Frankfurt", 50.1, 8.7}, {"Ashburn", 39.0, -77.5}, {"Singapore", 1.4, 103.8}}

// The simulated access: a fixed line with WiFi. Cables are longer than the great circle, and the first mile takes time.
const (
	kmPerMS   = 100.0 // of distance, a millisecond of round trip at 2/3 of the speed of light
	detour    = 1.5
	accessMS  = 4.0
	vantageKM = 25
)

// places reads where the regions are: provider and region -> point.
func places(path string) (map[[2]string]point, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comment = '#'
	all, err := rows.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	list := map[[2]string]point{}
	for _, f := range all {
		lat, latErr := strconv.ParseFloat(f[4], 64)
		lon, lonErr := strconv.ParseFloat(f[5], 64)
		if latErr == nil && lonErr == nil {
			list[[2]string{f[0], f[1]}] = point{f[3], lat, lon}
		}
	}
	return list, nil
}

// km is the great circle between two points.
func km(a, b point) float64 {
	const radius, degree = 6371.0, math.Pi / 180
	h := math.Pow(math.Sin((b.lat-a.lat)*degree/2), 2) + math.Cos(a.lat*degree)*math.Cos(b.lat*degree)*math.Pow(math.Sin((b.lon-a.lon)*degree/2), 2)
	return 2 * radius * math.Asin(min(1, math.Sqrt(h)))
}

// simulated measures (d): round trips that are computed from where the truth says an address is. They agree with it by construction, so only
// coverage is printed: how many places they confine, to how many countries, and how grades change.
func (m *measurement) simulated(rows []row, regions string, flags ...string) error {
	where, err := places(regions)
	if os.IsNotExist(err) {
		fmt.Fprintf(m.out, "\n(d) not measured: there is no %s\n", regions)
		return nil
	}
	if err != nil {
		return err
	}
	var kept []row
	for _, r := range rows {
		if _, ok := where[[2]string{r.provider, r.region}]; ok {
			kept = append(kept, r)
		}
	}
	fmt.Fprintf(m.out, "\n(d) and simulated round trips: by construction, coverage only; %d addresses whose region's city is known\n", len(kept))
	tab := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "vantage\tL4\tL3\tL2\tL1\tL0\tconfined\tto at most 5\tmedian of countries\t")
	for _, v := range vantages {
		timed := make([]row, len(kept))
		for i, r := range kept {
			r.ms = km(v, where[[2]string{r.provider, r.region}])/kmPerMS*detour + accessMS
			timed[i] = r
		}
		answers, err := m.ask(timed, append([]string{"--vantage", fmt.Sprintf("%g,%g,%d", v.lat, v.lon, vantageKM)}, flags...)...)
		if err != nil {
			return err
		}
		count := map[string]int{}
		var sizes []int
		few := 0
		for i := range answers {
			count[answers[i].Grade]++
			if n := len(answers[i].Within); n > 0 {
				sizes = append(sizes, n)
				if n <= 5 {
					few++
				}
			}
		}
		slices.Sort(sizes)
		median := "-"
		if len(sizes) > 0 {
			median = strconv.Itoa(sizes[len(sizes)/2])
		}
		fmt.Fprintf(tab, "%s", v.name)
		for _, grade := range grades {
			fmt.Fprintf(tab, "\t%s", percent(count[grade], len(kept)))
		}
		fmt.Fprintf(tab, "\t%s\t%s\t%s\t\n", percent(len(sizes), len(kept)), percent(few, len(kept)), median)
	}
	return tab.Flush()
}
