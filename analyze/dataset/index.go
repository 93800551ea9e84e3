package dataset

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// IndexName is the name of the index in a dataset directory.
const IndexName = "datasets.csv"

// Limits of an index.
const (
	MaxIndex    = 1 << 20 // bytes
	MaxDatasets = 1000
	maxField    = 500 // bytes
)

// The columns of an index, in the order in which Write writes them. Read takes them in any order and asks for the first six at least.
var columns = []string{"file", "kind", "name", "title", "publisher", "as_of", "licence", "credit", "origin", "format", "sha256", "bytes", "etag", "modified"}

const required = 6

// An Index lists datasets, in the order in which an audit lists them.
type Index []Dataset

// Read reads an index: CSV (RFC 4180) with a header line, "#" comments allowed. Errors name the line.
func Read(r io.Reader) (Index, error) {
	rows := csv.NewReader(&io.LimitedReader{R: r, N: MaxIndex + 1})
	rows.Comment = '#'
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read index header: %w", noEOF(err))
	}
	at := make([]int, len(columns))
	for i, column := range columns {
		if at[i] = slices.Index(header, column); at[i] < 0 && i < required {
			return nil, fmt.Errorf("read index header: no column %q", column)
		}
	}
	for i, name := range header {
		if !slices.Contains(columns, name) || slices.Index(header, name) != i {
			return nil, fmt.Errorf("read index header: column %q is unknown or repeated", name)
		}
	}
	var list Index
	for {
		row, err := rows.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read index: %w", err)
		}
		line, _ := rows.FieldPos(0)
		field := func(i int) string {
			if at[i] < 0 {
				return ""
			}
			return row[at[i]]
		}
		d, err := parse(field)
		if err != nil {
			return nil, fmt.Errorf("read index, line %d: %w", line, err)
		}
		if slices.ContainsFunc(list, func(o Dataset) bool { return o.Name == d.Name }) {
			return nil, fmt.Errorf("read index, line %d: dataset %q is listed twice", line, d.Name)
		}
		if len(list) == MaxDatasets {
			return nil, fmt.Errorf("read index, line %d: more than %d datasets", line, MaxDatasets)
		}
		list = append(list, d)
	}
	if rows.InputOffset() > MaxIndex {
		return nil, fmt.Errorf("read index: more than %d bytes", MaxIndex)
	}
	return list, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// parse reads one row; field(i) is the text in column i.
func parse(field func(int) string) (Dataset, error) {
	for i, column := range columns {
		if text := field(i); len(text) > maxField || !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) {
			return Dataset{}, fmt.Errorf("%s is longer than %d bytes or has control characters", column, maxField)
		}
	}
	var d Dataset
	d.File, d.Kind, d.Name, d.Title, d.Publisher = field(0), Kind(field(1)), field(2), field(3), field(4)
	d.AsOf, d.Licence, d.Credit, d.Origin, d.Format = field(5), field(6), field(7), field(8), field(9)
	if d.File == "" || !filepath.IsLocal(filepath.FromSlash(d.File)) {
		return d, fmt.Errorf("file %q: want a path inside the directory", d.File)
	}
	if !d.Kind.Known() {
		return d, fmt.Errorf("kind %q is unknown", d.Kind)
	}
	if d.Name == "" || d.Title == "" {
		return d, errors.New("name or title is empty")
	}
	if _, err := time.Parse(time.DateOnly, d.AsOf); d.AsOf != "" && err != nil {
		return d, fmt.Errorf("as_of %q: want a date like 2006-01-02", d.AsOf)
	}
	if text := field(10); text != "" {
		if err := d.SHA256.UnmarshalText([]byte(text)); err != nil {
			return d, fmt.Errorf("sha256: %w", err)
		}
	}
	if text := field(11); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return d, fmt.Errorf("bytes %q: want a number", text)
		}
		d.Bytes = n
	}
	d.ETag, d.Modified = field(12), field(13)
	return d, nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 }

// Write writes the index as Read reads it.
func (x Index) Write(w io.Writer) error {
	rows := csv.NewWriter(w)
	if err := rows.Write(columns); err != nil {
		return err
	}
	for i := range x {
		d := &x[i]
		sum, size := "", ""
		if !d.SHA256.IsZero() {
			sum = d.SHA256.String()
		}
		if d.Bytes > 0 {
			size = strconv.FormatInt(d.Bytes, 10)
		}
		row := []string{d.File, string(d.Kind), d.Name, d.Title, d.Publisher, d.AsOf, d.Licence, d.Credit, d.Origin, d.Format, sum, size, d.ETag, d.Modified}
		if err := rows.Write(row); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}
