package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/law"
	"abroad/analyze/locate"
)

func newLaw() *cobra.Command {
	var day string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "law [flags] CC…",
		Short: "List the dated legal regimes that concern a country",
		Long: `Law prints, for each country code, the rows of the legal overlay on a day: memberships
of the EU, the EEA and EFTA; adequacy decisions of the EU and the lists of the United
Kingdom and Switzerland; conditions on the recipient, which nobody has checked;
restrictions, localisation and access laws. Each row names its instrument, its
source, and the levels of the jurisdiction vector that it concerns: J1 place of the
server, J2 network, J3 recipient, J4 ultimate parent.

Rows from memory are called unverified. Nothing here is a legal conclusion, and a
country without rows is one that the table does not cover.

With --json, one line a row.`,
		Example: `  abroad law US GB
  abroad law --date 2026-01-25 BR`,
		Args: arguments("CC…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := dayOrToday(day)
			if err != nil {
				return err
			}
			for i, code := range args {
				args[i] = strings.ToUpper(code)
				if locate.Country(args[i]) == "" {
					return usagef(countryHint(args[i]), "law: %q is no ISO 3166-1 country code", code)
				}
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			for _, code := range args {
				if asJSON {
					err = lawJSON(out, code, day)
				} else {
					lawText(out, code, day)
				}
				if err != nil {
					return err
				}
			}
			return out.Flush()
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&day, "date", "", "as it was on `DAY`, like 2026-01-22 (default: today)")
	f.BoolVar(&asJSON, "json", false, "one line of JSON a row")
	return cmd
}

// countryHint says what was perhaps meant.
func countryHint(code string) string {
	switch {
	case code == "UK":
		return "the United Kingdom is GB"
	case law.IsGroup(code):
		return code + " is a group: ask for one of its countries"
	}
	return "two letters, like IE"
}

func lawText(w io.Writer, code, day string) {
	fmt.Fprintf(w, "%s on %s\n", code, day)
	rows := law.At(code, day)
	if len(rows) == 0 {
		fmt.Fprintf(w, "  no row covers it\n")
	}
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(w, "  %s %s (%s): %s\n", r.Regime, r.Kind, strings.Join(r.Levels, ", "), r.Says)
		title := r.Instrument
		if r.Kind != "membership" {
			title = "“" + title + "”" // not ours
		}
		fmt.Fprintf(w, "      %s, from %s%s\n", title, r.From, until(r.To))
		if r.Condition != "" {
			fmt.Fprintf(w, "      only if %s: not checked\n", r.Condition)
		}
		if r.By == nil {
			fmt.Fprintln(w, "      unverified: from memory")
		} else {
			fmt.Fprintf(w, "      %s, read on %s: %s\n", r.By.Grade, r.By.Read, r.By.URL)
		}
		for _, n := range r.Notes {
			fmt.Fprintf(w, "      note: %s\n", n)
		}
	}
	c := law.Counts()
	fmt.Fprintf(w, "  No legal conclusion. Of %d rows besides memberships, %d were read and %d are unverified.\n", c.Read+c.Unverified, c.Read, c.Unverified)
}

func until(day string) string {
	if day == "" {
		return ""
	}
	return " until " + day
}

func lawJSON(w io.Writer, code, day string) error {
	enc := json.NewEncoder(w)
	for _, r := range law.At(code, day) {
		row := struct {
			Country    string   `json:"country"`
			Day        string   `json:"day"`
			Key        string   `json:"key"`
			Kind       string   `json:"kind"`
			Regime     string   `json:"regime"`
			Levels     []string `json:"levels"`
			Instrument string   `json:"instrument"`
			Says       string   `json:"says"`
			Condition  string   `json:"condition,omitempty"`
			From       string   `json:"from"`
			To         string   `json:"to,omitempty"`
			Source     string   `json:"source,omitempty"`
			Grade      string   `json:"grade"`
			Notes      []string `json:"notes,omitempty"`
		}{code, day, r.Key, r.Kind, r.Regime, r.Levels, r.Instrument, r.Says, r.Condition, r.From, r.To, r.URL(), r.Grade(), r.Notes}
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
