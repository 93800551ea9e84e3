package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/owner"
)

func newOwner() *cobra.Command {
	var c ownerCommand
	cmd := &cobra.Command{
		Use:   "owner [flags] NAME…",
		Short: "Say which organisation receives what is sent to a name, and where that was read",
		Long: `Owner looks names up in the owner table: which organisation a host name belongs to,
what the name is for, where the organisation has its legal seat (J3) and its
headquarters, and who its ultimate parent is (J4), each with the source and the day
on which it was read. AS64500 asks who runs a network (J2).

Rows that nobody has read at a source are from memory: they are called unverified, and
no audit concludes anything from them. Rows are dated: --date asks for another day
than today.

A user's own file (--owners) is CSV with a header line. Its columns are
  ` + strings.Join(owner.Columns[:6], ", ") + `,
  ` + strings.Join(owner.Columns[6:], ", ") + `
of which the first two are required; roles are joined by ";". A row without a source
is unverified. The longest suffix wins, never above the registrable domain unless
column above says "above".

With --json, one line a name:
  {"name", "day", "found", "suffix", "roles": [], "said": {…}, "organisation": {…}}`,
		Example: `  abroad owner graph.facebook.com d111111abcdef8.cloudfront.net AS15169
  abroad owner --date 2026-01-21 api.tiktokv.us
  abroad owner --list
  # needs a file of yours
  abroad owner --owners mine.csv tracker.example.org`,
		RunE: c.run,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&c.day, "date", "", "as it was on `DAY`, like 2026-01-22 (default: today)")
	f.BoolVar(&c.list, "list", false, "print every row, and how many were read")
	f.BoolVar(&c.json, "json", false, "one line of JSON a name")
	f.StringVar(&c.owners, "owners", "", "also the rows of `FILE`")
	cmd.MarkFlagFilename("owners", "csv")
	return cmd
}

// An ownerCommand is what the flags of "abroad owner" say.
type ownerCommand struct {
	day, owners string
	list, json  bool
}

func (c *ownerCommand) run(cmd *cobra.Command, args []string) error {
	if c.list == (len(args) > 0) {
		return usagef("usage: "+cmd.UseLine(), "owner: name a host, an AS, or --list")
	}
	for _, name := range args {
		if err := checkName(name); err != nil {
			return err
		}
	}
	day, err := dayOrToday(c.day)
	if err != nil {
		return err
	}
	table, err := openOwners(c.owners)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	if c.list {
		err = listOwners(out, table, c.json)
	}
	for i, name := range args {
		a := askOwner(table, name, day)
		switch {
		case c.json:
			err = json.NewEncoder(out).Encode(a)
		case i > 0:
			out.WriteByte('\n')
			fallthrough
		default:
			a.write(out)
		}
		if err != nil {
			break
		}
	}
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	return err
}

// checkName refuses what looks like a question about something else: nobody would have a row for it.
func checkName(name string) error {
	if u, err := url.Parse(name); err == nil && u.Host != "" {
		return usagef("abroad owner "+oneLine(u.Hostname()), "owner: %q is no name, but a web address", name)
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return usagef("ask for a host name, or for a network like AS15169", "owner: %q is an address: the owner table goes by names and networks", name)
	}
	if name == "" || strings.ContainsAny(name, "/ ") {
		return usagef("ask for a host name, or for a network like AS15169", "owner: %q is no name", name)
	}
	return nil
}

// dayOrToday checks --date.
func dayOrToday(s string) (string, error) {
	if s == "" {
		return time.Now().UTC().Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", usagef("", "--date: %q is no day like 2026-01-22", s)
	}
	return s, nil
}

// openOwners is the embedded owner table with a user's file over it.
func openOwners(path string) (*owner.Table, error) {
	table, err := owner.Default()
	if err != nil || path == "" {
		return table, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open owners: %s: %w", path, withoutPath(err))
	}
	defer f.Close()
	if table, err = table.Read(path, f); err != nil {
		return nil, fmt.Errorf("read owners: %w", err)
	}
	return table, nil
}

// firstParty checks the domains of --first-party and writes them as names are compared.
func firstParty(domains []string) ([]string, error) {
	var list []string
	for _, d := range domains {
		d = strings.TrimSuffix(strings.ToLower(strings.TrimPrefix(d, "*.")), ".")
		if err := owner.CheckDomain(d); err != nil {
			return nil, usagef("every name under the domain is the maker's: --first-party example.com", "--first-party: %w", err)
		}
		list = append(list, d)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// An ownerAnswer is what the table says of one name on one day.
type ownerAnswer struct {
	Name         string              `json:"name"`
	Day          string              `json:"day"`
	Found        bool                `json:"found"`
	Suffix       string              `json:"suffix,omitempty"`
	Roles        []string            `json:"roles,omitempty"`
	Said         *audit.Fact         `json:"said,omitempty"`
	Organisation *audit.Organisation `json:"organisation,omitempty"`
}

func askOwner(t *owner.Table, name, day string) ownerAnswer {
	a := ownerAnswer{Name: name, Day: day}
	key := ""
	if digits, ok := strings.CutPrefix(strings.ToUpper(name), "AS"); ok {
		if n, err := strconv.ParseUint(digits, 10, 32); err == nil {
			if found, said, ok := t.Network(uint32(n)); ok {
				key, a.Said = found, &said
			}
		}
	}
	if m, ok := t.Find(name, day); ok {
		key, a.Suffix, a.Roles, a.Said = m.Organisation, m.Suffix.Suffix, m.Roles, &m.Said
	}
	if o, ok := t.At(key, day); ok {
		a.Found, a.Organisation = true, &o
	}
	return a
}

func (a *ownerAnswer) write(w io.Writer) {
	fmt.Fprintf(w, "%s on %s\n", oneLine(a.Name), a.Day)
	if !a.Found {
		fmt.Fprintln(w, "  unknown: the owner table has no row for it")
		return
	}
	writeFact(w, a.Said, strings.Join(a.Roles, ", "))
	for i := range a.Organisation.Facts {
		writeFact(w, &a.Organisation.Facts[i], "")
	}
	if a.Organisation.Parent == "" {
		fmt.Fprintln(w, "  ultimate parent unknown")
	}
	if a.Organisation.Note != "" {
		fmt.Fprintf(w, "  note: %s\n", oneLine(a.Organisation.Note))
	}
}

func writeFact(w io.Writer, f *audit.Fact, roles string) {
	line := oneLine(f.Says)
	if roles != "" {
		line += ", for: " + oneLine(roles)
	}
	if f.From != "" {
		line += ", from " + f.From
	}
	if f.To != "" {
		line += ", until " + f.To
	}
	fmt.Fprintf(w, "  %s\n", line)
	if f.Verified {
		fmt.Fprintf(w, "      %s, read on %s: %s\n", f.Grade, f.Date, oneLine(f.Source))
	} else {
		fmt.Fprintln(w, "      unverified: from memory, nothing is concluded from it")
	}
	if f.Contested != "" {
		fmt.Fprintf(w, "      contested: %s\n", oneLine(f.Contested))
	}
}

// listOwners prints every suffix, and how much of the table was read.
func listOwners(w io.Writer, t *owner.Table, asJSON bool) error {
	enc := json.NewEncoder(w)
	for s := range t.All() {
		o, _ := t.At(s.Organisation, "")
		grade := audit.Unverified
		if s.By != nil {
			grade = s.By.Grade
		}
		if asJSON {
			if err := enc.Encode(map[string]any{"suffix": s.Suffix, "organisation": o.Name, "key": s.Organisation, "seat": o.Seat, "roles": s.Roles, "grade": grade}); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%-28s %-40s %-2s  %-10s  %s\n", oneLine(s.Suffix), oneLine(o.Name), dash(o.Seat), grade, oneLine(strings.Join(s.Roles, ", ")))
	}
	if asJSON {
		return nil
	}
	c := t.Count()
	say := func(what string, n owner.Count) {
		fmt.Fprintf(w, "%d of %d %s were read at a source, %d are unverified\n", n.Read, n.Read+n.Unverified, what, n.Unverified)
	}
	fmt.Fprintln(w)
	say("name suffixes", c.Suffixes)
	say("networks", c.Networks)
	say("legal seats", c.Seats)
	say("headquarters", c.Headquarters)
	say("parents", c.Parents)
	_, err := fmt.Fprintf(w, "%d of %d organisations were read in everything that is said of them\n", c.Whole, c.Organisations)
	return err
}
