package provider

import (
	"bytes"

	"abroad/analyze/locate"
)

var mmdb = &Format{
	Name:  "mmdb",
	Doc:   "Reads a database in MaxMind's format, of any publisher.",
	Knows: func(file []byte) bool { return bytes.Contains(file[max(0, len(file)-farEnd):], mmdbMark) },
	Read:  readMMDB,
}

// A database ends in its metadata, of at most 128 KiB, behind this mark (MaxMind DB format specification 2.0).
var mmdbMark = []byte("\xab\xcd\xefMaxMind.com")

const farEnd = 128<<10 + 14

func readMMDB(name string, file []byte) (*Table, error) {
	set, err := locate.Describe(name, file)
	if err != nil {
		return nil, err
	}
	return &Table{Set: set, File: file}, nil
}
