package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/maxmind/mmdbwriter"
)

func main() {
	tarballs := flag.String("tarballs", "", "read the packages' tarballs from this `folder` instead of asking npm")
	world := flag.Bool("world", false, "make the map that reports draw only")
	shapes := flag.Bool("shapes", false, "make the maps of countries only")
	out := flag.String("o", filepath.Join("..", "..", "analyze", "locate", "embedded"), "write into this `folder`")
	flag.Parse()
	if err := run(*tarballs, *out, *world, *shapes); err != nil {
		fmt.Fprintln(os.Stderr, "data:", err)
		os.Exit(1)
	}
}

func run(tarballs, out string, world, shapes bool) error {
	if tarballs == "" {
		dir, err := os.MkdirTemp("", "abroad-data-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := fetch(dir, world || shapes); err != nil {
			return err
		}
		tarballs = dir
	}
	maps, err := atlas.read(tarballs)
	if err != nil {
		return err
	}
	if err := writeWorld(maps, filepath.Join(out, "..", "..", "..", "reports")); err != nil || world {
		return err
	}
	if err := writeShapes(maps, filepath.Join(out, "..", "earth")); err != nil || shapes {
		return err
	}
	countries, err := country.read(tarballs)
	if err != nil {
		return err
	}
	networks, err := network.read(tarballs)
	if err != nil {
		return err
	}
	built, counts, err := build(countries[0], networks)
	if err != nil {
		return err
	}
	if err := verify(built, countries[0], networks, counts); err != nil {
		return err
	}
	fmt.Printf("%d country networks, %d AS ranges; left out: %d prefixes of reserved space, %d networks without a country, %d broken ranges; %d bytes\n",
		counts.countries, counts.ranges, counts.reserved, counts.unknown, counts.bad, len(built))
	list, err := datasets()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	return errors.Join(
		replace(filepath.Join(out, "default.mmdb"), built),
		replace(filepath.Join(out, "default.sha256"), fmt.Appendf(nil, "%x  default.mmdb\n", sha256.Sum256(built))),
		replace(filepath.Join(out, "datasets.csv"), list),
	)
}

func fetch(dir string, shapes bool) error {
	if shapes {
		return atlas.fetch(dir)
	}
	return errors.Join(country.fetch(dir), network.fetch(dir), atlas.fetch(dir))
}

// build makes the database. 24-bit records are the smallest; a tree that needs more is an error of the writer.
func build(countries []byte, networks [][]byte) ([]byte, counts, error) {
	var c counts
	made, err := network.made()
	if err != nil {
		return nil, c, err
	}
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		BuildEpoch:   made.Unix(),
		DatabaseType: "abroad-country-as",
		Description:  map[string]string{"en": "Country by DB-IP Lite; AS by RouteViews, NRO and DB-IP Lite; CC BY 4.0"},
		RecordSize:   24,
		// 6to4, Teredo and NAT64 addresses are translated by the reader, which says so.
		DisableIPv4Aliasing: true,
	})
	if err != nil {
		return nil, c, err
	}
	if err := addCountries(tree, countries, &c); err != nil {
		return nil, c, err
	}
	for _, file := range networks {
		if err := addNetworks(tree, file, &c); err != nil {
			return nil, c, err
		}
	}
	var b bytes.Buffer
	if _, err := tree.WriteTo(&b); err != nil {
		return nil, c, fmt.Errorf("write database: %w", err)
	}
	return b.Bytes(), c, nil
}

// datasets writes who said what is in the database, in the columns of a dataset index.
func datasets() ([]byte, error) {
	countryMade, err1 := country.made()
	networkMade, err2 := network.made()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	const licence = "CC BY 4.0"
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	err := w.WriteAll([][]string{
		{"file", "kind", "name", "title", "publisher", "licence", "credit", "as_of", "origin"},
		{"default.mmdb", "database", "dbip-country-lite", "DB-IP", "DB-IP", licence, "IP Geolocation by DB-IP (https://db-ip.com)",
			countryMade.Format("2006-01-02"), "npm " + country.name + "@" + country.version},
		{"default.mmdb", "networks", "ip-location-db-asn", "AS table", "ip-location-db", licence,
			"AS numbers by RouteViews (https://www.routeviews.org) and the NRO (https://www.nro.net), AS names by DB-IP (https://db-ip.com)",
			networkMade.Format("2006-01-02"), "npm " + network.name + "@" + network.version},
	})
	return b.Bytes(), err
}

// replace writes a file beside its final name first, so that a broken run leaves the old one.
func replace(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
