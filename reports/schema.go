package reports

import _ "embed"

//go:embed schema/audit-1.1.0.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of the audit document. A published schema never changes: another document, another file.
func Schema() []byte { return schema }
