package locate

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
)

// A loose row takes every form that databases outside the official editions use. What a field holds is looked at only after it was read:
// "country" is a map in one file and a code, or a full name, in another.
type loose struct {
	CountryCode  any `maxminddb:"country_code"`
	Country      any `maxminddb:"country"`
	Registered   any `maxminddb:"registered_country"`
	Represented  any `maxminddb:"represented_country"`
	Traits       any `maxminddb:"traits"`
	City         any `maxminddb:"city"`
	State        any `maxminddb:"state1"`
	Region       any `maxminddb:"region"`
	Number       any `maxminddb:"autonomous_system_number"`
	Organisation any `maxminddb:"autonomous_system_organization"`
	ASN          any `maxminddb:"asn"`
	ASName       any `maxminddb:"as_name"`
	Anycast      any `maxminddb:"is_anycast"`
}

// readAny reads a row of unknown schema: MaxMind's nesting (country.iso_code), flat codes (country_code), or a bare code (country).
func readAny(r maxminddb.Result, _ netip.Addr) (facts, error) {
	var l loose
	if err := r.Decode(&l); err != nil {
		return facts{}, err
	}
	f := facts{
		country:      first(code(l.Country), code(l.CountryCode)),
		registered:   code(l.Registered),
		represented:  code(l.Represented),
		region:       tidy(first(text(l.State), text(l.Region))),
		city:         tidy(first(text(l.City), text(field(field(l.City, "names"), "en")))),
		as:           as(l.Number),
		organisation: tidy(text(l.Organisation)),
		anycast:      truth(l.Anycast) || truth(field(l.Traits, "is_anycast")),
	}
	if f.as == 0 {
		f.as = as(field(l.Traits, "autonomous_system_number"))
		f.organisation = tidy(text(field(l.Traits, "autonomous_system_organization")))
	}
	if f.as == 0 {
		f.as, f.organisation = as(l.ASN), tidy(text(l.ASName))
	}
	return f, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func field(v any, name string) any {
	m, _ := v.(map[string]any)
	return m[name]
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func truth(v any) bool {
	b, _ := v.(bool)
	return b || text(v) == "true"
}

// code finds a country's code in a string, or in a map as iso_code.
func code(v any) string {
	if m, ok := v.(map[string]any); ok {
		v = m["iso_code"]
	}
	return Country(text(v))
}

// as finds an AS number in a number, or in "AS123" or "123".
func as(v any) uint32 {
	switch v := v.(type) {
	case uint16:
		return uint32(v)
	case uint32:
		return v
	case uint64:
		return number(v)
	case int32:
		return uint32(max(v, 0))
	case string:
		n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(v), "AS"), 10, 32)
		if err == nil {
			return uint32(n)
		}
	}
	return 0
}
