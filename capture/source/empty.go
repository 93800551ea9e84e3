package source

import "abroad/capture"

// empty reads a file without a byte: a recorder that was killed before its first packet leaves one. It is not in All, because it is no
// format that one could choose.
var empty = &Source{
	Name:  "empty",
	Doc:   "A file that holds nothing.",
	Sniff: func(head []byte) bool { return len(head) == 0 },
	Read: func(w *Window, m *capture.Manifest, yield func(capture.Record) bool) {
		yield(anomaly(capture.CutShort, 0, "the file is empty: not even its header was written"))
	},
}
