package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
)

func newDataLookup() *cobra.Command {
	var data, vantage, overrides string
	var mmdb []string
	var asJSON bool
	var rtt float64
	cmd := &cobra.Command{
		Use:   "lookup [flags] ADDR…",
		Short: "Say what every dataset says about addresses, and what follows",
		Long: `Lookup prints, for each address, the grade and the place, then every claim with the
row that it quotes, then why claims were not followed and what would raise the
grade. "-" reads addresses from stdin, one a line.

--vantage and --rtt add what physics allows: a round trip measured over TLS or QUIC
from the vantage to every address named. It is taken as given. On stdin it may follow
each address instead: "192.0.2.1 8.5".

With --json, one line an address, in the order given. A line on stdin that is no
address gets grade L0 and is reported; the exit code is then 1:
  {"address", "grade", "country", "candidates": [], "within": [], "role",
   "claims": [{"dataset", "kind", "country", "prefix", "as_of"}], "why": []}`,
		Example: `  abroad data lookup --data none 8.8.8.8 2606:4700:4700::1111
  abroad data lookup --data none --vantage DE --rtt 8 46.4.0.1
  # needs a list of yours, an address a line
  cat addresses.txt | abroad data lookup --json -`,
		Args: arguments("ADDR…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			addresses := make([]netip.Addr, 0, len(args))
			for _, arg := range args {
				if arg == "-" {
					if len(args) > 1 {
						return usagef("", "lookup: stdin and addresses: name one of them")
					}
					continue
				}
				a, err := netip.ParseAddr(arg)
				if err != nil {
					return usagef("an address is like 192.0.2.1 or 2001:db8::1; names are not resolved", "lookup: %q is no address", arg)
				}
				addresses = append(addresses, a)
			}
			library, err := openLibrary(cmd, locate.Options{Data: dataFolder(data), MMDB: mmdb, Overrides: overrides})
			if err != nil {
				return err
			}
			defer library.Close()
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
			l := &lookup{library: library, datasets: library.Datasets(), out: out, json: asJSON}
			var world audit.Dataset
			if l.distance, world, err = newDistance(vantage, rtt, cmd.Flags().Changed("rtt"), len(addresses) == 0, len(l.datasets)+1); err != nil {
				return err
			}
			l.datasets = append(l.datasets, world)
			if len(addresses) == 0 {
				err = l.stream(cmd.InOrStdin(), cmd.ErrOrStderr())
			}
			for _, a := range addresses {
				if err == nil {
					err = l.one(a)
				}
			}
			if flushed := out.Flush(); err == nil {
				err = flushed
			}
			for _, note := range library.Notes() {
				fmt.Fprintf(cmd.ErrOrStderr(), "abroad: %s\n", oneLine(note))
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&asJSON, "json", false, "one line of JSON an address")
	f.StringArrayVar(&mmdb, "mmdb", nil, "also ask this database, `FILE`; may be given several times")
	f.StringVar(&overrides, "overrides", "", "corrections by hand in `FILE` (default: the folder's)")
	f.StringVar(&vantage, "vantage", "", "where the round trip was measured: `CC|LAT,LON,KM`")
	f.Float64Var(&rtt, "rtt", 0, "the round trip in `MS`, rounded up")
	dataFlag(cmd, &data)
	return cmd
}

// A lookup asks about one address after the other.
type lookup struct {
	library  *locate.Library
	datasets []audit.Dataset
	out      *bufio.Writer
	json     bool
	distance distance
}

// Limits of what is read from stdin.
const (
	longestAddress = 1 << 12 // bytes of a line; a longer one is no address
	mostTold       = 10      // lines that are no address, named on stderr
)

// stream reads addresses, one a line, and answers them in their order. A line that is none is answered too, and told; empty lines are not.
func (l *lookup) stream(in io.Reader, stderr io.Writer) error {
	lines := bufio.NewReaderSize(in, longestAddress)
	wrong, distance := 0, l.distance
	for n := 1; ; n++ {
		line, long, err := lines.ReadLine()
		text := strings.TrimSpace(string(line))
		for rest := long; rest && err == nil; {
			_, rest, err = lines.ReadLine()
		}
		if err == io.EOF && text == "" {
			break
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("read stdin, line %d: %w", n, err)
		}
		if text == "" {
			continue
		}
		l.distance = distance
		a, ms, err := timed(text)
		switch {
		case err == nil && ms > 0 && l.distance.physics == nil:
			return usagef("", "read stdin, line %d: %q has a round trip: want --vantage", n, text)
		case err == nil && !long:
			if ms > 0 {
				l.distance.measured(ms)
			}
			err = l.one(a)
		default:
			if wrong++; wrong <= mostTold {
				fmt.Fprintf(stderr, "abroad: line %d: %q is no address\n", n, tidyLine(text))
			}
			err = l.none(text)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case wrong == 1:
		return errors.New("lookup: 1 line is no address")
	case wrong > 0:
		return fmt.Errorf("lookup: %d lines are no address", wrong)
	}
	return nil
}

// timed reads an address, and the round trip in ms that may stand behind it; 0 for none.
func timed(text string) (a netip.Addr, ms float64, err error) {
	fields := strings.Fields(text)
	if a, err = netip.ParseAddr(fields[0]); err != nil || len(fields) == 1 {
		return a, 0, err
	}
	ms, err = strconv.ParseFloat(fields[1], 64)
	if err == nil && (len(fields) > 2 || !plausibleRTT(ms)) {
		err = fmt.Errorf("%q: want a round trip in ms", text)
	}
	return a, ms, err
}

// tidyLine cuts a line that is no address to what fits a message.
func tidyLine(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// none answers a line that is no address, so that there is an answer for each line.
func (l *lookup) none(text string) error {
	p := audit.Place{Grade: audit.L0, Words: "not an address"}
	if l.json {
		return l.writeJSON(tidyLine(text), nil, &p)
	}
	_, err := fmt.Fprintf(l.out, "%s  %s  %s\n", oneLine(tidyLine(text)), p.Grade, p.Words)
	return err
}

func (l *lookup) one(a netip.Addr) error {
	said := l.library.Ask(locate.Query{Address: a})
	claims := make([]audit.Claim, len(said.Claims))
	copy(claims, said.Claims)
	var within []string
	var doubt string
	if said.Class == audit.ClassPublic || said.Translated.IsValid() { // others are no place
		claims, within, doubt = l.distance.bound(a, claims)
	}
	for i := range claims {
		claims[i].ID = audit.ID{Kind: audit.KindClaim, N: uint32(i + 1)}
	}
	place := locate.Weigh(said.Class, claims, l.datasets, within)
	if doubt != "" {
		place.Words += "; " + doubt
	}
	if l.json {
		return l.writeJSON(a.String(), claims, &place)
	}
	return l.writeText(a, claims, &place)
}

// A lookupLine is the JSON of one address; lists are never null.
type lookupLine struct {
	Address    string        `json:"address"` // as it was given if it is none
	Grade      audit.Grade   `json:"grade"`
	Country    string        `json:"country"`
	Candidates []string      `json:"candidates"`
	Within     []string      `json:"within"`
	Role       audit.Role    `json:"role"`
	Claims     []lookupClaim `json:"claims"`
	Why        []string      `json:"why"`
}

type lookupClaim struct {
	Dataset string          `json:"dataset"`
	Kind    audit.ClaimKind `json:"kind"`
	Country string          `json:"country"`
	Prefix  string          `json:"prefix"`
	AsOf    string          `json:"as_of"`
}

func (l *lookup) writeJSON(a string, claims []audit.Claim, p *audit.Place) error {
	line := lookupLine{a, p.Grade, p.Country, full(p.Candidates), full(p.Within), p.Role, make([]lookupClaim, len(claims)), l.why(claims, p)}
	for i := range claims {
		d := l.dataset(&claims[i])
		line.Claims[i] = lookupClaim{d.Name, claims[i].Kind, claims[i].Country, claims[i].Said.Key, d.AsOf}
	}
	b, err := json.Marshal(line)
	if err != nil {
		return err
	}
	l.out.Write(b)
	return l.out.WriteByte('\n')
}

func full(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// why says what was concluded, what was not followed, and what is missing.
func (l *lookup) why(claims []audit.Claim, p *audit.Place) []string {
	why := []string{p.Words}
	for _, r := range p.Rejected {
		c := &claims[r.Claim.N-1]
		says := c.Country
		if says == "" {
			says = string(c.Kind)
		}
		why = append(why, fmt.Sprintf("not followed: %s (%s, %s): %s", says, l.dataset(c).Name, c.Said.Key, r.Why))
	}
	for _, m := range p.Missing {
		why = append(why, "missing: "+m)
	}
	return why
}

func (l *lookup) dataset(c *audit.Claim) *audit.Dataset { return &l.datasets[c.Said.Dataset.N-1] }

func (l *lookup) writeText(a netip.Addr, claims []audit.Claim, p *audit.Place) error {
	why := l.why(claims, p)
	fmt.Fprintf(l.out, "%s  %s  %s\n", a, p.Grade, oneLine(why[0]))
	for i := range claims {
		c := &claims[i]
		d := l.dataset(c)
		parts := []string{string(c.Kind)}
		for _, part := range []string{c.Country, c.Region, c.City, c.Organisation, c.Detail} {
			if part != "" && part != string(c.Kind) {
				parts = append(parts, oneLine(part))
			}
		}
		if c.AS != 0 {
			parts = append(parts, fmt.Sprintf("AS%d", c.AS))
		}
		fmt.Fprintf(l.out, "    %s (%s, as of %s) says of %s: %s\n", oneLine(d.Name), dash(oneLine(d.Publisher)), dash(d.AsOf), c.Said.Key, strings.Join(parts, ", "))
	}
	for _, line := range why[1:] {
		fmt.Fprintf(l.out, "    %s\n", oneLine(line))
	}
	return nil
}
