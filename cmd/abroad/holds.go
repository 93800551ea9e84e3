package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"

	"abroad/analyze/audit"
)

// holdsAudit reports whether a folder's audit.json was written by abroad, of whatever version.
func holdsAudit(dir string) bool { return holdsSchema(filepath.Join(dir, auditFile), audit.Schema) }

// holdsComparison reports whether a folder's compare.json was written by abroad, of whatever version.
func holdsComparison(dir string) bool {
	return holdsSchema(filepath.Join(dir, compareFile), audit.CompareSchema)
}

// holdsSchema reports whether a JSON document begins with some version of a schema: what stands before the last slash is its family.
func holdsSchema(path, schema string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	dec := json.NewDecoder(io.LimitReader(f, 4096)) // the schema is the first member
	for _, want := range []json.Token{json.Delim('{'), "schema"} {
		if got, err := dec.Token(); err != nil || got != want {
			return false
		}
	}
	got, err := dec.Token()
	text, ok := got.(string)
	return err == nil && ok && strings.HasPrefix(text, schema[:strings.LastIndex(schema, "/")+1])
}
