package provider

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"abroad/analyze/locate"
)

// A Region is where a provider keeps machines, as our own table knows it.
type Region struct {
	Provider, Name string
	Country        string // ISO 3166-1 alpha-2; empty for a region that is nowhere in particular
	City           string
	Lat, Lon       float64 // of the city, in degrees; meaningless if City is empty
	Source         string  // the operator's document in which the country was read, or "unverified"
	Doubt          string  // why the row is not to be believed; empty if nothing speaks against it
}

//go:embed regions.csv
var regionsFile []byte

var regionColumns = []string{"provider", "region", "country", "city", "lat", "lon", "source", "doubt"}

// Regions lists the table, by provider and in the order of the file. It is part of the program: a broken one is a bug that a test finds.
var Regions = sync.OnceValue(func() []Region {
	list, err := readTable(regionsFile)
	if err != nil {
		panic(fmt.Sprintf("regions.csv: %v", err))
	}
	return list
})

var regionIndex = sync.OnceValue(func() map[[2]string]*Region {
	list := Regions()
	index := make(map[[2]string]*Region, len(list))
	for i := range list {
		index[[2]string{list[i].Provider, list[i].Name}] = &list[i]
	}
	return index
})

// regionOf returns the row of a region; nil if there is none.
func regionOf(provider, name string) *Region { return regionIndex()[[2]string{provider, name}] }

func readTable(file []byte) ([]Region, error) {
	rows := csv.NewReader(bytes.NewReader(file))
	rows.Comment = '#'
	all, err := rows.ReadAll()
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || !slices.Equal(all[0], regionColumns) {
		return nil, fmt.Errorf("want the columns %q", regionColumns)
	}
	seen := map[[2]string]bool{}
	var list []Region
	for _, f := range all[1:] {
		r := Region{Provider: f[0], Name: f[1], Country: f[2], City: f[3], Source: f[6], Doubt: f[7]}
		key := [2]string{r.Provider, r.Name}
		if r.Provider == "" || r.Name == "" || r.Source == "" || seen[key] {
			return nil, fmt.Errorf("row %q: provider, region or source is empty, or it is there twice", f)
		}
		seen[key] = true
		if r.Country != locate.Country(r.Country) {
			return nil, fmt.Errorf("row %q: country %q", f, r.Country)
		}
		if (f[3] == "") != (f[4] == "") || (f[4] == "") != (f[5] == "") {
			return nil, fmt.Errorf("row %q: want a city with its coordinates, or none of them", f)
		}
		if f[4] != "" {
			var latErr, lonErr error
			r.Lat, latErr = strconv.ParseFloat(f[4], 64)
			r.Lon, lonErr = strconv.ParseFloat(f[5], 64)
			if latErr != nil || lonErr != nil || r.Lat < -90 || r.Lat > 90 || r.Lon < -180 || r.Lon > 180 {
				return nil, fmt.Errorf("row %q: coordinates %q, %q", f, f[4], f[5])
			}
		}
		list = append(list, r)
	}
	return list, nil
}
