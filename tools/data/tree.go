package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/inserter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"github.com/oschwald/maxminddb-golang/v2"
	"go4.org/netipx"
)

// Keys of a record. Either may be missing. The AS is a map of its own, so that all addresses of one AS share it.
const (
	keyCountry      = mmdbtype.String("country_code")
	keyAS           = mmdbtype.String("as")
	keyNumber       = mmdbtype.String("number")
	keyOrganisation = mmdbtype.String("organisation")
)

// counts says what became of the rows.
type counts struct {
	countries, ranges int
	reserved          int // prefixes in address space that no database can know
	unknown           int // rows without a usable country
	bad               int // ranges that end before they begin
}

// addCountries inserts every network of a flat {country_code} database.
func addCountries(tree *mmdbwriter.Tree, mmdb []byte, c *counts) error {
	db, err := maxminddb.OpenBytes(mmdb)
	if err != nil {
		return fmt.Errorf("open country database: %w", err)
	}
	records := map[string]mmdbtype.Map{}
	for result := range db.Networks() {
		var code string
		if err := result.DecodePath(&code, string(keyCountry)); err != nil {
			return fmt.Errorf("country of %s: %w", result.Prefix(), err)
		}
		if !assigned(code) {
			c.unknown++
			continue
		}
		record, ok := records[code]
		if !ok {
			record = mmdbtype.Map{keyCountry: mmdbtype.String(code)}
			records[code] = record
		}
		c.countries++
		if err := insert(tree, result.Prefix(), record, c); err != nil {
			return err
		}
	}
	return nil
}

// assigned reports whether code can be a country of ISO 3166-1: two capitals, and none of the user-assigned ones that stand for "unknown".
// XK is kept: it is how every dataset writes Kosovo.
func assigned(code string) bool {
	if len(code) != 2 || code[0] < 'A' || code[0] > 'Z' || code[1] < 'A' || code[1] > 'Z' {
		return false
	}
	return code == "XK" || code[0] != 'X' && code != "ZZ" && code != "AA" && code != "EU" && code != "AP"
}

// addNetworks inserts every row "first,last,number,organisation" of a range file.
func addNetworks(tree *mmdbwriter.Tree, file []byte, c *counts) error {
	records := map[string]mmdbtype.Map{}
	rows := csv.NewReader(bytes.NewReader(file))
	rows.FieldsPerRecord = 4
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read AS ranges: %w", err)
		}
		line, _ := rows.FieldPos(0)
		first, err1 := netip.ParseAddr(row[0])
		last, err2 := netip.ParseAddr(row[1])
		number, err3 := strconv.ParseUint(row[2], 10, 32)
		if err := errors.Join(err1, err2, err3); err != nil {
			return fmt.Errorf("AS ranges, line %d: %w", line, err)
		}
		span := netipx.IPRangeFrom(first, last)
		if !span.IsValid() {
			c.bad++
			continue
		}
		record, ok := records[row[2]]
		if !ok {
			as := mmdbtype.Map{keyNumber: mmdbtype.Uint32(number)}
			if organisation := tidy(row[3]); organisation != "" {
				as[keyOrganisation] = mmdbtype.String(organisation)
			}
			record = mmdbtype.Map{keyAS: as}
			records[row[2]] = record
		}
		c.ranges++
		for _, prefix := range span.Prefixes() {
			if err := insert(tree, prefix, record, c); err != nil {
				return fmt.Errorf("AS ranges, line %d: %w", line, err)
			}
		}
	}
}

// tidy joins words by single spaces; the registries' names have trailing blanks, soft hyphens and the like.
func tidy(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\u00ad", "")), " ")
}

// insert adds the keys of record to what is known about prefix.
func insert(tree *mmdbwriter.Tree, prefix netip.Prefix, record mmdbtype.Map, c *counts) error {
	err := tree.InsertFunc(ipNet(prefix), inserter.TopLevelMergeWith(record))
	var reserved *mmdbwriter.ReservedNetworkError
	var aliased *mmdbwriter.AliasedNetworkError
	if errors.As(err, &reserved) || errors.As(err, &aliased) {
		c.reserved++
		return nil
	}
	if err != nil {
		return fmt.Errorf("insert %s: %w", prefix, err)
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet { return netipx.PrefixIPNet(p) }
