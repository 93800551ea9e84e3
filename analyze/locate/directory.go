package locate

import (
	"errors"
	"fmt"
	"slices"

	"abroad/analyze/dataset"
)

var directory = &Locator{
	Name: "directory",
	Doc:  "Reads what the index of the dataset directory lists: databases, region lists, geofeeds, anycast lists, AS tables, name tokens.",
	Open: openDirectory,
}

// openDirectory opens what the index lists, in its order. What it cannot read it names, and goes on.
func openDirectory(o *options) ([]*Source, error) {
	var sources []*Source
	var broken []error
	for i := range o.directory.Index {
		d := &o.directory.Index[i]
		if d.Kind == dataset.Owners {
			continue // says nothing about places
		}
		file, err := o.directory.Bytes(d)
		if err != nil {
			broken = append(broken, err)
			continue
		}
		s, err := openFile(d, file)
		if err != nil {
			broken = append(broken, fmt.Errorf("dataset %q: %s: %w", d.Name, d.File, err))
			continue
		}
		sources = append(sources, s)
	}
	return sources, errors.Join(broken...)
}

// openFile opens a dataset of any kind and format.
func openFile(d *dataset.Dataset, file []byte) (*Source, error) {
	s := &Source{Dataset: *d}
	switch d.Format {
	case "":
		r := readers[d.Kind]
		if r.read == nil {
			return nil, fmt.Errorf("nothing reads kind %q", d.Kind)
		}
		answer, err := r.read(file)
		if err != nil {
			return nil, err
		}
		s.Answer, s.By, s.Names = answer, r.by, r.names
	case formatMMDB:
		db, err := openDatabase(file)
		if err != nil {
			return nil, err
		}
		db.registry = identify(db.meta(), d.Origin).registry
		s.Answer, s.By, s.Note = db.answer, mmdb.Name, db.note
	default:
		return nil, fmt.Errorf("nothing reads format %q of kind %q", d.Format, d.Kind)
	}
	return s, nil
}

// Check reads a dataset's file as Open would, and returns what Open would tell.
func Check(d *dataset.Dataset, file []byte) error {
	_, err := openFile(d, file)
	return err
}

// Header returns the columns of a kind's table of our own form; nil if the kind has none, or no header.
func Header(kind dataset.Kind) []string { return slices.Clone(readers[kind].header) }
