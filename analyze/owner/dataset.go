package owner

import (
	"crypto/sha256"

	"abroad/analyze/audit"
)

// Compiled is the day on which the embedded table was last gone through.
const Compiled = "2026-11-24"

// UserTitle is the title of a user's file as an audit lists it.
const UserTitle = "Owner table of the user"

// Datasets lists what the table was read from, by content: the embedded files as one, then the files of the user.
func (t *Table) Datasets() []audit.Dataset { return t.datasets }

// embeddedDataset cites the embedded files: the digest is of their contents one after the other, in the order of the names.
func embeddedDataset() (audit.Dataset, error) {
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
	d := audit.Dataset{
		Name: "abroad-owners", Title: "Owner table", Publisher: "abroad", Licence: "Apache-2.0", AsOf: Compiled, Embedded: true,
		Credit: "Owner rows name their sources; among them third-party-web and v2fly domain-list-community (MIT), datenanfragen.de (CC0)",
	}
	h.Sum(d.SHA256[:0])
	return d, nil
}
