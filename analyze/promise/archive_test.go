package promise

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

// twoSources is a draft of two clauses that stand on two texts.
const twoSources = `apiVersion: abroad/v1
kind: Promise
metadata: {id: two, title: Two, compiled: "2026-01-01", review: draft}
subject: {app: {name: Two}, entities: []}
sources:
  - {id: one, kind: legal_text, url: "https://a.example/", retrieved: "2026-01-01", grade: primary}
  - {id: other, kind: legal_text, url: "https://b.example/", retrieved: "2026-01-01", grade: primary}
clauses:
  - &first
    id: in-one
    source: one
    quote: the first sentence
    restates: r
    force: legal_text
    polarity: commit
    aspect: governance
    scope: {users: {}, data: [any]}
    in_force: {from: "2026-01-01"}
  - {id: in-other, source: other, quote: "the ‘second’ sentence", restates: r, force: legal_text, polarity: commit, aspect: governance,
     scope: {users: {}, data: [any]}, in_force: {from: "2026-01-01"}}
`

func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, faults := Parse("p.yaml", []byte(text))
	if first := faults.First(); first != nil {
		t.Fatal(first)
	}
	return f
}

// TestQuotes: a quotation must stand in the text of its own source, whatever other texts say; a source without a text is warned of, and
// stops a review.
func TestQuotes(t *testing.T) {
	one, other := &fstest.MapFile{Data: []byte("Here is *the first*\nsentence.")}, &fstest.MapFile{Data: []byte("And the 'second' sentence.")}
	for name, test := range map[string]struct {
		dir    fstest.MapFS
		says   string // of the first fault or warning; empty = none
		warns  bool
		review bool
	}{
		"both":           {fstest.MapFS{"one.txt": one, "other.html": other}, "", false, true},
		"markdown first": {fstest.MapFS{"one.md": one, "one.txt": other, "other.md": other}, "", false, true},
		"exchanged":      {fstest.MapFS{"one.md": other, "other.md": one}, `quotation of clause "in-one" does not occur in one.md`, false, false},
		"one missing":    {fstest.MapFS{"one.md": one}, `no archived text of the source "other"`, true, false},
		"too long": {fstest.MapFS{"one.md": {Data: append(one.Data, bytes.Repeat([]byte("x"), MaxArchived)...)}, "other.md": other},
			`archived text of "one": longer than 16777216 bytes`, false, false},
	} {
		f := parsed(t, twoSources)
		faults := f.CheckQuotes(test.dir, false)
		switch {
		case test.says == "" && len(faults) > 0:
			t.Errorf("%s: %v", name, faults[0])
		case test.says != "" && (len(faults) == 0 || !strings.Contains(faults[0].Says, test.says) || faults[0].Warning != test.warns || faults[0].Line < 6):
			t.Errorf("%s: %v, want %q", name, faults, test.says)
		}
		signed, err := f.Review(test.dir, "A. Person", "2026-11-24")
		if (err == nil) != test.review {
			t.Errorf("%s: review: %v", name, err)
		}
		if err == nil {
			if again := parsed(t, string(signed)); again.Metadata.Record == nil || len(again.Metadata.Record.Archived) != 2 ||
				again.Metadata.Record.Archived[0].SHA256 != hash(one.Data) || again.Sources[0].Archive.SHA256 != hash(one.Data) {
				t.Errorf("%s: the record is %+v", name, again.Metadata.Record)
			}
		}
	}
}

// TestOtherVersion: a reviewer's texts are held by hash, also where the sources themselves name none.
func TestOtherVersion(t *testing.T) {
	dir := fstest.MapFS{"one.md": {Data: []byte("the first sentence")}, "other.md": {Data: []byte("the 'second' sentence")}}
	signed, err := parsed(t, twoSources).Review(dir, "A. Person", "2026-11-24")
	if err != nil {
		t.Fatal(err)
	}
	f := parsed(t, string(signed))
	for i := range f.Sources {
		f.Sources[i].Archive = nil
	}
	if faults := f.CheckQuotes(dir, false); len(faults) > 0 {
		t.Error(faults[0])
	}
	dir["one.md"] = &fstest.MapFile{Data: []byte("the first sentence, and another one")}
	if faults := f.CheckQuotes(dir, false); len(faults) != 1 || !strings.Contains(faults[0].Says, "one.md has the hash") {
		t.Errorf("another version: %v", faults)
	}
	f.Metadata.Review = "draft" // what is to be reviewed again is read anew
	if faults := f.CheckQuotes(dir, false); len(faults) > 0 {
		t.Error(faults[0])
	}
}

// TestReviewNeeds: a review is of quotations.
func TestReviewNeeds(t *testing.T) {
	f := parsed(t, strings.Replace(twoSources, "    quote: the first sentence\n", "", 1))
	dir := fstest.MapFS{"one.md": {Data: []byte("x")}, "other.md": {Data: []byte("the 'second' sentence")}}
	if _, err := f.Review(dir, "A. Person", "2026-11-24"); err == nil || !strings.Contains(err.Error(), `p.yaml:9: clause "in-one" has no quotation`) {
		t.Errorf("a clause without a quotation: %v", err)
	}
}

// TestArchived: where the text of a source is looked for, in this order.
func TestArchived(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	dir := fstest.MapFS{
		"TikTok/Privacy Policy.md": file("path"), "base.md": file("base"), "a:b.md": file("colon"), "s.txt": file("txt"), "b.md": file("after a colon"), "h.html": file("html"),
	}
	for _, test := range []struct {
		source Source
		want   string // empty = there is none
	}{
		{Source{ID: "x", Archive: &Archive{Type: "ota", Ref: "repo@commit:TikTok/Privacy Policy.md"}}, "path"},
		{Source{ID: "x", Archive: &Archive{Type: "ota", Ref: "repo@commit:gone/base.md"}}, "base"},
		{Source{ID: "x", Archive: &Archive{Type: "file", Ref: "a:b.md"}}, "colon"},
		{Source{ID: "x", Archive: &Archive{Type: "file", Ref: "some/folder/base.md"}}, "base"},
		{Source{ID: "x", Archive: &Archive{Type: "file", Ref: "../base.md"}}, "base"},
		{Source{ID: "x", Archive: &Archive{Type: "file", Ref: "c:b.md"}}, ""}, // only an ota reference has a commit before the colon
		{Source{ID: "s"}, "txt"},
		{Source{ID: "h"}, "html"},
		{Source{ID: "s", Archive: &Archive{Type: "wayback", Ref: "https://archive.example/1"}}, "txt"},
		{Source{ID: "y"}, ""},
	} {
		_, text, err := archived(&test.source, dir)
		if string(text) != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%+v: %q, %v", test.source, text, err)
		}
	}
}
