package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// axe-core, pinned. It comes from npm and is neither committed nor shipped.
const axeVersion = "4.14.1"

// axe returns the source of axe-core, installed into dir once.
func axe(dir string) (string, error) {
	path := filepath.Join(dir, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(path); err != nil {
		cmd := exec.Command("npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--silent", "axe-core@"+axeVersion)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("install axe-core %s: %w\n%s", axeVersion, err, out)
		}
	}
	b, err := os.ReadFile(path)
	return string(b), err
}
