package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each package may import. A package that is not listed fails the test: a new one is a decision.
var mayImport = map[string][]string{
	"capture":                            {},
	"capture/corpus":                     {}, // imported by tests only
	"capture/lab":                        {},
	"capture/lab/labtest":                {"capture/corpus", "capture/lab"}, // imported by tests only
	"capture/source":                     {"capture"},
	"capture/session":                    {"capture", "capture/source"},
	"capture/recorder":                   {"capture", "capture/source", "capture/session", "capture/recorder/adb", "capture/recorder/apk", "capture/recorder/bpf", "capture/recorder/privilege", "capture/recorder/ring", "capture/recorder/usbmux"},
	"capture/recorder/adb":               {},
	"capture/recorder/adb/adbtest":       {"capture/corpus", "capture/recorder/adb"}, // imported by tests only
	"capture/recorder/apk":               {},
	"capture/recorder/bpf":               {},
	"capture/recorder/privilege":         {},
	"capture/recorder/ring":              {"capture"},
	"capture/recorder/usbmux":            {},
	"capture/recorder/usbmux/usbmuxtest": {}, // imported by tests only
	"analyze/audit":                      {"capture"},
	"analyze/stats":                      {},
	"analyze/compare":                    {"capture", "analyze/audit", "analyze/stats"},
	"analyze/wire":                       {},
	"analyze/flow":                       {"capture", "analyze/audit"},
	"analyze/dissect":                    {"capture", "analyze/audit", "analyze/flow", "analyze/wire"},
	"analyze/dataset":                    {"capture", "analyze/audit"},
	"analyze/law":                        {"analyze/audit"},
	"analyze/promise":                    {"capture", "analyze/audit", "analyze/law", "analyze/locate", "analyze/owner", "analyze/stats"},
	"analyze/owner":                      {"analyze/audit", "analyze/locate"},
	"analyze/locate":                     {"capture", "analyze/audit", "analyze/dataset", "analyze/locate/earth"},
	"analyze/locate/earth":               {},
	"analyze/provider":                   {"analyze/dataset", "analyze/locate"},
	"analyze":                            {"capture", "capture/source", "analyze/audit", "analyze/flow", "analyze/dissect", "analyze/dataset", "analyze/locate", "analyze/owner", "analyze/law", "analyze/promise"},
	"reports":                            {"capture", "analyze/audit", "analyze/locate/earth"}, // how far countries are from a vantage
	"cmd/abroad": {
		"capture", "capture/source", "capture/session", "capture/recorder", "analyze", "analyze/audit", "analyze/dissect", "analyze/dataset", "analyze/flow", "analyze/law", "analyze/owner", "analyze/locate", "analyze/provider", "analyze/promise", "reports",
		"capture/lab", "capture/recorder/privilege", "cmd/abroad/internal/workspace", "analyze/compare", "cmd/abroad/internal/shelf", "cmd/abroad/internal/online", "cmd/abroad/internal/web", "cmd/abroad/internal/live",
	},
	"cmd/abroad/internal/online":    {"analyze/audit", "analyze/dataset", "analyze/locate", "analyze/provider"},
	"cmd/abroad/internal/live":      {"capture", "capture/recorder", "capture/session", "analyze", "analyze/audit", "analyze/locate", "reports"},
	"cmd/abroad/internal/shelf":     {"capture", "analyze/audit"},
	"cmd/abroad/internal/web":       {"capture", "capture/session", "cmd/abroad/internal/live", "analyze/audit", "reports"},
	"cmd/abroad/internal/workspace": {},
}

// mayUse says which packages of ours may use an outside module that is dangerous or meant for one place.
var mayUse = map[string][]string{
	"github.com/google/gopacket": {"analyze/flow"},
	"github.com/miekg/dns":       {"analyze/dissect", "cmd/abroad/internal/online"},
	"go.yaml.in/yaml":            {"analyze/locate", "analyze/promise", "cmd/abroad"},
	"github.com/oschwald/":       {"analyze/locate"},
	"github.com/spf13/cobra":     {"cmd/abroad"},
	"github.com/klauspost":       {"capture/source", "capture/session"},
	"golang.org/x/term":          {"cmd/abroad"},
	"golang.org/x/sys":           {"cmd/abroad/internal/workspace", "capture/lab", "capture/lab/labtest", "capture/recorder/privilege", "capture/recorder/ring"}, // and tests of terminals
	"howett.net/plist":           {"capture/recorder/usbmux", "capture/recorder/usbmux/usbmuxtest"},
	"net/http":                   {"capture/lab", "cmd/abroad/internal/online", "cmd/abroad/internal/web"}, // the only way out; the lab has none, the web server only answers
}

func TestLayers(t *testing.T) {
	const module = "abroad/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := strings.TrimPrefix(words[0], module)
		allowed, listed := mayImport[pkg]
		if !listed {
			t.Errorf("package %s is not in mayImport", pkg)
			continue
		}
		for _, imported := range words[1:] {
			if ours, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s must not import %s", pkg, ours)
			}
			for prefix, users := range mayUse {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(users, pkg) {
					t.Errorf("%s must not use %s", pkg, imported)
				}
			}
		}
	}
}
