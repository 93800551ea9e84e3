package locate

import (
	"net/netip"
	"slices"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
)

func entry(name string, kind dataset.Kind) dataset.Dataset {
	return dataset.Dataset{Dataset: audit.Dataset{Name: name}, File: name, Kind: kind}
}

// What a list of networks says is known before lists of edges are asked, wherever they stand in the index: an AS can be an edge.
func TestNetworksAreAskedFirst(t *testing.T) {
	dir := directoryOf(t, map[string]string{
		"edges":    "match,operator,kind,source,read\nAS64500,Front,edge,,\n",
		"networks": "prefix,as,organisation,registered\n240.0.0.0/4,1,A,\n46.4.0.0/16,64500,B,\n",
	}, dataset.Index{entry("edges", dataset.Anycast), entry("networks", dataset.Networks)})
	l, err := Open(Options{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// The program's own list of networks is not asked here, so that only the order of the directory counts.
	l.asking = slices.DeleteFunc(l.asking, func(s *Source) bool { return s.Embedded })
	claims := l.Claims(Query{Address: addr("46.4.0.1")})
	var kinds []audit.ClaimKind
	for i, c := range claims {
		kinds = append(kinds, c.Kind)
		if i > 0 && claims[i-1].Said.Dataset.Compare(c.Said.Dataset) > 0 {
			t.Errorf("claims are not in the order of datasets: %v", claims)
		}
	}
	if want := []audit.ClaimKind{audit.ClaimEdge, audit.ClaimNetwork}; !slices.Equal(kinds, want) {
		t.Errorf("claims %v, want %v", kinds, want)
	}
}

// A question with names asks each source once.
func TestAskWithNames(t *testing.T) {
	l := open(t, Options{})
	plain := l.Claims(Query{Address: addr("52.16.0.1")})
	named := l.Claims(Query{Address: addr("52.16.0.1"), Names: []string{"x.eu-west-1.elb.amazonaws.com"}})
	if len(plain) == 0 || len(named) != len(plain)+1 || named[len(plain)].Kind != audit.ClaimToken {
		t.Errorf("%d claims, with a name %d: %+v", len(plain), len(named), named)
	}
}

// Datasets about the world are not asked about the fiction: what they say of space for benchmarks is about other networks.
func TestFictionIsNotTheWorld(t *testing.T) {
	dir := directoryOf(t, map[string]string{"db": "prefix,country,registered\n198.18.0.0/15,NL,\n"}, dataset.Index{entry("db", dataset.Databases)})
	l := open(t, Options{Data: dir, Practice: true})
	claims := l.Claims(Query{Address: addr("198.18.80.1"), Practice: true})
	if len(claims) == 0 || slices.ContainsFunc(claims, func(c audit.Claim) bool {
		return c.Country == "NL" && c.Kind == audit.ClaimDatabase && l.sources[c.Said.Dataset.N-1].Name == "db"
	}) {
		t.Errorf("claims %+v", claims)
	}
}

// A library forgets nothing, so it remembers no more than so many.
func TestCacheIsBounded(t *testing.T) {
	l := open(t, Options{})
	for i := range MaxCached + 100 {
		l.Ask(Query{Address: netip.AddrFrom4([4]byte{5, byte(i >> 16), byte(i >> 8), byte(i)})})
	}
	if len(l.cached) != MaxCached {
		t.Errorf("%d addresses are kept, want %d", len(l.cached), MaxCached)
	}
}
