package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// ask asks on a terminal for what neither flags nor plan say. Nothing is asked when stdin is the recording, or no terminal is there. What the
// source reads from the device need not be answered: an empty line leaves a question open.
func (d *declaration) ask(cmd *cobra.Command, piped bool) error {
	in, ok := cmd.InOrStdin().(*os.File)
	_, screen := isTerminal(cmd.ErrOrStderr())
	if piped || !ok || !screen || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	lines := bufio.NewReader(in)
	for _, q := range [...]struct {
		value *string
		text  string
		check func(string) error
	}{
		{&d.app, "app (its id in the store)", nil},
		{&d.version, "its version", nil},
		{&d.residence, "the account's country of residence (CC)", func(s string) error { _, err := country("residence", s); return err }},
		{&d.consent, "consent given in the app (none, rejected, accepted)", nil},
		{&d.store, "country of the app store (CC)", func(s string) error { _, err := country("store-country", s); return err }},
		{&d.network, "network (wifi, mobile)", nil},
		{&d.vantage, "where this is (CC, or LAT,LON,KM)", func(s string) error { _, err := parseVantage(s); return err }},
	} {
		for *q.value == "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s, empty if not known: ", q.text)
			line, err := lines.ReadString('\n')
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr())
				return nil // no more answers: go on with what is known
			}
			answer := strings.TrimSpace(line)
			if answer == "" {
				break
			}
			if q.check != nil {
				if err := q.check(answer); err != nil {
					fmt.Fprintf(cmd.ErrOrStderr(), "  %s\n", oneLine(err.Error()))
					continue
				}
			}
			*q.value = answer
		}
	}
	return nil
}
