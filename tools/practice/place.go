package main

import (
	"math"
	"time"
)

// A place is a real city: the fiction borrows its position, nothing else.
type place struct {
	name, country string  // country is ISO 3166-1 alpha-2
	lat, lon      float64 // degrees
}

var places = []place{
	{"Reykjavik", "IS", 64.147, -21.942},
	{"Dublin", "IE", 53.350, -6.260},
	{"London", "GB", 51.507, -0.128},
	{"Amsterdam", "NL", 52.370, 4.900},
	{"Frankfurt", "DE", 50.111, 8.682},
	{"Paris", "FR", 48.857, 2.352},
	{"Stockholm", "SE", 59.329, 18.069},
	{"Helsinki", "FI", 60.170, 24.938},
	{"Ashburn", "US", 39.044, -77.487},
	{"Sao Paulo", "BR", -23.551, -46.633},
	{"Singapore", "SG", 1.352, 103.820},
}

// vantage is where all practice recordings are made. Iceland lies far from every other country, so that a short round trip can confine an
// endpoint to one country even over Wi-Fi.
const vantage = "Reykjavik"

// The model of a round trip: light in fibre covers 100 km and back in a millisecond, detours make it longer, and the last metres cost access.
const (
	kmPerMillisecond = 100.0
	inflation        = 1.30
	access           = 1300 * time.Microsecond
	vacuumKM         = 149.896229 // km one way per millisecond of round trip, at the speed of light
)

func placeNamed(name string) (place, bool) {
	for _, p := range places {
		if p.name == name {
			return p, true
		}
	}
	return place{}, false
}

// distance returns the great-circle distance in km.
func distance(a, b place) float64 {
	const radius, rad = 6371.0, math.Pi / 180
	dLat, dLon := (b.lat-a.lat)*rad, (b.lon-a.lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.lat*rad)*math.Cos(b.lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return 2 * radius * math.Asin(math.Sqrt(h))
}

// roundTrip returns the modelled round trip between the vantage and a place, without jitter.
func roundTrip(name string) time.Duration {
	here, _ := placeNamed(vantage)
	there, _ := placeNamed(name)
	return access + time.Duration(distance(here, there)/kmPerMillisecond*inflation*float64(time.Millisecond))
}
