package provider

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
)

// maxLine is how many bytes a line of a list may have.
const maxLine = 64 << 10

// checkLines returns an error for a line that is longer than any publisher's.
func checkLines(file []byte) error {
	for n := 1; len(file) > 0; n++ {
		end := bytes.IndexByte(file, '\n')
		if end < 0 {
			end = len(file)
		}
		if end > maxLine {
			return fmt.Errorf("line %d: %d bytes, want at most %d", n, end, maxLine)
		}
		file = file[min(end+1, len(file)):]
	}
	return nil
}

// eachLine reads a list of comma separated fields with "#" comments; fields are without blanks around them. It stops at the first line that
// is not CSV.
func eachLine(file []byte, each func(line int, fields []string) error) error {
	if err := checkLines(file); err != nil {
		return err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, mark)))
	rows.Comment, rows.FieldsPerRecord, rows.ReuseRecord, rows.TrimLeadingSpace = '#', -1, true, true
	for {
		fields, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		line, _ := rows.FieldPos(0)
		if err := each(line, fields); err != nil {
			return err
		}
	}
}

// prefixOf reads a prefix, or an address for a prefix of full length; ok is false for what cannot be meant.
func prefixOf(text string) (p netip.Prefix, ok bool) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return p, false
		}
		p = netip.PrefixFrom(a, a.BitLen())
	}
	return p, p == p.Masked() && !p.Addr().Is4In6()
}

// firstLine returns the fields of the first line that is no comment; nil if it is not text.
func firstLine(file []byte) []string {
	const far = 64 << 10
	head := file[:min(len(file), far)]
	if bytes.IndexByte(head, 0) >= 0 {
		return nil
	}
	var first []string
	eachLine(head, func(_ int, fields []string) error {
		first = append(first, fields...)
		return io.EOF
	})
	return first
}

// familyName distinguishes the two lists that some publishers have.
func familyName(prefixes map[netip.Prefix]bool) string {
	var has4, has6 bool
	for p := range prefixes {
		has4, has6 = has4 || p.Addr().Is4(), has6 || p.Addr().Is6()
	}
	switch {
	case has4 && has6:
		return ""
	case has4:
		return "-v4"
	}
	return "-v6"
}

// mostlyWrong is the error for a file of which so much cannot be meant that it is probably something else.
func mostlyWrong(wrong []string, right int) error {
	if len(wrong) <= right {
		return nil
	}
	return fmt.Errorf("%d of %d rows cannot be interpreted (first: %q)", len(wrong), len(wrong)+right, tidy(wrong[0]))
}

var errNoCountries = errors.New("no row names a country")

func twiceNote(two []string) string {
	return fmt.Sprintf("%s there with different countries: kept without one (first: %q)", prefixesAre(len(two)), two[0])
}
