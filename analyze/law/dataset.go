package law

import (
	"crypto/sha256"

	"abroad/analyze/audit"
)

// Compiled is the day on which the tables were last gone through.
const Compiled = "2026-11-24"

// Dataset cites the embedded tables: the digest is of their contents one after the other, in the order of the names.
func Dataset() (audit.Dataset, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return audit.Dataset{}, err
	}
	h := sha256.New()
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			return audit.Dataset{}, err
		}
		h.Write(b)
	}
	d := audit.Dataset{Name: "abroad-laws", Title: "Legal overlay", Publisher: "abroad", Licence: "Apache-2.0", AsOf: Compiled, Embedded: true}
	h.Sum(d.SHA256[:0])
	return d, nil
}
