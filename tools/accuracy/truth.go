package main

import (
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A row is one prefix of the truth, and the address in it that is asked about.
type row struct {
	provider, prefix, region, country string
	address                           netip.Addr
	ms                                float64 // a simulated round trip; 0 for none
}

// readTruth reads the rows that name a country.
func readTruth(path string) ([]row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var rows []row
	for _, f := range all[min(1, len(all)):] {
		if len(f) != 4 || f[3] == "" {
			continue
		}
		p, err := netip.ParsePrefix(f[1])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		rows = append(rows, row{provider: f[0], prefix: f[1], region: f[2], country: f[3], address: inside(p)})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("read %s: no rows", path)
	}
	return rows, nil
}

// inside chooses an address of the prefix that looks random and is always the same.
func inside(p netip.Prefix) netip.Addr {
	h := fnv.New128a()
	h.Write([]byte(p.String()))
	noise := h.Sum(nil)
	b := p.Masked().Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= noise[(bit/8)%len(noise)] & (0x80 >> (bit % 8))
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// An oldFile is a file of an operator that is not its newest.
type oldFile struct{ provider, path, asOf string }

// olderFiles lists the older files of the operators, by name: PROVIDER-DATE.EXT.
func olderFiles(dir string) (map[string][]oldFile, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files := map[string][]oldFile{}
	for _, e := range entries { // sorted, so by date within a provider
		provider, date, ok := strings.Cut(strings.TrimSuffix(e.Name(), filepath.Ext(e.Name())), "-")
		if !ok {
			continue
		}
		if strings.Count(date, "-") == 1 {
			date += "-01"
		}
		files[provider] = append(files[provider], oldFile{provider, filepath.Join(dir, e.Name()), date})
	}
	for provider, list := range files {
		if files[provider] = list[:len(list)-1]; len(list) == 1 {
			delete(files, provider)
		}
	}
	return files, nil
}

// combinations takes one file of each operator: the oldest of each, then the next ones, until every file was used.
func combinations(files map[string][]oldFile) (sets [][]oldFile) {
	var providers []string
	most := 0
	for provider, list := range files {
		providers = append(providers, provider)
		most = max(most, len(list))
	}
	slices.Sort(providers)
	for n := range most {
		var set []oldFile
		for _, provider := range providers {
			list := files[provider]
			set = append(set, list[min(n, len(list)-1)])
		}
		sets = append(sets, set)
	}
	return sets
}
