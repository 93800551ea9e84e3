package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"abroad/analyze/audit"
	"abroad/reports"
)

// asPDF prints the HTML page. It is no format of package reports: it needs a browser, and a browser does not give the same bytes twice.
var asPDF = &reports.Format{
	Name: "pdf",
	Doc:  "The HTML page on A4, printed by an installed Chromium or Chrome.",
	Files: []reports.File{{Name: "report.pdf", Write: func(w io.Writer, a *audit.Audit, screen reports.Screen) error {
		page, err := reports.Find("html")
		if err != nil {
			return err
		}
		return writePDF(w, page, a, screen)
	}}},
}

// browsers are the names under which Chromium and its kin are installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// printTime is how long a browser may take for a page.
const printTime = 2 * time.Minute

// writePDF prints a page of an audit.
func writePDF(w io.Writer, page *reports.Format, a *audit.Audit, screen reports.Screen) error {
	program := ""
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		return &hintedError{errors.New("print: no Chromium or Chrome is installed"), "install one, or open --format html in a browser and print it"}
	}
	dir, err := os.MkdirTemp("", "abroad-print-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writePage(filepath.Join(dir, "report.html"), page, a, screen); err != nil {
		return err
	}
	if err := printPage(program, dir); err != nil {
		return err
	}
	printed, err := os.Open(filepath.Join(dir, "report.pdf"))
	if err != nil {
		return fmt.Errorf("print: %s wrote nothing", filepath.Base(program))
	}
	defer printed.Close()
	_, err = io.Copy(w, printed)
	return err
}

func writePage(path string, page *reports.Format, a *audit.Audit, screen reports.Screen) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(page.Files[0].Write(f, a, screen), f.Close())
}

// printPage lets the browser print dir's report.html into dir. It gets a profile of its own, and no name that it looks up has an address.
func printPage(program, dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), printTime)
	defer cancel()
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--no-pdf-header-footer", "--print-to-pdf=" + filepath.Join(dir, "report.pdf"),
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium refuses to run as root otherwise; the page holds no active content of others
	}
	page := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "report.html"))}
	out, err := exec.CommandContext(ctx, program, append(args, page.String())...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("print: %s: %w: %.300s", filepath.Base(program), err, out)
	}
	return nil
}
