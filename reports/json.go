package reports

import (
	"io"

	"abroad/analyze/audit"
)

var asJSON = &Format{
	Name:  "json",
	Doc:   "The audit itself: every other format can be made from it, years later.",
	Files: []File{{"audit.json", func(w io.Writer, a *audit.Audit, _ Screen) error { return audit.Write(w, a) }}},
}
