package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture/recorder"
)

// tried says what each source has met so far. No source has met a phone: who records with one is asked to tell how it went.
var tried = map[string]string{
	"android":      "a simulated phone behind Debian's adb server; no real phone yet",
	"android-root": "iptables, NFLOG and tcpdump of Linux behind a simulated phone; no real phone yet",
	"file":         "files and streams of many programs",
	"ios":          "a simulated iPhone that libimobiledevice's programs take for one; no real one yet",
	"linux":        "virtual links between network namespaces; no Wi-Fi hardware yet",
	"ssh":          "OpenSSH and tcpdump on one machine; no router yet",
}

// byHand says what no program can check of the ways to a recording (abroad help gateway, android, ios).
var byHand = map[string]string{
	"android":      "the consent of whoever's device it is; PCAPdroid's IPv6 setting, and that battery optimisation leaves it alone",
	"android-root": "the consent of whoever's device it is",
	"ios":          "the consent of whoever's device it is; VPN, Private Relay and profiles that encrypt DNS: they cannot be read over the cable",
	"linux":        "the consent of everybody on the network; on the device: mobile data and VPN off, Private DNS or Private Relay off",
	"ssh":          "the consent of everybody on the network; on the device: mobile data and VPN off, Private DNS or Private Relay off",
}

// A sourceState is a source as "abroad sources" shows it.
type sourceState struct {
	Name      string         `json:"name"`
	Target    string         `json:"target,omitempty"`
	Doc       string         `json:"doc"`
	Tried     string         `json:"tried"` // what it has met: hardware, or simulators
	Platforms []string       `json:"platforms,omitempty"`
	Settings  []settingState `json:"settings,omitempty"`
	Works     bool           `json:"works"` // nothing that it needs is missing
	Checks    []checkState   `json:"checks"`
	ByHand    string         `json:"by_hand,omitempty"` // what can only be looked at
}

// A settingState is something that only this source knows.
type settingState struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// A checkState is one thing that is needed.
type checkState struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Says   string `json:"says"`
	Mend   string `json:"mend,omitempty"`
	Advice bool   `json:"advice,omitempty"` // recording works without it
}

func newSources() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "List the ways to record, and what each lacks on this machine",
		Long: `Sources lists the ways to record: what each records, what it has been tried
against so far, and whether it works here. Nothing is started and nothing is
captured. What is missing is listed with the command that fixes it; abroad doctor
SOURCE says the same about one source, a phone and an app.

The formats of files that can be taken in: abroad help captures.`,
		Example: "  abroad sources\n  abroad sources --json",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []sourceState
			for _, p := range recorder.All {
				list = append(list, stateOf(cmd.Context(), p, recorder.Options{}))
			}
			if asJSON {
				return writeIndented(cmd.OutOrStdout(), list)
			}
			return listSources(cmd.OutOrStdout(), list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// checkTimeout bounds what one source may take to look around.
const checkTimeout = 20 * time.Second

// stateOf asks a source what it needs.
func stateOf(ctx context.Context, p *recorder.Plugin, o recorder.Options) sourceState {
	s := sourceState{Name: p.Name, Target: p.Target, Doc: p.Doc, Tried: cmp.Or(tried[p.Name], "nothing yet"), Platforms: p.Platforms,
		ByHand: byHand[p.Name], Works: true, Checks: []checkState{}}
	for _, set := range p.Settings {
		s.Settings = append(s.Settings, settingState(set))
	}
	if len(p.Platforms) > 0 && !slices.Contains(p.Platforms, runtime.GOOS) {
		s.Works = false
		s.Checks = append(s.Checks, checkState{What: "platform", Says: "works on " + strings.Join(p.Platforms, ", ") + ", not on " + runtime.GOOS})
		return s
	}
	if p.Check == nil {
		return s
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	for _, c := range p.Check(ctx, o) {
		s.Checks = append(s.Checks, checkState{What: c.What, OK: c.OK, Says: c.Says, Mend: c.Mend})
		s.Works = s.Works && c.OK
	}
	return s
}

func listSources(w io.Writer, list []sourceState) error {
	var b strings.Builder
	for i := range list {
		s := &list[i]
		state := "works here"
		if !s.Works {
			state = "not ready here"
		}
		fmt.Fprintf(&b, "%s\n", strings.TrimRight(fmt.Sprintf("%-28s %s", strings.TrimSpace(s.Name+" "+s.Target), state), " "))
		for _, line := range wrap(s.Doc, 76) {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		for _, line := range wrap("Tried against: "+s.Tried+".", 76) {
			fmt.Fprintf(&b, "    %s\n", line)
		}
		for _, set := range s.Settings {
			for i, line := range wrap("--set "+set.Name+": "+set.Doc, 72) {
				fmt.Fprintf(&b, "    %s%s\n", strings.Repeat("  ", min(i, 1)), line)
			}
		}
		for _, c := range s.Checks {
			if !c.OK {
				writeCheck(&b, "    ", c)
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString("abroad record SOURCE [TARGET] records; abroad doctor SOURCE checks more.\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// writeCheck writes what was found and what mends it. Both may hold words of a device.
func writeCheck(w io.Writer, indent string, c checkState) {
	word := "ok"
	switch {
	case !c.OK && c.Advice:
		word = "advice"
	case !c.OK:
		word = "missing"
	}
	fmt.Fprintf(w, "%s%-8s %s: %s\n", indent, word, oneLine(c.What), oneLine(c.Says))
	if c.Mend != "" && !c.OK {
		fmt.Fprintf(w, "%s         fix: %s\n", indent, oneLine(c.Mend))
	}
}

// writeIndented writes v as people read JSON.
func writeIndented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
