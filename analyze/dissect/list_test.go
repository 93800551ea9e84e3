package dissect

import (
	"strings"
	"testing"
	"unsafe"
)

func TestList(t *testing.T) {
	if len(All) > 32 {
		t.Errorf("%d dissectors, but State.rejected has 32 bits", len(All))
	}
	if n := unsafe.Sizeof(State{}); n > 16 {
		t.Errorf("State has %d bytes, want at most 16: it lives in every flow", n)
	}
	seen := map[string]bool{}
	for _, d := range All {
		switch {
		case d.Name == "" || d.Name != strings.ToLower(d.Name) || strings.ContainsAny(d.Name, " _"):
			t.Errorf("name %q: want a lower-case word", d.Name)
		case seen[d.Name]:
			t.Errorf("%s: listed twice", d.Name)
		case !strings.HasSuffix(d.Doc, ".") || strings.ToUpper(d.Doc[:1]) != d.Doc[:1] || strings.Count(d.Doc, ".") > 1:
			t.Errorf("%s: Doc %q must be one sentence", d.Name, d.Doc)
		case d.Run == nil:
			t.Errorf("%s: no Run", d.Name)
		}
		seen[d.Name] = true
	}
}
