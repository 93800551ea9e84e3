package locate

import (
	"net/netip"

	"github.com/oschwald/geoip2-golang/v2"
	"github.com/oschwald/maxminddb-golang/v2"
)

// edition returns a decoder for the editions that MaxMind and DB-IP sell or give away, by the type that the file names; nil for others.
func edition(file []byte) func(maxminddb.Result, netip.Addr) (facts, error) {
	db, err := geoip2.OpenBytes(file)
	if err != nil {
		return nil
	}
	// A method that does not fit the type says so, whatever the address: take the richest that does.
	nowhere := netip.IPv6Unspecified()
	if _, err := db.Enterprise(nowhere); err == nil {
		return func(_ maxminddb.Result, a netip.Addr) (facts, error) { return readEnterprise(db, a) }
	}
	if _, err := db.City(nowhere); err == nil {
		return func(_ maxminddb.Result, a netip.Addr) (facts, error) { return readCity(db, a) }
	}
	if _, err := db.ASN(nowhere); err == nil {
		return func(_ maxminddb.Result, a netip.Addr) (facts, error) { return readASN(db, a) }
	}
	return nil
}

func readEnterprise(db *geoip2.Reader, a netip.Addr) (facts, error) {
	r, err := db.Enterprise(a)
	if err != nil {
		return facts{}, err
	}
	f := facts{country: Country(r.Country.ISOCode), registered: Country(r.RegisteredCountry.ISOCode),
		represented: Country(r.RepresentedCountry.ISOCode), city: tidy(r.City.Names.English), as: number(uint64(r.Traits.AutonomousSystemNumber)),
		organisation: tidy(r.Traits.AutonomousSystemOrganization), anycast: r.Traits.IsAnycast}
	if len(r.Subdivisions) > 0 {
		f.region = tidy(r.Subdivisions[0].ISOCode)
	}
	return f, nil
}

// readCity reads Country editions too: their rows are City rows with less in them.
func readCity(db *geoip2.Reader, a netip.Addr) (facts, error) {
	r, err := db.City(a)
	if err != nil {
		return facts{}, err
	}
	f := facts{country: Country(r.Country.ISOCode), registered: Country(r.RegisteredCountry.ISOCode),
		represented: Country(r.RepresentedCountry.ISOCode), city: tidy(r.City.Names.English), anycast: r.Traits.IsAnycast}
	if len(r.Subdivisions) > 0 {
		f.region = tidy(r.Subdivisions[0].ISOCode)
	}
	return f, nil
}

func readASN(db *geoip2.Reader, a netip.Addr) (facts, error) {
	r, err := db.ASN(a)
	if err != nil {
		return facts{}, err
	}
	return facts{as: number(uint64(r.AutonomousSystemNumber)), organisation: tidy(r.AutonomousSystemOrganization)}, nil
}

// number returns n as an AS number, 0 if it is none.
func number(n uint64) uint32 {
	if n > 1<<32-1 {
		return 0
	}
	return uint32(n)
}
