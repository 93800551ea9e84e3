package promise

import (
	"cmp"
	"fmt"

	"abroad/analyze/audit"
)

// A charge is what stands against a clause: contacts with one host in one place, under one indicator.
type charge struct {
	indicator *Indicator
	host      string
	country   string
	contacts  []*Contact
	missing   []audit.Reason
	sessions  map[int]bool
	days      map[string]bool
}

// charges are in the order of their first contacts.
type charges struct {
	list  []*charge
	index map[chargeKey]*charge
}

type chargeKey struct {
	indicator     *Indicator
	host, country string
	missing       string
}

// add puts a contact into the charge that it belongs to.
func (l *charges) add(e *Evidence, n *Indicator, x *Contact, missing []audit.Reason) {
	key := chargeKey{n, cmp.Or(x.Host, x.Endpoint.String()), x.Place.Country, fmt.Sprint(missing)}
	c := l.index[key]
	if c == nil {
		c = &charge{indicator: n, host: key.host, country: key.country, missing: missing, sessions: map[int]bool{}, days: map[string]bool{}}
		if l.index == nil {
			l.index = map[chargeKey]*charge{}
		}
		l.index[key] = c
		l.list = append(l.list, c)
	}
	c.contacts = append(c.contacts, x)
	c.sessions[x.Session] = true
	c.days[e.Sessions[x.Session].Day] = true
}

// detail names the exception that a charge meets.
func (j *judge) detail(c *charge) string {
	switch c.missing[0] {
	case audit.ExceptionMayApply:
		return j.excepted(c.contacts[0])
	case audit.NotObservable:
		return j.aspect.Name
	case audit.Insufficient:
		return "seen in " + plural(len(c.sessions), "session") + " on " + plural(len(c.days), "day")
	}
	return ""
}
