package stats

// Coverage estimates the share of what there is to see that was seen, after Good and Turing: 1 - f1/n, where n counts sightings (things
// times the sessions that show them) and f1 the things that a single session shows (I. J. Good, Biometrika 40, 1953, pages 237-264; for
// sessions as samples see Chao and others, Ecological Monographs 84, 2014, pages 45-67). Seen holds, for every thing, in how many sessions
// it was; nothing seen gives 0.
func Coverage(seen []int) float64 {
	f1, n := 0, 0
	for _, k := range seen {
		if k == 1 {
			f1++
		}
		n += k
	}
	if n == 0 {
		return 0
	}
	return 1 - float64(f1)/float64(n)
}

// Richness estimates how many things there are, those never seen included, by the bias-corrected Chao2 estimator
// (A. Chao, Biometrics 43, 1987, pages 783-791): a lower bound. Sessions is their number.
func Richness(seen []int, sessions int) float64 {
	var all, f1, f2 float64
	for _, k := range seen {
		switch {
		case k == 1:
			f1++
		case k == 2:
			f2++
		}
		if k > 0 {
			all++
		}
	}
	if sessions < 1 {
		return all
	}
	m := float64(sessions)
	return all + (m-1)/m*f1*(f1-1)/(2*(f2+1))
}
