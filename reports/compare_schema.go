package reports

import _ "embed"

//go:embed schema/compare-1.0.0.json
var compareSchema []byte

// CompareSchema returns the JSON Schema (draft 2020-12) of the comparison. A published schema never changes: another document, another file.
func CompareSchema() []byte { return compareSchema }
