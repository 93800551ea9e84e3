package audit

import "fmt"

// organisations checks that nothing is said of an organisation that no fact carries.
func (c *checker) organisations() error {
	for i := range c.a.Organisations {
		o := &c.a.Organisations[i]
		if err := ordinal(KindOrganisation, i, o.ID); err != nil {
			return err
		}
		for _, v := range [...]struct{ about, value string }{
			{"seat", o.Seat}, {"headquarters", o.Headquarters}, {"parent", o.Parent},
		} {
			if v.value != "" && o.Grade(v.about) == "" {
				return fmt.Errorf("%s: %s %q without a fact it stands on", o.ID, v.about, v.value)
			}
		}
		for j := range o.Facts {
			if f := &o.Facts[j]; f.Verified != (f.Grade != Unverified) || f.Verified && f.Source == "" || o.Verified && !f.Verified {
				return fmt.Errorf("%s: fact %q does not say where it was read", o.ID, f.Says)
			}
		}
	}
	return nil
}

func (c *checker) hosts() error {
	for i := range c.a.Hosts {
		h := &c.a.Hosts[i]
		if err := ordinal(KindHost, i, h.ID); err != nil {
			return err
		}
		if !h.Owner.IsZero() {
			if err := c.link(h.ID, h.Owner, KindOrganisation); err != nil {
				return err
			}
			if h.Said == nil {
				return fmt.Errorf("%s: an owner without a fact it stands on", h.ID)
			}
		}
		for _, e := range h.Endpoints {
			if err := c.link(h.ID, e, KindEndpoint); err != nil {
				return err
			}
		}
		for _, s := range h.Sessions {
			if err := c.link(h.ID, s, KindSession); err != nil {
				return err
			}
		}
	}
	for i := range c.a.Endpoints {
		if e := &c.a.Endpoints[i]; !e.Operator.IsZero() {
			if err := c.link(e.ID, e.Operator, KindOrganisation); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *checker) laws() error {
	for i := range c.a.Laws {
		l := &c.a.Laws[i]
		if err := ordinal(KindLaw, i, l.ID); err != nil {
			return err
		}
		if l.Grade != Unverified && l.Source == "" || l.Grade == "" {
			return fmt.Errorf("%s: row %q does not say where it was read", l.ID, l.Key)
		}
		for _, id := range l.Applies {
			if id.Kind != KindEndpoint && id.Kind != KindOrganisation || !c.has(id) {
				return fmt.Errorf("%s: applies to %q, which is not in the audit", l.ID, id)
			}
		}
		if int64(l.Count) < int64(len(l.Applies)) || l.Claimed > l.Count {
			return fmt.Errorf("%s: applies to %d, %d of them claimed, and lists %d", l.ID, l.Count, l.Claimed, len(l.Applies))
		}
	}
	return nil
}
