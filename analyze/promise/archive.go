package promise

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// MaxArchived is how long an archived text may be, in bytes.
const MaxArchived = 16 << 20

// archived returns the text of a source: the file that its archive names, or one called after the source.
func archived(s *Source, dir fs.FS) (name string, text []byte, err error) {
	var names []string
	if s.Archive != nil {
		ref := s.Archive.Ref
		if _, p, ok := strings.Cut(ref, ":"); ok && s.Archive.Type == "ota" { // repo@commit:path
			names = append(names, p)
			ref = p
		}
		names = append(names, ref, path.Base(ref))
	}
	for _, ext := range []string{".md", ".txt", ".html"} {
		names = append(names, s.ID+ext)
	}
	for _, name := range names {
		if !fs.ValidPath(name) {
			continue
		}
		f, err := dir.Open(name)
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(f, MaxArchived+1))
		f.Close()
		switch {
		case err != nil:
			return name, nil, err
		case len(text) > MaxArchived:
			return name, nil, fmt.Errorf("longer than %d bytes", MaxArchived)
		}
		return name, text, nil
	}
	return "", nil, errNoText
}

var errNoText = errors.New("no archived text")

// CheckQuotes holds quotations and hashes against archived texts. A source without a text is a warning; with all, it is a fault.
func (f *File) CheckQuotes(dir fs.FS, all bool) Faults {
	c := &checker{name: f.Name, lines: f.lines}
	for i := range f.Sources {
		s, at := &f.Sources[i], fmt.Sprintf("sources[%d]", i)
		name, text, err := archived(s, dir)
		switch {
		case errors.Is(err, errNoText) && all && f.cited(s.ID):
			c.fault(at, "save its text as "+s.ID+".md or "+s.ID+".txt in the folder of archived texts", "no archived text of the source %q", s.ID)
			continue
		case errors.Is(err, errNoText):
			if f.cited(s.ID) {
				c.warn(at, "save it as "+s.ID+".md or "+s.ID+".txt", "no archived text of the source %q: its quotations were not checked", s.ID)
			}
			continue
		case err != nil:
			c.fault(at, "", "archived text of %q: %v", s.ID, err)
			continue
		}
		if sum, want := hash(text), f.attached(s); want != "" && want != sum {
			c.fault(at+".archive.sha256", "it is another version of the text: take the hash out to review that one", "%s has the hash %s", name, sum)
			continue
		}
		plain := plainText(string(text))
		for k := range f.Clauses {
			if v := &f.Clauses[k]; v.Source == s.ID && v.Quote != "" && !strings.Contains(plain, plainText(v.Quote)) {
				c.fault(fmt.Sprintf("clauses[%d].quote", k), "quote the text as it stands there", "the quotation of clause %q does not occur in %s", v.ID, name)
			}
		}
	}
	return c.faults.sorted()
}

// attached is the hash of the text that a source's quotations were read in: the archive's, or the one that a reviewer had; empty if unknown.
func (f *File) attached(s *Source) string {
	if s.Archive != nil && s.Archive.SHA256 != "" {
		return s.Archive.SHA256
	}
	if f.Metadata.Review == "reviewed" && f.Metadata.Record != nil {
		for _, a := range f.Metadata.Record.Archived {
			if a.Source == s.ID {
				return a.SHA256
			}
		}
	}
	return ""
}

// cited reports whether a clause stands on a source.
func (f *File) cited(source string) bool {
	return slices.ContainsFunc(f.Clauses, func(c Clause) bool { return c.Source == source })
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

var (
	markdownLink = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\n]*\)`)
	markup       = regexp.MustCompile(`<[^<>\n]{1,200}>`)
	marks        = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`, "–", "-", "—", "-", " ", " ", "*", "", "`", "", "\\", "")
)

// plainText brings texts into one form: links without their targets, no markup or emphasis, one kind of quotation marks and hyphens, single
// spaces.
func plainText(s string) string {
	s = markdownLink.ReplaceAllString(s, "$1")
	s = markup.ReplaceAllString(s, " ")
	return strings.Join(strings.Fields(marks.Replace(s)), " ")
}
