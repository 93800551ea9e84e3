package main

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

// halfway is half of the Earth's circumference in km: a larger radius would say nothing.
const halfway = 20_038

// parseVantage reads where a recording was made: "DE", or latitude, longitude (degrees) and radius (km) joined by commas.
func parseVantage(s string) (*audit.Vantage, error) {
	if s == "" {
		return nil, nil
	}
	parts := strings.Split(s, ",")
	if len(parts) == 1 {
		code := strings.ToUpper(s)
		if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return nil, fmt.Errorf("%q is neither a country code like DE nor LAT,LON,KM like 52.5,13.4,50", s)
		}
		if code == "UK" {
			return nil, fmt.Errorf("%q is no ISO 3166-1 country code: the United Kingdom is GB", s)
		}
		if locate.Country(code) == "" {
			return nil, fmt.Errorf("%q is no ISO 3166-1 country code", s)
		}
		return &audit.Vantage{Country: code}, nil
	}
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q has %d parts, want LAT,LON,KM like 52.5,13.4,50", s, len(parts))
	}
	var v [3]float64
	for i, limit := range [...]struct {
		name     string
		min, max float64
	}{{"latitude", -90, 90}, {"longitude", -180, 180}, {"radius in km", 0, halfway}} {
		x, err := strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		if err != nil || math.IsNaN(x) || x < limit.min || x > limit.max {
			return nil, fmt.Errorf("%s %q: want a number from %g to %g", limit.name, parts[i], limit.min, limit.max)
		}
		v[i] = x
	}
	if v[2] == 0 {
		return nil, fmt.Errorf("radius in km %q: want more than 0; nobody knows a place exactly", parts[2])
	}
	return &audit.Vantage{Lat: v[0], Lon: v[1], Radius: v[2]}, nil
}

// checkDevice accepts an IP or a MAC address.
func checkDevice(s string) error {
	if s == "" {
		return nil
	}
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if mac, err := net.ParseMAC(s); err == nil && len(mac) == 6 {
		return nil
	}
	return fmt.Errorf("%q is neither an IP nor a MAC address", s)
}
