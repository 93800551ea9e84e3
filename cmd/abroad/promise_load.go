package main

import (
	"fmt"

	"abroad/analyze/promise"
)

// loadPromises reads promise files by path or id of the library, before any work starts: an audit is never written with a half-read promise.
func loadPromises(args []string, app string) ([]*promise.File, error) {
	files, err := promise.Load(args)
	if err != nil {
		return nil, promiseError(err)
	}
	for _, f := range files {
		if err := f.About(app); err != nil {
			return nil, promiseError(err)
		}
	}
	return files, nil
}

// promiseError is "read promise: tiktok.yaml:12: unknown key \"plcaes\""; the error itself carries its hint.
func promiseError(err error) error { return fmt.Errorf("read promise: %w", err) }
