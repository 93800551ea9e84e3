package main

import (
	"os"
	"path/filepath"
	"runtime"

	"abroad/analyze/dataset"
	"abroad/cmd/abroad/internal/shelf"
)

// dataFolder says which dataset directory an audit uses: the flag, else ABROAD_DATA, else that of the
// workspace around here if it holds any, else the user's data folder if it is there.
// A directory that was asked for by name must exist; dataset.None is none.
func dataFolder(flag string) string {
	if flag != "" {
		return flag
	}
	if dir := os.Getenv("ABROAD_DATA"); dir != "" {
		return dir
	}
	if root, err := workspaceHere(); err == nil && root != "" {
		dir := filepath.Join(root, shelf.Datasets)
		if _, err := os.Stat(filepath.Join(dir, dataset.IndexName)); err == nil { // one without datasets says nothing
			return dir
		}
	}
	dir := userDataFolder()
	if _, err := os.Stat(dir); dir == "" || err != nil {
		return dataset.None
	}
	return dir
}

// userDataFolder is where the system wants a program's data of one user; empty if it does not say.
func userDataFolder() string {
	var dir string
	var err error
	switch runtime.GOOS {
	case "windows":
		dir, err = os.UserCacheDir() // %LocalAppData%
	case "darwin":
		dir, err = os.UserConfigDir() // ~/Library/Application Support
	default: // XDG Base Directory Specification
		if dir = os.Getenv("XDG_DATA_HOME"); dir == "" {
			dir, err = os.UserHomeDir()
			dir = filepath.Join(dir, ".local", "share")
		}
	}
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "abroad")
}
