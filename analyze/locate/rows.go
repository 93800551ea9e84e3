package locate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a table.
const (
	maxRows = 4_000_000
	maxText = 200 // bytes of a name kept from a dataset
)

// readRows reads a table: CSV (RFC 4180) with "#" comments and, if header is not nil, that header. each is called with every further row;
// its errors and the reader's come back with the line.
func readRows(file []byte, header []string, each func(line int, fields []string) error) error {
	rows := csv.NewReader(bytes.NewReader(file))
	rows.Comment = '#'
	rows.ReuseRecord = true
	if header == nil {
		rows.FieldsPerRecord = -1
	}
	for n := 0; ; n++ {
		fields, err := rows.Read()
		if err == io.EOF && (n > 0 || header == nil) {
			return nil
		}
		if err == io.EOF {
			return fmt.Errorf("no header: want %q", strings.Join(header, ","))
		}
		if err != nil {
			return err
		}
		line, _ := rows.FieldPos(0)
		switch {
		case n == 0 && header != nil:
			if !slices.Equal(fields, header) {
				return fmt.Errorf("line %d: header is %q, want %q", line, strings.Join(fields, ","), strings.Join(header, ","))
			}
		case n > maxRows:
			return fmt.Errorf("line %d: more than %d rows", line, maxRows)
		default:
			if err := each(line, fields); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
}

// parsePrefix reads a prefix, or an address for a prefix of full length. Bits after the length are an error, as is an IPv4 address in IPv6
// form: both show that a row does not mean what it says.
func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("prefix %q: %w", text, err)
		}
		text += fmt.Sprintf("/%d", a.BitLen())
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, fmt.Errorf("prefix %q: %w", text, err)
	}
	if p.Addr().Is4In6() {
		return p, fmt.Errorf("prefix %q: IPv4 in IPv6 form", text)
	}
	if p != p.Masked() {
		return p, fmt.Errorf("prefix %q: want %q", text, p.Masked())
	}
	return p, nil
}

// parseCountry reads a country code; empty stays empty.
func parseCountry(text string) (string, error) {
	country := Country(text)
	if country == "" && text != "" {
		return "", fmt.Errorf("country %q: want a code of ISO 3166-1", text)
	}
	return country, nil
}

// tidy cuts a name from a dataset to a size that fits a report, in valid UTF-8.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
