package main

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
)

// Which territories the maps' features are. Natural Earth puts overseas parts into their states, and draws who holds an area; ISO 3166-1 gives
// the parts codes of their own, and an area that two states claim counts to both, so that physics excludes neither.

//go:embed iso3166.csv
var isoCSV []byte

//go:embed places.csv
var placesCSV []byte

// A box is a part of the world, in degrees.
type box struct{ west, east, south, north float64 }

func (b box) has(lon, lat float64) bool {
	return lon >= b.west && lon <= b.east && lat >= b.south && lat <= b.north
}

var everywhere = box{-180, 180, -90, 90}

// splits say which polygons of a feature are not its own; the first that holds the polygon's middle counts. A feature without a code is
// called by its name.
var splits = []struct {
	from string
	box  box
	to   []string
}{
	{"FR", box{-62, -61.5, 15.8, 17}, []string{"GP"}},
	{"FR", box{-61.5, -60.9, 15.8, 17}, []string{"GP"}}, // Marie-Galante, La Désirade
	{"FR", box{-62, -60, 14, 15.2}, []string{"MQ"}},
	{"FR", box{54, 57, -22, -20}, []string{"RE"}},
	{"FR", box{-55, -51, 1, 7}, []string{"GF"}},
	{"FR", box{44, 46, -14, -12}, []string{"YT"}},
	{"NL", box{-70, -62, 11, 19}, []string{"BQ"}},
	{"NO", box{0, 40, 74, 82}, []string{"SJ"}},   // Svalbard
	{"NO", box{-10, -7, 70, 72}, []string{"SJ"}}, // Jan Mayen
	{"NO", box{3, 4, -55, -54}, []string{"BV"}},
	{"NZ", box{-173, -170, -10, -8}, []string{"TK"}},
	{"RU", box{32, 37, 44, 46.5}, []string{"RU", "UA"}}, // Crimea
	{"EH", everywhere, []string{"EH", "MA"}},
	{"Kosovo", everywhere, []string{"RS", "XK"}},
	{"N. Cyprus", everywhere, []string{"CY"}},
	{"Somaliland", everywhere, []string{"SO"}},
	{"Siachen Glacier", everywhere, []string{"IN", "PK"}},
	{"Indian Ocean Ter.", box{105, 106, -11, -10}, []string{"CX"}},
	{"Indian Ocean Ter.", box{96, 97.5, -13, -11.5}, []string{"CC"}},
	{"Ashmore and Cartier Is.", everywhere, []string{"AU"}},
	{"Coral Sea Is.", everywhere, []string{"AU"}},
}

// nobody's land, or no land: reefs that many claim, leased ground, buffer zones, an island where nobody lives.
var nobody = []string{
	"Spratly Is.", "Scarborough Reef", "Bajo Nuevo Bank", "Serranilla Bank", "Clipperton I.", "USNB Guantanamo Bay", "Akrotiri", "Dhekelia",
	"Cyprus U.N. Buffer Zone", "Baikonur", "Brazilian I.", "S. Patagonian Ice Field", "Bir Tawil",
}

// isoCodes returns alpha-2 codes by numeric code, and the list of them all.
func isoCodes() (byNumber map[string]string, all []string, err error) {
	rows, err := table(isoCSV)
	if err != nil {
		return nil, nil, err
	}
	byNumber = map[string]string{}
	for _, row := range rows {
		all = append(all, row[0])
		if row[1] != "" {
			byNumber[row[1]] = row[0]
		}
	}
	return byNumber, all, nil
}

// table reads CSV with "#" comments and a header line, which it leaves out.
func table(text []byte) ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}

// owners returns the territories that a polygon of a feature belongs to; none if it is nobody's.
func owners(byNumber map[string]string, f feature, p polygon) ([]string, error) {
	from := byNumber[f.ID]
	if from == "" || f.Properties.Name == "Ashmore and Cartier Is." {
		from = f.Properties.Name
	}
	lon, lat := p.middle()
	for _, s := range splits {
		if s.from == from && s.box.has(lon, lat) {
			return s.to, nil
		}
	}
	switch {
	case byNumber[f.ID] != "":
		return []string{byNumber[f.ID]}, nil
	case slices.Contains(nobody, from):
		return nil, nil
	}
	return nil, fmt.Errorf("feature %q (%q) at %.2f, %.2f belongs to nobody", from, f.ID, lat, lon)
}

// A place is an island as a disc.
type place struct {
	country          string
	lat, lon, radius float64 // degrees, km
}

func places() ([]place, error) {
	rows, err := table(placesCSV)
	if err != nil {
		return nil, err
	}
	var list []place
	for _, row := range rows {
		p := place{country: row[0]}
		for i, to := range []*float64{&p.lat, &p.lon, &p.radius} {
			if *to, err = strconv.ParseFloat(row[i+1], 64); err != nil {
				return nil, fmt.Errorf("place %q: %w", row[4], err)
			}
		}
		if row[5] == "" {
			return nil, fmt.Errorf("place %q: no source", row[4])
		}
		list = append(list, p)
	}
	return list, nil
}
