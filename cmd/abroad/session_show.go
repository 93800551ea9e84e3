package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"abroad/capture/session"
)

func newSessionLs() *cobra.Command {
	return &cobra.Command{
		Use:   "ls [DIR…]",
		Short: "List the sessions in folders",
		Long: `Ls lists the sessions that lie in each DIR (the current folder if none is named):
how they were closed, when they began, how many packets they hold, what they are
for, and which app they are about.`,
		Example: "  abroad session ls .",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			n := 0
			for _, dir := range args {
				list := sessionsBelow(dir)
				if session.IsSession(dir) {
					s, err := session.Open(dir)
					if err != nil {
						return sessionError(err)
					}
					list = append(list, s)
				}
				for _, s := range list {
					if n++; n == 1 {
						fmt.Fprintln(w, "STATE\tBEGAN\tPACKETS\tROLE\tAPP\tVERSION\tFOLDER")
					}
					packets := ""
					if s.Manifest != nil {
						packets = strconv.FormatUint(s.Manifest.Packets, 10)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", stateWord(s), s.About.Created.String()[:19]+"Z", packets, oneLine(s.About.Role),
						oneLine(s.About.App.ID), oneLine(s.About.App.Version), oneLine(s.Dir))
				}
			}
			if n == 0 {
				fmt.Fprintln(cmd.ErrOrStderr(), "abroad: no session there")
			}
			return w.Flush()
		},
	}
}

// stateWord is how a session was closed, or that it is under way.
func stateWord(s *session.Session) string {
	if s.Manifest == nil && session.Live(s.Dir) {
		return "recording"
	}
	return string(s.State())
}

func newSessionShow() *cobra.Command {
	var events bool
	cmd := &cobra.Command{
		Use:   "show [flags] SESSION",
		Short: "Show what a session says about itself",
		Long: `Show prints what a session says: the app, the device, the place, the source, how
it was closed, its losses, its marks and its files. It checks nothing but the chain
of events; abroad session verify checks everything.`,
		Example: "  # needs a session\n  abroad session show posting.session",
		Args:    arguments("SESSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := session.Open(args[0])
			if err != nil {
				return sessionError(err)
			}
			if events {
				return showEvents(cmd.OutOrStdout(), s)
			}
			return showSession(cmd.OutOrStdout(), s)
		},
	}
	cmd.Flags().BoolVar(&events, "events", false, "print the chain of events instead")
	return cmd
}

// rows prints a name and what belongs to it; what is empty is left out.
type rows struct {
	w io.Writer
}

func (r rows) row(name string, words ...string) {
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	if text != "" {
		fmt.Fprintf(r.w, "%s\t%s\n", name, oneLine(text))
	}
}

func showSession(out io.Writer, s *session.Session) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	r, a := rows{w}, &s.About
	r.row("session", a.ID)
	r.row("began", a.Created.String())
	state := stateWord(s)
	if s.Manifest != nil {
		r.row("ended", s.Manifest.Ended.String())
		if s.Manifest.Reason != "" {
			state += ": " + s.Manifest.Reason
		}
	}
	r.row("state", state)
	r.row("role", a.Role, when(a.Isolated, "(isolated device)"))
	r.row("app", a.App.ID, a.App.Name, a.App.Version, when(a.App.Code != "", "("+a.App.Code+")"))
	r.row("signer", a.App.Signer)
	r.row("device", a.Device.Platform, a.Device.Maker, a.Device.Model, a.Device.OS, a.Device.Build)
	r.row("account", a.Account.Residence, a.Account.Tier, a.Account.Age)
	for _, x := range a.Account.Settings {
		r.row("setting", x.Name+"="+x.Value)
	}
	r.row("consent", a.Consent)
	r.row("store", a.StoreCountry)
	r.row("network", a.Network, a.Vantage.ISP, when(a.VPN, "(VPN)"))
	if v := toVantage(&a.Vantage); v != nil {
		if v.Country != "" {
			r.row("vantage", v.Country)
		} else {
			r.row("vantage", fmt.Sprintf("%g, %g, within %g km", v.Lat, v.Lon, v.Radius))
		}
	}
	r.row("source", a.Source.Kind, a.Source.Version, a.Source.Link)
	r.row("filter", a.Source.Filter)
	r.row("attribution", string(a.Source.Attribution))
	for _, x := range a.Interventions {
		r.row("changed", x.Kind+":", x.Says)
	}
	if p := a.Plan; p != nil {
		r.row("plan", p.Name, when(p.Repeats > 0, fmt.Sprintf("repetition %d of %d", p.Repeat, p.Repeats)))
	}
	if s.Manifest != nil {
		r.row("packets", strconv.FormatUint(s.Manifest.Packets, 10))
	}
	if n, known := s.Counters().Lost(); known {
		r.row("lost", strconv.FormatUint(n, 10))
	}
	for _, m := range s.Markers() {
		r.row("mark", m.At.String(), m.Action, m.Text)
	}
	for _, path := range s.Segments {
		sum := "not closed"
		if d := s.Digest(path); !d.IsZero() {
			sum = d.String()
		}
		r.row("segment", path, sum)
	}
	if s.Manifest != nil && s.Manifest.Of != nil {
		of := s.Manifest.Of
		r.row("export", of.Export+", of the session with manifest", of.Manifest.String())
		r.row("left out", strings.Join(of.LeftOut, ", "))
		r.row("redacted", strings.Join(of.Redacted, ", "))
		if of.Export == session.Public && len(s.Segments) > 0 {
			r.row("shown", "the packets are as recorded: they show the device's addresses and the names it looked up")
		}
	}
	r.row("note", a.Note)
	if s.Broken != nil {
		r.row("broken", s.Broken.Error())
	}
	if s.Manifest == nil && s.Torn > 0 {
		r.row("torn", fmt.Sprintf("%d bytes of an event", s.Torn))
	}
	if s.Manifest == nil && stateWord(s) != "recording" {
		r.row("next", "abroad session recover", s.Dir)
	}
	return w.Flush()
}

func when(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func showEvents(out io.Writer, s *session.Session) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range s.Events {
		e := &s.Events[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", e.N, e.T, oneLine(e.Kind), oneLine(string(e.Data)))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return s.Broken
}

func newSessionVerify() *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "verify [flags] SESSION…",
		Short: "Check a session's chain, files and signature",
		Long: `Verify recomputes every hash of a session: the chain of events, the chain of its
segments, every file against the manifest, and the signature. It names the first
link that is broken and exits with 1.

Without --key a signature is checked with the key that the manifest itself names:
that shows damage, and not who signed. minisign checks the same with
minisign -V -P KEY -m SESSION/manifest.json.`,
		Example: "  # needs a session\n  abroad session verify posting.session",
		Args:    arguments("SESSION…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			public, err := readPublicKey(key)
			if err != nil {
				return err
			}
			for _, dir := range args {
				v, err := session.Verify(dir, public)
				switch {
				case v == nil: // it could not be opened
					return sessionError(err)
				case err != nil:
					return sessionError(fmt.Errorf("verify %s: %w", dir, err))
				}
				showVerified(cmd.OutOrStdout(), dir, v)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "public key of the signature, a `FILE|KEY` of minisign")
	return cmd
}

// showVerified says what holds, and what that shows.
func showVerified(w io.Writer, dir string, v *session.Verified) {
	s := v.Session
	fmt.Fprintf(w, "%s\n", oneLine(dir))
	fmt.Fprintf(w, "  chain      %d events, unbroken\n", len(s.Events))
	fmt.Fprintf(w, "  segments   %d with %d packets, unbroken\n", v.Segments, v.Packets)
	if s.Manifest == nil {
		fmt.Fprintf(w, "  manifest   none: the session was not closed (abroad session recover)\n")
		return
	}
	fmt.Fprintf(w, "  manifest   %d files have the hashes it lists; state %s\n", v.Files, s.Manifest.State)
	if of := s.Manifest.Of; of != nil {
		fmt.Fprintf(w, "  export     %s, of the session with manifest %s\n", oneLine(of.Export), of.Manifest)
		if len(of.LeftOut) > 0 {
			fmt.Fprintf(w, "  left out   %s\n", oneLine(strings.Join(of.LeftOut, ", ")))
		}
		if len(of.Redacted) > 0 {
			fmt.Fprintf(w, "  redacted   %s\n", oneLine(strings.Join(of.Redacted, ", ")))
		}
		if of.Export == session.Public && v.Segments > 0 {
			fmt.Fprintf(w, "  shown      the packets are as recorded: they show the device's addresses and the names it looked up\n")
		}
	}
	switch {
	case v.Signer == "":
		fmt.Fprintf(w, "  signature  none\n")
	case v.Trusted:
		fmt.Fprintf(w, "  signature  valid, made with key %s: %s\n", v.Signer, oneLine(v.Comment))
	default:
		fmt.Fprintf(w, "  signature  fits key %s, which the manifest itself names: --key checks whose it is\n", v.Signer)
	}
}

func newSessionRecover() *cobra.Command {
	var sign string
	cmd := &cobra.Command{
		Use:   "recover [flags] SESSION…",
		Short: "Close a session whose recorder was killed",
		Long: `Recover closes a session that has no manifest. Nothing whole is lost: what stands
behind the last whole packet is moved to a file beside it (capture/000003.tail), the
chain is continued with the event "recovered", and the manifest says so.`,
		Example: "  # needs a session that was killed\n  abroad session recover posting.session",
		Args:    arguments("SESSION…"),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := readSecretKey(sign)
			if err != nil {
				return err
			}
			for _, dir := range args {
				m, err := session.Recover(dir, key)
				if err != nil {
					return sessionError(err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: recovered, %d packets in %d events\n", oneLine(filepath.Clean(dir)), m.Packets, m.Chain.Events)
			}
			return nil
		},
	}
	signFlag(cmd, &sign)
	return cmd
}
