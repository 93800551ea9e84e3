package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/capture/recorder"
	"abroad/capture/session"
)

// wantDisk is the room that a recording should find: an hour at a rate that phones rarely keep up, 5 Mbit/s.
const wantDisk = 2 << 30

func newDoctor() *cobra.Command {
	var asJSON bool
	var o recorder.Options
	var set []string
	cmd := &cobra.Command{
		Use:   "doctor [flags] [SOURCE [TARGET]]",
		Short: "Check what recording needs, and say how to fix it",
		Long: `Doctor looks at this machine (disk, clock, programs) and at SOURCE, or at every
source: its programs, permissions, the phone, its clock and settings, and what a
recording that was killed may have left on it. It changes nothing. For everything
that is missing it gives the command that fixes it; it also lists what only you can check.

The exit code is 1 if something is missing that SOURCE, or any recording, needs.
abroad help gateway, android and ios lead from an empty machine to a recording.`,
		Example: `  abroad doctor file

  # needs a phone: is everything there to record this app?
  abroad doctor android --app org.example.app

  # needs root and a network: the hotspot's interface
  abroad doctor linux wlan0`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("usage: "+cmd.UseLine(), "doctor: unexpected argument %q", args[2])
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (words []cobra.Completion, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				for _, p := range recorder.All {
					words = append(words, cobra.CompletionWithDesc(p.Name, p.Doc))
				}
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			plugins, named := recorder.All, len(args) > 0
			if named {
				p := recorder.Find(args[0])
				if p == nil {
					return usagef("abroad sources lists them", "doctor: %q is no source", args[0])
				}
				plugins = []*recorder.Plugin{p}
				if len(args) > 1 {
					o.Target = args[1]
				}
			}
			o.Set = map[string]string{}
			for _, s := range set {
				name, value, ok := strings.Cut(s, "=")
				if !ok {
					return usagef("", "--set: %q is not NAME=VALUE", s)
				}
				o.Set[name] = value
			}
			machine := sourceState{Name: "this machine", Works: true, Checks: checkMachine()}
			list := []sourceState{machine}
			for _, p := range plugins {
				s := stateOf(cmd.Context(), p, o)
				if p.Name == "linux" {
					s.Checks = append(s.Checks, checkGateway(o.Target)...)
				}
				list = append(list, s)
			}
			return tellChecks(cmd, list, named, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.App, "app", "", "the app that is to be recorded, by its `ID`")
	f.StringArrayVar(&set, "set", nil, "a setting of this source only, `NAME=VALUE`")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// tellChecks prints what was found; the error counts what is missing of what was asked for: the machine, and the source if one was named.
func tellChecks(cmd *cobra.Command, list []sourceState, named, asJSON bool) error {
	missing := 0
	for i := range list {
		for _, c := range list[i].Checks {
			if c.OK || c.Advice {
				continue
			}
			list[i].Works = false
			if i == 0 || named {
				missing++
			}
		}
	}
	if asJSON {
		if err := writeIndented(cmd.OutOrStdout(), list); err != nil {
			return err
		}
	} else if err := listChecks(cmd.OutOrStdout(), list); err != nil {
		return err
	}
	switch missing {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("doctor: 1 thing is missing")
	}
	return fmt.Errorf("doctor: %d things are missing", missing)
}

func listChecks(w io.Writer, list []sourceState) error {
	var b strings.Builder
	for i := range list {
		s := &list[i]
		fmt.Fprintf(&b, "%s\n", s.Name)
		for _, c := range s.Checks {
			writeCheck(&b, "  ", c)
		}
		if len(s.Checks) == 0 {
			b.WriteString("  ok       it needs nothing\n")
		}
		if s.ByHand != "" {
			fmt.Fprintf(&b, "  by hand  %s\n", s.ByHand)
		}
		if s.Tried != "" {
			fmt.Fprintf(&b, "  tried against: %s\n", s.Tried)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// checkMachine looks at what every recording needs.
func checkMachine() (list []checkState) {
	switch free := session.Free("."); {
	case free < 0:
	case free < wantDisk:
		list = append(list, checkState{What: "disk", Says: fmt.Sprintf("%d MiB are free in this folder, want %d", free>>20, wantDisk>>20),
			Mend: "abroad record -o /another/disk/NAME.session", Advice: true})
	default:
		list = append(list, checkState{What: "disk", OK: true, Says: fmt.Sprintf("%.1f GiB are free in this folder", float64(free)/(1<<30))})
	}
	if synced, known := clockSynced(); known {
		c := checkState{What: "clock", OK: true, Says: "synchronised with a time server"}
		if !synced {
			c = checkState{What: "clock", Says: "not synchronised with a time server: the times of events could be doubted", Mend: "sudo timedatectl set-ntp true", Advice: true}
		}
		list = append(list, c)
	}
	if path, err := exec.LookPath("tshark"); err == nil {
		list = append(list, checkState{What: "tshark", OK: true, Says: path})
	} else {
		list = append(list, checkState{What: "tshark", Says: "not installed: it shows a packet without abroad", Mend: "sudo apt install tshark", Advice: true})
	}
	return list
}

// checkGateway looks at what makes this machine a gateway (abroad help gateway) of the devices on an interface; "" = not said which. Another machine may
// be it, so this is asked of the source linux only.
func checkGateway(inside string) (list []checkState) {
	if runtime.GOOS != "linux" {
		return nil
	}
	for _, k := range [...]struct{ what, path, name string }{
		{"IPv4 forwarding", "/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward"},
		{"IPv6 forwarding", "/proc/sys/net/ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding"},
	} {
		b, err := os.ReadFile(k.path)
		if err != nil {
			list = append(list, checkState{What: k.what, Says: "this kernel has none", Advice: true})
			continue
		}
		if strings.TrimSpace(string(b)) == "0" {
			list = append(list, checkState{What: k.what, Says: "off: if this machine is the gateway, packets get no further than here",
				Mend: "sudo sysctl -w " + k.name + "=1", Advice: true})
			continue
		}
		list = append(list, checkState{What: k.what, OK: true, Says: "on"})
	}
	if inside == "" {
		return list
	}
	if b, err := os.ReadFile("/proc/net/route"); err == nil {
		list = append(list, checkWayOut(string(b), inside))
	}
	if b, err := os.ReadFile("/proc/net/arp"); err == nil {
		list = append(list, checkDevices(string(b), inside))
	}
	return list
}

// checkWayOut looks in /proc/net/route for a default route that leads elsewhere than to the devices.
func checkWayOut(routes, inside string) checkState {
	for line := range strings.Lines(routes) {
		if f := strings.Fields(line); len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" && f[0] != inside {
			return checkState{What: "way out", OK: true, Says: "by " + f[0]}
		}
	}
	return checkState{What: "way out", Says: "no default route leads elsewhere than to " + inside + ": the device would reach nothing", Mend: "nmcli device status", Advice: true}
}

// checkDevices looks in /proc/net/arp for those who are on an interface.
func checkDevices(arp, inside string) checkState {
	var found []string
	for line := range strings.Lines(arp) {
		if f := strings.Fields(line); len(f) == 6 && f[5] == inside && f[3] != "00:00:00:00:00:00" && !slices.Contains(found, f[3]) {
			found = append(found, f[3])
		}
	}
	c := checkState{What: "devices", Says: "none has been heard on " + inside + " so far", Mend: "ip neigh show dev " + inside, Advice: true}
	switch {
	case len(found) == 1:
		c = checkState{What: "devices", OK: true, Says: found[0] + " is on " + inside}
	case len(found) > 1:
		c.Says = fmt.Sprintf("%d are on %s: whose are they? --mac keeps to one: %s", len(found), inside, strings.Join(found[:min(len(found), 8)], ", "))
	}
	return c
}
