package provider

import "abroad/analyze/dataset"

var google = &Format{
	Name:  "google",
	Doc:   "Reads goog.json of Google: all of its ranges, as edges.",
	Knows: func(file []byte) bool { return mentions(file, "creationTime", "prefixes") && !mentions(file, "scope") },
	Read:  readGoogle,
}

// anywhere is the region in regions.csv that goog.json's ranges are in: the file names none.
const anywhere = "goog.json"

// readGoogle reads all ranges that Google announces. They hold those of Google Cloud, whose regions are in cloud.json only: there the
// more specific prefix decides.
func readGoogle(_ string, file []byte) (*Table, error) {
	var f googleFile
	if err := decode(file, &f); err != nil {
		return nil, err
	}
	r := newRanges("google", "Google")
	f.ranges(r, func(string) string { return anywhere })
	var set dataset.Dataset
	set.Name, set.Title, set.Publisher, set.Licence = "google-ranges", "Google IP ranges", "Google", "not stated"
	set.AsOf = dateIn(f.CreationTime)
	t, err := r.table(set)
	if err == nil {
		t.Notes = append(t.Notes, "these ranges hold those of Google Cloud, whose regions are in cloud.json: import that too")
	}
	return t, err
}
