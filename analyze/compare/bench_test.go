package compare

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkTwenty is two sets of 20 sessions with 300 destinations each, and 100,000 random splits.
func BenchmarkTwenty(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	hosts := func(int) (list []fictionHost) {
		for i := range 300 {
			if i < 100 || r.Float64() < 0.5 {
				list = append(list, fictionHost{name: fmt.Sprintf("www.%s%s.example", letters(i/100), letters(i%100))})
			}
		}
		return list
	}
	old, fresh := fictional("1", false, 20, hosts), fictional("2", true, 20, hosts)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Run([]Input{old}, []Input{fresh}, nil, Options{By: "version"}); err != nil {
			b.Fatal(err)
		}
	}
}
