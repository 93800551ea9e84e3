package provider

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
)

var table = &Format{
	Name:  "table",
	Doc:   "Reads a table of our own form: its header says whether it is of databases, networks, regions, edges, tokens or resolvers' answers.",
	Knows: func(file []byte) bool { return kindOf(file) != "" },
	Read:  readOwn,
}

// kindOf tells by its header what a table is about; empty if no reader has this header.
func kindOf(file []byte) dataset.Kind {
	first := firstLine(file)
	for _, kind := range []dataset.Kind{dataset.Databases, dataset.Networks, dataset.Regions, dataset.Anycast, dataset.Tokens, dataset.Resolved} {
		if slices.Equal(first, locate.Header(kind)) {
			return kind
		}
	}
	return ""
}

// readOwn takes the file as it is.
func readOwn(name string, file []byte) (*Table, error) {
	var set dataset.Dataset
	if set.Kind = kindOf(file); set.Kind == "" {
		return nil, errors.New("no table has this header")
	}
	set.Name = strings.TrimSuffix(name, filepath.Ext(name))
	if err := locate.Check(&set, file); err != nil {
		return nil, err
	}
	if set.Kind == dataset.Resolved {
		set.Title, set.Publisher, set.Licence = "resolvers' answers", "abroad resolve", "own measurement"
		var err error
		if set.AsOf, err = locate.ResolvedDay(file); err != nil {
			return nil, err
		}
	}
	return &Table{Set: set, File: file}, nil
}
