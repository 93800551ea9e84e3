package locate

import (
	"net/netip"

	"abroad/analyze/audit"
)

// A sheet collects the claims about one address. Sources write their part; who said it and about which address is stamped, not told.
type sheet struct {
	address netip.Addr // as the audit knows it
	asked   netip.Addr // what datasets are asked about: the address inside a translated one
	names   []string
	later   []string // names that a resolver gave after the recording, and that were confirmed
	as      uint32   // of the first network claim
	asKey   string   // the row it stands in

	by     string
	set    audit.ID
	claims []audit.Claim
}

// say adds a claim that quotes the row key.
func (s *sheet) say(key string, c audit.Claim) {
	c.Address = s.address
	if c.By == "" {
		c.By = s.by
	}
	c.Said = audit.Citation{Dataset: s.set, Key: key}
	if c.Kind == audit.ClaimNetwork && s.as == 0 {
		s.as, s.asKey = c.AS, key
	}
	s.claims = append(s.claims, c)
}
