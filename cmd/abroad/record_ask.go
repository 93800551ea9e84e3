package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"abroad/capture/recorder"
)

// A question is one member of a declaration.
type question struct {
	value *string
	text  string
	check func(string) error
}

// questions are asked before the source looks at the device, which needs to know the app, and after, when it is known what could not be read.
func (d *declaration) questions(info *recorder.SourceInfo) []question {
	app := question{&d.app, "app (its id in the store)", nil}
	if info == nil {
		return []question{app}
	}
	list := []question{
		{&d.model, "the device (maker and model)", nil},
		{&d.os, "version of its system", nil},
		{&d.osBuild, "build of its system (a baseline must be of the same)", nil},
		{&d.residence, "the account's country of residence (CC)", func(s string) error { _, err := country("residence", s); return err }},
		{&d.tier, "tier of the account", nil},
		{&d.age, "age or age group of the account", nil},
		{&d.consent, "consent given in the app (none, rejected, accepted)", nil},
		{&d.store, "country of the app store (CC)", func(s string) error { _, err := country("store-country", s); return err }},
		{&d.network, "network (wifi, mobile)", nil},
		{&d.vantage, "where this is (CC, or LAT,LON,KM)", func(s string) error { _, err := parseVantage(s); return err }},
	}
	if info.App.Version == "" && d.app != "" {
		list = append([]question{{&d.version, "its version", nil}}, list...)
	}
	read := map[*string]string{&d.model: info.Device.Model, &d.os: info.Device.OS, &d.osBuild: info.Device.Build}
	return slices.DeleteFunc(list, func(q question) bool { return read[q.value] != "" })
}

// ask asks on a terminal for what neither flags nor plan say. Nothing is asked when stdin is the recording, or no terminal is there. An empty
// line leaves a question open.
func (d *declaration) ask(ctx context.Context, cmd *cobra.Command, piped bool, info *recorder.SourceInfo) {
	in, ok := cmd.InOrStdin().(*os.File)
	_, screen := isTerminal(cmd.ErrOrStderr())
	if piped || !ok || !screen || !term.IsTerminal(int(in.Fd())) {
		return
	}
	if d.answers == nil {
		d.answers = bufio.NewReader(in)
	}
	for _, q := range d.questions(info) {
		for *q.value == "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s, empty if not known: ", q.text)
			line, err := readLine(ctx, d.answers)
			if err != nil {
				fmt.Fprintln(cmd.ErrOrStderr())
				return // no more answers: go on with what is known
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
}

// readLine reads a line, and does not wait for it any longer when ctx is done.
func readLine(ctx context.Context, from *bufio.Reader) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := from.ReadString('\n')
		got <- answer{line, err}
	}()
	select {
	case a := <-got:
		return a.line, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
