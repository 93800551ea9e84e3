package main

import (
	"abroad/analyze/audit"
	"abroad/capture/session"
)

// toVantage is a session's vantage as an audit shows it; nil if it has none.
func toVantage(v *session.Vantage) *audit.Vantage {
	switch {
	case v.Lat != nil && v.Lon != nil && v.AccuracyKM > 0:
		return &audit.Vantage{Lat: *v.Lat, Lon: *v.Lon, Radius: v.AccuracyKM}
	case v.Country != "":
		return &audit.Vantage{Country: v.Country}
	}
	return nil
}
