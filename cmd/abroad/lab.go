package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture/lab"
)

// labAppCommand is what the program on the lab's phone is called with. It is no command for people.
const labAppCommand = "lab-app"

// A labCommand is what the flags of "abroad lab" say.
type labCommand struct {
	out, truth string
	version    int
	pause      time.Duration
	quiet      bool
}

func newLab() *cobra.Command {
	var c labCommand
	cmd := &cobra.Command{
		Use:   "lab [flags]",
		Short: "Rehearse a recording without a phone",
		Long: `Lab builds a small world inside this machine (Linux, as root): a phone, the
gateway it is connected to, and servers behind it, in network namespaces that have
no way out. It lets the practice app play its scenario on the phone, records the
gateway's interface into a session as abroad record does, and marks each step.

Then it says what the app really did and whether all of it was recorded: a positive
control of the recorder, and a session to try the other commands on. Everything in
it is invented; the addresses are from ranges reserved for documentation, so that an
audit finds no country for them. When the command ends, however it ends, the world
is gone.

Version 2 of the app sends metrics to another party, uploads to another machine and
requests advertising; version 1 uses an old service in the clear.`,
		Example: `  # needs root and Linux
  sudo abroad lab --practice 1 -o lab-1.session
  # needs root and Linux
  sudo abroad lab --practice 2 -o lab-2.session --truth lab-2.json`,
		Args: arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if c.version != 1 && c.version != 2 {
				return usagef("", "lab: --practice is 1 or 2, not %d", c.version)
			}
			return c.run(cmd)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&c.out, "output", "o", "", "write the session into folder `DIR` (default: practice-TIME.session)")
	f.IntVar(&c.version, "practice", 2, "`VERSION` of the practice app, 1 or 2")
	f.StringVar(&c.truth, "truth", "", "write what the app did into `FILE`, as JSON")
	f.DurationVar(&c.pause, "pause", time.Second, "between two steps of the scenario, `TIME`")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	cmd.MarkFlagDirname("output")
	return cmd
}

// newLabApp is the program on the lab's phone.
func newLabApp() *cobra.Command {
	return &cobra.Command{Use: labAppCommand, Hidden: true, Args: arguments(), Short: "The practice app (abroad lab starts it)",
		RunE: func(cmd *cobra.Command, _ []string) error { return lab.AppMain(cmd.InOrStdin(), cmd.OutOrStdout()) }}
}

// showTruth prints what the app did, a line for each address that it reached, and how many packets of it were recorded. It returns how many
// addresses are in the recording and how many there are.
func showTruth(w io.Writer, t *lab.Truth, recorded map[netip.Addr]int) (found, all int) {
	type total struct {
		host, protocol string
		visits         int
		up, down       int64
	}
	totals := map[netip.AddrPort]*total{}
	var order []netip.AddrPort
	for _, v := range t.Visits {
		at := totals[v.Address]
		if at == nil {
			protocol := v.Protocol
			if v.TLS != "" {
				protocol += " " + v.TLS
			}
			at = &total{host: v.Host, protocol: protocol}
			totals[v.Address] = at
			order = append(order, v.Address)
		}
		at.visits++
		at.up += v.Up
		at.down += v.Down
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "host\taddress\tprotocol\trequests\tup\tdown\tpackets recorded")
	for _, address := range order {
		at := totals[address]
		fmt.Fprintf(tab, "%s\t%s\t%s\t%d\t%d\t%d\t%d\n", at.host, address, at.protocol, at.visits, at.up, at.down, recorded[address.Addr()])
		all++
		if recorded[address.Addr()] > 0 {
			found++
		}
	}
	tab.Flush()
	return found, all
}

func writeTruth(path string, t *lab.Truth) error {
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o600)
}
