package promise

import "testing"

// TestLibrary lints every built-in promise.
func TestLibrary(t *testing.T) {
	for _, id := range Library() {
		name, text, err := Text(id)
		if err != nil {
			t.Fatal(err)
		}
		f, faults := Parse(name, text)
		for _, fault := range faults {
			t.Logf("%v", fault)
		}
		if first := faults.First(); first != nil {
			t.Errorf("%v (%s)", first, first.Hint)
			continue
		}
		if f.Metadata.ID != id {
			t.Errorf("%s: the id is %q", name, f.Metadata.ID)
		}
	}
}
