package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/reports"
)

// besideChanges returns the format with what a comparison says, which must be of the audit that is reported.
func besideChanges(f *reports.Format, path, auditArg string) (*reports.Format, error) {
	c, err := openComparison(path)
	if err != nil {
		return nil, err
	}
	sum, err := hashOf(auditPath(auditArg))
	if err != nil {
		return nil, fmt.Errorf("open audit: %s: %w", auditArg, withoutPath(err))
	}
	known := false
	for i := range c.Audits {
		known = known || c.Audits[i].SHA256 == sum
	}
	if !known {
		return nil, usagef("compare it again", "--changes: %s is not of this audit, or the audit was made anew since", path)
	}
	page := f
	if f == asPDF {
		if page, err = reports.Find("html"); err != nil {
			return nil, err
		}
	}
	if page, err = reports.WithChanges(page, c); err != nil {
		return nil, usagef("", "--changes: %w", err)
	}
	if f != asPDF {
		return page, nil
	}
	return &reports.Format{Name: f.Name, Doc: f.Doc, Files: []reports.File{{Name: f.Files[0].Name, Write: func(w io.Writer, a *audit.Audit, screen reports.Screen) error {
		return writePDF(w, page, a, screen)
	}}}}, nil
}

// comparePath accepts a comparison's folder for its compare.json.
func comparePath(arg string) string {
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return filepath.Join(arg, compareFile)
	}
	return arg
}

func openComparison(arg string) (*audit.Comparison, error) {
	f, err := openPart(arg, compareFile)
	if err != nil {
		return nil, fmt.Errorf("open comparison: %s: %w", arg, withoutPath(err))
	}
	defer f.Close()
	c, err := audit.ReadComparison(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("open comparison: %s: %w", arg, err)
	}
	return c, nil
}

func hashOf(path string) (sum capture.Digest, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return capture.Digest(h.Sum(nil)), nil
}
