package locate

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// Weigh concludes from what is said about an address, and from what physics leaves, where it is (architecture section 5 and 6):
//
//	L4  within is one country
//	L3  two different kinds (operator, token, database) name one country, and no operator or token claim names another
//	L2  one operator or token claim alone, or against databases; or two databases of different publishers agree
//	L1  one database alone, databases differ, operator and token differ; or the address is an edge
//	L0  nothing is said, or nothing that is said is possible
//
// A token whose meaning was not read in a document of its operator is a claim like any other, but no kind of its own: it never makes an L3.
//
// Operators weigh more than databases, and a list of regions more than a geofeed; nothing is ever decided by counting. An edge has no
// country, unless a more specific prefix of its operator names a region. Registrations are no place.
//
// claims are those about one address, with ids; datasets are those that they cite. within is sorted; empty means that physics excludes
// nothing. Weigh is pure, and the order of claims does not matter.
func Weigh(class audit.Class, claims []audit.Claim, datasets []audit.Dataset, within []string) audit.Place {
	if notAPlace(class) && len(claims) == 0 {
		return audit.Place{Grade: audit.L0, Words: classWords[class]}
	}
	w := weighing{datasets: datasets, within: within}
	w.place.Within = slices.Clip(within) // shared: a hundred thousand endpoints have a few dozen sets
	w.sort(claims)
	w.role()
	w.exclude()
	w.choose()
	w.grade()
	w.place.Words = w.words()
	w.place.Missing = w.missing()
	slices.SortFunc(w.place.Because, audit.ID.Compare)
	w.place.Because = slices.Compact(w.place.Because)
	slices.SortFunc(w.place.Rejected, func(a, b audit.Rejected) int { return a.Claim.Compare(b.Claim) })
	return w.place
}

// notAPlace reports whether addresses of the class are no place, whatever is said.
func notAPlace(class audit.Class) bool {
	switch class {
	case audit.ClassPublic, audit.ClassNAT64, audit.ClassPractice:
		return false
	}
	return true
}

// A weighing is one call of Weigh. The lists hold the claims that still stand, by kind, in order of ids.
type weighing struct {
	place    audit.Place
	datasets []audit.Dataset
	within   []string

	overrides, operators, tokens, databases []*audit.Claim
	edges, physics, registrations           []*audit.Claim

	named   []string        // every country that an operator or token claim names, followed or not
	refuted []*audit.Claim  // what physics excludes
	beaten  []*audit.Claim  // place claims that a stronger kind beats
	voices  map[string]bool // publishers of the databases that are followed; nil until choose
}

// sort sorts claims by kind. Claims that name no country say nothing about a place.
func (w *weighing) sort(claims []audit.Claim) {
	byID := make([]*audit.Claim, len(claims))
	for i := range claims {
		byID[i] = &claims[i]
	}
	slices.SortStableFunc(byID, func(a, b *audit.Claim) int {
		return cmp.Or(a.ID.Compare(b.ID), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Country, b.Country))
	})
	for _, c := range byID {
		if c.Bound == audit.BoundImplausible {
			continue // shown, and no more
		}
		list := w.list(c.Kind)
		if list != nil && (c.Country != "" || c.Kind == audit.ClaimEdge || c.Kind == audit.ClaimPhysics) {
			*list = append(*list, c)
		}
	}
	for _, list := range [][]*audit.Claim{w.operators, w.tokens} {
		for _, c := range list {
			w.named = append(w.named, c.Country)
		}
	}
}

// list returns where claims of a kind are kept; nil for those that are no evidence of a place.
func (w *weighing) list(kind audit.ClaimKind) *[]*audit.Claim {
	switch kind {
	case audit.ClaimOverride:
		return &w.overrides
	case audit.ClaimOperator:
		return &w.operators
	case audit.ClaimToken:
		return &w.tokens
	case audit.ClaimDatabase:
		return &w.databases
	case audit.ClaimEdge:
		return &w.edges
	case audit.ClaimPhysics:
		return &w.physics
	case audit.ClaimRegistration:
		return &w.registrations
	}
	return nil
}

// role decides between edge and host. A prefix of the operator's regions that is more specific than every edge range means a host, since
// lists of anycast prefixes are broader than what they mean (location.md, conclusion 7). A person's correction means a host too.
func (w *weighing) role() {
	broadest := -1 // the most specific edge range
	for _, c := range w.edges {
		broadest = max(broadest, specificity(c))
	}
	region := -1
	for _, c := range w.operators {
		region = max(region, specificity(c))
	}
	switch {
	case len(w.edges) == 0 && len(w.operators)+len(w.tokens) > 0:
		w.place.Role = audit.RoleHost
	case len(w.edges) == 0:
	case len(w.overrides) > 0:
		w.place.Role = audit.RoleHost
		w.edges = w.reject(w.edges, "a correction by hand names a country", nil)
	case region > broadest:
		w.place.Role = audit.RoleHost
		w.edges = w.reject(w.edges, "a more specific prefix of the operator is bound to a region", nil)
	default:
		w.place.Role = audit.RoleEdge
		const why = "the address has no single place: its location follows the client"
		w.operators = w.reject(w.operators, why, nil)
		w.tokens = w.reject(w.tokens, why, nil)
		w.databases = w.reject(w.databases, why, nil)
		w.because(w.edges)
	}
}

// specificity is how many addresses a claim speaks of, the fewer the higher. An AS is broader than any prefix. IPv4 and IPv6 prefixes do
// not meet, since all claims are about one address.
func specificity(c *audit.Claim) int {
	prefix, err := netip.ParsePrefix(c.Said.Key)
	if err != nil {
		return -1
	}
	return prefix.Bits()
}

// exclude drops what physics refutes.
func (w *weighing) exclude() {
	if len(w.within) == 0 {
		return
	}
	possible := func(c *audit.Claim) bool { return slices.Contains(w.within, c.Country) }
	for _, list := range []*[]*audit.Claim{&w.overrides, &w.operators, &w.tokens, &w.databases} {
		for _, c := range *list {
			if !possible(c) {
				w.refuted = append(w.refuted, c)
			}
		}
		*list = w.reject(*list, "the round trip is too short for it", possible)
	}
	w.because(w.physics)
}

// choose follows the strongest claims that are left.
func (w *weighing) choose() {
	switch {
	case len(w.overrides) > 0:
		w.follow(w.overrides)
		same := w.same(w.place.Candidates)
		w.beat(&w.operators, "corrected by hand", same)
		w.beat(&w.tokens, "corrected by hand", same)
		w.beat(&w.databases, "corrected by hand", same)
	case len(w.operators)+len(w.tokens) > 0:
		w.rank()
		w.follow(w.operators)
		w.follow(w.tokens)
		w.beat(&w.databases, "a database, and the operator names another country", w.same(w.place.Candidates))
	}
	w.follow(w.operators)
	w.follow(w.tokens)
	w.follow(w.databases)
	slices.Sort(w.place.Candidates)
	if len(w.place.Candidates) == 1 {
		w.place.Country = w.place.Candidates[0]
	}
	w.voices = map[string]bool{}
	for _, c := range w.databases {
		if publisher := w.dataset(c).Publisher; publisher != "" {
			w.voices[publisher] = true
		}
	}
}

// rank keeps, of the operators' claims, the lists of regions over the geofeeds, and the most specific prefixes. A claim that names the same
// country as one that is kept is kept too.
func (w *weighing) rank() {
	best := slices.MaxFunc(append([]*audit.Claim{{}}, w.operators...), compareOperators)
	var top []string
	for _, c := range w.operators {
		if compareOperators(c, best) == 0 {
			top = append(top, c.Country)
		}
	}
	w.beat(&w.operators, "a region list or a more specific prefix of an operator names another country", w.same(top))
}

// compareOperators orders operators' claims, the stronger last; the claim of nobody comes first.
func compareOperators(a, b *audit.Claim) int {
	rank := func(c *audit.Claim) int {
		switch {
		case c.Kind == "":
			return 0
		case c.By == byGeofeed:
			return 1
		}
		return 2
	}
	return cmp.Or(rank(a)-rank(b), specificity(a)-specificity(b))
}

// same returns a test for claims that name one of the countries.
func (w *weighing) same(countries []string) func(*audit.Claim) bool {
	countries = slices.Clone(countries)
	return func(c *audit.Claim) bool { return slices.Contains(countries, c.Country) }
}

// beat rejects the claims of a list that do not pass keep.
func (w *weighing) beat(list *[]*audit.Claim, why string, keep func(*audit.Claim) bool) {
	for _, c := range *list {
		if !keep(c) {
			w.beaten = append(w.beaten, c)
		}
	}
	*list = w.reject(*list, why, keep)
}

// reject takes the claims that do not pass keep (all of them if keep is nil) out of a list, and says why.
func (w *weighing) reject(list []*audit.Claim, why string, keep func(*audit.Claim) bool) []*audit.Claim {
	var kept []*audit.Claim
	for _, c := range list {
		if keep != nil && keep(c) {
			kept = append(kept, c)
			continue
		}
		w.place.Rejected = append(w.place.Rejected, audit.Rejected{Claim: c.ID, Why: why})
	}
	return kept
}

// follow makes the countries of a list candidates.
func (w *weighing) follow(list []*audit.Claim) {
	for _, c := range list {
		if !slices.Contains(w.place.Candidates, c.Country) {
			w.place.Candidates = append(w.place.Candidates, c.Country)
		}
	}
	w.because(list)
}

func (w *weighing) because(list []*audit.Claim) {
	for _, c := range list {
		w.place.Because = append(w.place.Because, c.ID)
	}
}

// grade grades what was followed.
func (w *weighing) grade() {
	p := &w.place
	kinds := 0
	for _, there := range []bool{len(w.operators) > 0, w.readTokens(), len(w.databases) > 0} {
		if there {
			kinds++
		}
	}
	disputed := slices.ContainsFunc(w.named, func(country string) bool { return country != p.Country })
	switch {
	case len(w.within) == 1:
		p.Grade = audit.L4
		if p.Role != audit.RoleEdge {
			p.Country, p.Candidates = w.within[0], []string{w.within[0]}
		}
	case p.Role == audit.RoleEdge:
		p.Grade = audit.L1
	case len(p.Candidates) == 0:
		p.Grade = audit.L0
	case len(p.Candidates) > 1:
		p.Grade = audit.L1
	case kinds >= 2 && !disputed && len(w.overrides) == 0:
		p.Grade = audit.L3
	case len(w.overrides)+len(w.operators)+len(w.tokens) > 0, len(w.voices) >= 2:
		p.Grade = audit.L2
	default:
		p.Grade = audit.L1
	}
}

// readTokens reports whether a token that is followed was read in a document of its operator.
func (w *weighing) readTokens() bool {
	return slices.ContainsFunc(w.tokens, func(c *audit.Claim) bool { return c.By != byUnread })
}

var unknownDataset audit.Dataset

// dataset returns the dataset that a claim cites.
func (w *weighing) dataset(c *audit.Claim) *audit.Dataset {
	id := c.Said.Dataset
	if n := int(id.N); n > 0 && n <= len(w.datasets) && w.datasets[n-1].ID == id {
		return &w.datasets[n-1]
	}
	for i := range w.datasets {
		if w.datasets[i].ID == id {
			return &w.datasets[i]
		}
	}
	return &unknownDataset
}
