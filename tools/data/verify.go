package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"
	"go4.org/netipx"
)

// every is how many rows lie between two that are looked up again.
const every = 37

type record struct {
	Country string `maxminddb:"country_code"`
	AS      struct {
		Number       uint32 `maxminddb:"number"`
		Organisation string `maxminddb:"organisation"`
	} `maxminddb:"as"`
}

// verify walks the whole built database, and asks it about a part of the networks that went in. What is missing from it must have been
// counted as reserved.
func verify(built, countries []byte, networks [][]byte, c counts) error {
	db, err := maxminddb.OpenBytes(built)
	if err != nil {
		return fmt.Errorf("open what was built: %w", err)
	}
	if err := db.Verify(); err != nil {
		return fmt.Errorf("verify what was built: %w", err)
	}
	missing, err := verifyCountries(db, countries)
	if err != nil {
		return err
	}
	for _, file := range networks {
		n, err := verifyNetworks(db, file)
		if err != nil {
			return err
		}
		missing += n
	}
	if missing > 2*c.reserved {
		return fmt.Errorf("%d networks are missing, and only %d lie in reserved space", missing, c.reserved)
	}
	return nil
}

func verifyCountries(db *maxminddb.Reader, countries []byte) (missing int, err error) {
	original, err := maxminddb.OpenBytes(countries)
	if err != nil {
		return 0, err
	}
	n := 0
	for result := range original.Networks() {
		if n++; n%every != 0 {
			continue
		}
		var want string
		if err := result.DecodePath(&want, string(keyCountry)); err != nil {
			return 0, err
		}
		got, err := look(db, result.Prefix().Addr())
		switch {
		case err != nil:
			return 0, err
		case got.Country == "":
			missing++
		case assigned(want) && got.Country != want:
			return 0, fmt.Errorf("%s: country is %q, want %q", result.Prefix(), got.Country, want)
		}
	}
	return missing, nil
}

func verifyNetworks(db *maxminddb.Reader, file []byte) (missing int, err error) {
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return 0, err
	}
	for i := 0; i < len(rows); i += every {
		first, err1 := netip.ParseAddr(rows[i][0])
		last, err2 := netip.ParseAddr(rows[i][1])
		if err1 != nil || err2 != nil || !netipx.IPRangeFrom(first, last).IsValid() {
			continue
		}
		for _, a := range []netip.Addr{first, last} {
			got, err := look(db, a)
			switch {
			case err != nil:
				return 0, err
			case got.AS.Number == 0:
				missing++
			case fmt.Sprint(got.AS.Number) != rows[i][2]:
				return 0, fmt.Errorf("%s: AS is %d, want %s", a, got.AS.Number, rows[i][2])
			}
		}
	}
	return missing, nil
}

func look(db *maxminddb.Reader, a netip.Addr) (record, error) {
	var r record
	err := db.Lookup(a).Decode(&r)
	return r, err
}
