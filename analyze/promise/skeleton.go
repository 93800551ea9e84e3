package promise

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed skeleton.yaml
var skeleton string

// Skeleton returns a commented promise file that has no fault, to be filled in.
func Skeleton(id, day string) ([]byte, error) {
	if !slug.MatchString(id) {
		return nil, fmt.Errorf("id %q", id)
	}
	return []byte(strings.NewReplacer("ID", id, "DAY", day).Replace(skeleton)), nil
}
