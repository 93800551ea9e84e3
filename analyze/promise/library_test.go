package promise

import (
	"os"
	"strings"
	"testing"
)

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

// TestText: what is no plain file is not read as one, and a path does not lead into the library.
func TestText(t *testing.T) {
	if _, _, err := Text(t.TempDir()); err == nil || !strings.Contains(err.Error(), "it is not a plain file") {
		t.Errorf("a folder: %v", err)
	}
	for _, arg := range []string{"../library/practice", "./practice", "library/practice", "practice.yaml", "nobody"} {
		if name, _, err := Text(arg); err == nil {
			t.Errorf("%q is %s", arg, name)
		}
	}
	t.Chdir(t.TempDir())
	if err := os.Mkdir("practice", 0o700); err != nil { // an audit's folder, perhaps
		t.Fatal(err)
	}
	if name, _, err := Text("practice"); err != nil || name != "practice.yaml (library)" {
		t.Errorf("beside a folder of the name: %q, %v", name, err)
	}
	if err := os.WriteFile("zoom-routing", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name, text, err := Text("zoom-routing"); err != nil || name != "zoom-routing" || string(text) != "mine" {
		t.Errorf("a file of the name: %q, %v", name, err)
	}
	if err := os.WriteFile("long", make([]byte, MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Text("long"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a long file: %v", err)
	}
}

// TestAbout: an app that nobody declared, and a promise that names no ids, cannot be held against each other; anything else must match.
func TestAbout(t *testing.T) {
	f := &File{Name: "p", Subject: Subject{App: App{Android: []string{"org.a"}, IOS: []string{"org.i"}}}}
	for app, want := range map[string]bool{"": true, "org.a": true, "org.i": true, "org.b": false, "ORG.A": false} {
		if err := f.About(app); (err == nil) != want {
			t.Errorf("%q: %v", app, err)
		}
	}
	if err := (&File{}).About("org.b"); err != nil {
		t.Error(err)
	}
}
