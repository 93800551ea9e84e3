package stats

// Power returns the probability that Fisher's test gives p <= alpha when something is seen in a session of the first set with probability
// p1, of the second with p2, for sets of m and n sessions: the sum over all tables.
func Power(m, n int, p1, p2, alpha float64) float64 {
	power := 0.0
	for a := 0; a <= m; a++ {
		wa := binomial(a, m, p1)
		if wa == 0 {
			continue
		}
		for b := 0; b <= n; b++ {
			if wb := binomial(b, n, p2); wb > 0 && Fisher(a, m, b, n) <= alpha {
				power += wa * wb
			}
		}
	}
	return min(1, power)
}

// Needed returns the smallest number of sessions of each set, up to limit, for which Power is at least power; 0 if none is.
func Needed(p1, p2, alpha, power float64, limit int) int {
	for n := 1; n <= limit; n++ {
		if Power(n, n, p1, p2, alpha) >= power {
			return n
		}
	}
	return 0
}

// NeededFor returns the smallest number of sessions of each set, not below n and up to limit, at which shares like a of m and b of n,
// rounded to whole sessions, would give p <= alpha; 0 if none would. It says what it takes if the shares stay as they are.
func NeededFor(a, m, b, n int, alpha float64, limit int) int {
	if m < 1 || n < 1 {
		return 0
	}
	for each := max(1, min(m, n)); each <= limit; each++ {
		if Fisher((2*a*each+m)/(2*m), each, (2*b*each+n)/(2*n), each) <= alpha {
			return each
		}
	}
	return 0
}
