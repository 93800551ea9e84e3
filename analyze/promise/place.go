package promise

import (
	"slices"

	"abroad/analyze/law"
	"abroad/analyze/locate"
)

// Expand returns the countries that places name on a day (2006-01-02), sorted: a group stands for who belonged to it on that day, so that GB
// is in the EU in 2019 and not in 2021.
func Expand(places []string, day string) []string {
	var list []string
	for _, p := range places {
		if law.IsGroup(p) {
			list = append(list, law.Members(p, day)...)
		} else {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// isPlace reports whether s is a country's code in capitals, or a group.
func isPlace(s string) bool { return law.IsGroup(s) || isCountry(s) }

func isCountry(s string) bool { return s != "" && locate.Country(s) == s }
