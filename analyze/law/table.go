package law

import (
	"embed"
	"encoding/csv"
	"fmt"
	"slices"
)

//go:embed members.csv laws.csv sources.csv
var files embed.FS

// readTable reads an embedded table: CSV with "#" comments and exactly these columns.
func readTable(name string, columns []string) ([][]string, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, fmt.Errorf("%s: want the columns %q", name, columns)
	}
	return rows[1:], nil
}
