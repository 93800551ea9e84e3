package locate

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
)

var anycast = &Locator{
	Name: "anycast",
	Doc:  "Reads ranges and networks that have no single place: anycast, and fronts whose place follows the client.",
	Open: openAnycast,
}

//go:embed embedded/anycast.csv
var anycastFile []byte

// anycastAsOf is the day of the last change to the list.
const anycastAsOf = "2026-11-23"

func openAnycast(*options) ([]*Source, error) {
	answer, err := readAnycast(anycastFile)
	if err != nil {
		return nil, fmt.Errorf("open embedded/anycast.csv: %w", err)
	}
	s := &Source{Answer: answer}
	s.File, s.Kind = "anycast.csv", dataset.Anycast
	s.Name, s.Title, s.Publisher, s.Licence = "abroad-anycast", "abroad's list of edges", "abroad", "Apache-2.0"
	s.AsOf, s.Origin, s.Embedded, s.SHA256 = anycastAsOf, "operators' documents, named in each row", true, sha256.Sum256(anycastFile)
	return []*Source{s}, nil
}

// An edge is one row: who runs an address without one place.
type edge struct {
	operator string
	kind     string // "anycast" or "edge"
}

var anycastHeader = []string{"match", "operator", "kind", "source", "read"}

// readAnycast reads the columns match, operator, kind, source, read. operator may be empty: a census measures, it does not ask. match is a prefix, or an AS number like AS20940. The most specific
// prefix answers; an AS answers for what no prefix matches.
func readAnycast(file []byte) (func(*sheet), error) {
	var rows []row[edge]
	networks := map[uint32]edge{}
	err := readRows(file, anycastHeader, func(line int, f []string) error {
		e := edge{operator: tidy(f[1]), kind: f[2]}
		if e.kind != "anycast" && e.kind != "edge" {
			return fmt.Errorf("kind %q: want anycast or edge", f[2])
		}
		if number, ok := strings.CutPrefix(f[0], "AS"); ok {
			as, err := strconv.ParseUint(number, 10, 32)
			if err != nil || as == 0 {
				return fmt.Errorf("match %q: want an AS number", f[0])
			}
			if _, twice := networks[uint32(as)]; twice {
				return fmt.Errorf("%s is there twice", f[0])
			}
			networks[uint32(as)] = e
			return nil
		}
		prefix, err := parsePrefix(f[0])
		if err != nil {
			return err
		}
		rows = append(rows, row[edge]{prefix, line, e})
		return nil
	})
	if err != nil {
		return nil, err
	}
	table, err := index(rows)
	if err != nil {
		return nil, err
	}
	return func(s *sheet) {
		if r := table.find(s.asked); r != nil {
			s.say(r.prefix.String(), r.value.claim())
		} else if e, ok := networks[s.as]; ok && s.as != 0 {
			c := e.claim()
			c.AS = s.as
			s.say("AS"+strconv.FormatUint(uint64(s.as), 10), c)
		}
	}, nil
}

func (e edge) claim() audit.Claim {
	return audit.Claim{Kind: audit.ClaimEdge, Organisation: e.operator, Role: audit.RoleEdge, Detail: e.kind}
}
