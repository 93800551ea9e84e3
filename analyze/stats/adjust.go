package stats

import (
	"cmp"
	"math"
	"slices"
)

// Adjust returns the q-value of every p-value: the smallest false discovery rate at which the step-up procedure of Benjamini and Hochberg
// would believe it (J. R. Statist. Soc. B 57, 1995, pages 289-300). The order is that of p. A NaN was not tested: it stays NaN and counts
// for nothing.
func Adjust(p []float64) []float64 {
	order := make([]int, 0, len(p))
	for i, v := range p {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	q := make([]float64, len(p))
	for i := range q {
		q[i] = math.NaN()
	}
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, max(p[i], p[i]*float64(len(order))/float64(rank))) // p*m/m can round below p
		q[i] = least
	}
	return q
}
