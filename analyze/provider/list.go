package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"abroad/analyze/dataset"
)

// A Format is one form of a file.
type Format struct {
	Name  string
	Doc   string                 // what it reads, in a sentence: feeds the help
	Knows func(file []byte) bool // whether the file looks like this; the first of All that says yes reads it
	Read  func(name string, file []byte) (*Table, error)
}

// All lists every format, in alphabetical order.
var All = []*Format{
	aws,
	azure,
	bgptools,
	cloudflare,
	fastly,
	gcp,
	geofeed,
	google,
	laces,
	mmdb,
	oracle,
	table,
}

// MaxFile is the size of the largest text file that is read, in bytes. Databases may be larger (dataset.MaxFile).
const MaxFile = 128 << 20

// A Table is a file in the form that package locate reads.
type Table struct {
	Set   dataset.Dataset // what the file says of itself and what its format implies; AsOf is empty if the file does not say
	File  []byte
	Notes []string // what was left out or changed, one sentence each
}

// ErrUnknown is the error for a file that no format knows.
var ErrUnknown = errors.New("no format knows this file")

// Read reads a file of the format; an empty one asks every format whether it knows the file. name is the file's name, without folders: it
// may hold a date, or be all that is known of a file that does not name itself.
func Read(format, name string, file []byte) (*Table, error) {
	f, err := find(format, file)
	if err == ErrUnknown {
		return nil, unknown(name, file)
	}
	if err != nil {
		return nil, err
	}
	if f != mmdb && len(file) > MaxFile {
		return nil, fmt.Errorf("has %d bytes, want at most %d", len(file), MaxFile)
	}
	t, err := f.Read(name, file)
	if err != nil {
		return nil, fmt.Errorf("as %s: %w", f.Name, err)
	}
	if t.Set.AsOf == "" {
		t.Set.AsOf = dateIn(name)
	}
	if t.Set.AsOf == "" {
		t.Set.AsOf = monthIn(name)
	}
	t.Set.Origin = name
	return t, nil
}

func find(format string, file []byte) (*Format, error) {
	for _, f := range All {
		if f.Name == format || format == "" && f.Knows(file) {
			return f, nil
		}
	}
	if format == "" {
		return nil, ErrUnknown
	}
	return nil, fmt.Errorf("format %q is not known: want one of %s", format, strings.Join(Names(), ", "))
}

// unknown says what is wrong with a file that no format knows, as far as its beginning or its name tell what it was to be.
func unknown(name string, file []byte) error {
	tried := func(f *Format) error {
		if _, err := f.Read(name, file); err != nil {
			return fmt.Errorf("%w; as %s: %w", ErrUnknown, f.Name, err)
		}
		return ErrUnknown
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(file[:min(len(file), 4096)], mark), " \t\r\n")
	switch {
	case len(file) == 0:
		return fmt.Errorf("%w: it is empty", ErrUnknown)
	case bytes.HasPrefix(file, []byte("\x1f\x8b")): // databases are published so
		return fmt.Errorf("%w: it is compressed with gzip (gunzip FILE)", ErrUnknown)
	case strings.EqualFold(filepath.Ext(name), ".mmdb"):
		return tried(mmdb)
	case len(file) > MaxFile:
		return ErrUnknown
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		var any json.RawMessage
		if err := decode(file, &any); err != nil {
			return fmt.Errorf("%w; as JSON: %w", ErrUnknown, err)
		}
	default:
		if first := firstLine(file); len(first) > 1 {
			address, _, _ := strings.Cut(first[0], "/")
			if _, err := netip.ParseAddr(address); err == nil {
				return tried(geofeed)
			}
		}
	}
	return ErrUnknown
}

// Names lists the names of the formats.
func Names() []string {
	names := make([]string, len(All))
	for i, f := range All {
		names[i] = f.Name
	}
	return names
}
