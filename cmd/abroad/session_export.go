package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/capture/session"
)

// signFlag adds the flag that names the key to sign with.
func signFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "sign", os.Getenv("ABROAD_SIGN_KEY"), "sign with the key in `FILE` (default: ABROAD_SIGN_KEY)")
}

func newSessionExport() *cobra.Command {
	var out, redactKey, sign string
	var public, pcapng, secrets, packets, noPackets bool
	var redact []string
	cmd := &cobra.Command{
		Use:   "export [flags] --public|--pcapng SESSION",
		Short: "Copy a session for others, or into one file",
		Long: `Export copies a session into a new folder. The copy's chain is the chain of the
full session, whose manifest and signature are kept beside it as full-manifest.json:
abroad session verify checks that they belong together.

--public leaves out key logs, untouched originals and the note, and replaces what
--redact names by a keyed hash: members of session.json (device.mac, account,
app.uid …) and the data of events (event.marker, event.action). Whoever has the key
and the full session can show later that the hash is right. The packets themselves
are copied as they are, and show the device's addresses, the names it looked up, and
the app where the recorder writes it on them. --no-packets leaves them out but keeps
their hashes; --packets keeps them although they show what --redact names.

--pcapng writes one file for Wireshark: all packets, with the marks as comments
on the packets that come after them. --secrets puts the key log in; whoever has
the file then reads what was encrypted. No chain or manifest vouches for it.`,
		Example: "  # needs a session\n  abroad session export --public --no-packets --redact device,event.marker -o posting.public posting.session",
		Args:    arguments("SESSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if public == pcapng {
				return usagef("usage: "+cmd.UseLine(), "export: want one of --public and --pcapng; abroad session archive keeps everything")
			}
			if secrets && !pcapng {
				return usagef("", "export: --secrets is for --pcapng: a public export never holds them")
			}
			if pcapng {
				if out == "" {
					out = besides(args[0], "pcapng")
				}
				return exportFile(cmd, args[0], out, secrets)
			}
			if packets && noPackets {
				return usagef("", "export: want one of --packets and --no-packets")
			}
			s, err := session.Open(args[0])
			if err != nil {
				return sessionError(err)
			}
			if shown := shownByPackets(&s.About, redact); shown != "" && !packets && !noPackets {
				return usagef("--no-packets leaves them out, --packets keeps them all the same",
					"export: --redact %s hides it in session.json only, and the packets show it", shown)
			}
			if out == "" {
				out = besides(args[0], session.Public)
			}
			if redactKey == "" {
				redactKey = out + ".redact-key"
			}
			o := session.ExportOptions{Kind: session.Public, Redact: withFilter(&s.About, redact), NoPackets: noPackets}
			if o.Key, err = readSecretKey(sign); err != nil {
				return err
			}
			if o.RedactKey, err = keyOfRedactions(redactKey); err != nil {
				return err
			}
			if err := export(cmd, args[0], out, o); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: the key of the hashes that stand for what was redacted; keep it to yourself\n", oneLine(redactKey))
			if !noPackets {
				fmt.Fprintln(cmd.OutOrStdout(), "The packets in it are as recorded: they show the device's addresses and the names it looked up (--no-packets leaves them out).")
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&public, "public", false, "for strangers: without secrets, originals and the note")
	f.BoolVar(&pcapng, "pcapng", false, "for Wireshark: one file, marks as comments")
	f.BoolVar(&secrets, "secrets", false, "put the key log into the file of --pcapng")
	f.StringVarP(&out, "output", "o", "", "write `DIR`, or the file (default: NAME.public …)")
	f.StringSliceVar(&redact, "redact", nil, "replace `MEMBER,…` by keyed hashes")
	f.StringVar(&redactKey, "redact-key", "", "key of the hashes, `FILE` (default: DIR.redact-key)")
	f.BoolVar(&noPackets, "no-packets", false, "leave the packets out")
	f.BoolVar(&packets, "packets", false, "keep them although they show what --redact names")
	signFlag(cmd, &sign)
	return cmd
}

// shownByPackets returns the first member that is to be redacted and that the packets show all the same; "" if there is none.
func shownByPackets(a *session.About, redact []string) string {
	shown := []string{"device", "device.mac"}
	switch a.Source.Attribution { // PCAPdroid's trailers hold the uid and the label, an iPhone's packets the process
	case session.AttributionApp, session.AttributionProcess:
		shown = append(shown, "app", "app.id", "app.name", "app.uid")
	}
	for _, path := range redact {
		if slices.Contains(shown, path) {
			return path
		}
	}
	return ""
}

// withFilter adds the source's filter and arguments to what is redacted, where they hold the device's address and that is redacted.
func withFilter(a *session.About, redact []string) []string {
	whole := slices.Contains(redact, "device")
	if !whole && !slices.Contains(redact, "device.mac") {
		return redact
	}
	for _, x := range [...]struct{ path, text string }{{"source.args", strings.Join(a.Source.Args, " ")}, {"source.filter", a.Source.Filter}} {
		named := a.Device.MAC != "" && strings.Contains(strings.ToLower(x.text), strings.ToLower(a.Device.MAC))
		filtered := whole && x.text != "" && a.Source.Attribution == session.AttributionDevice // by the device's addresses, whatever they are
		if (named || filtered) && !slices.Contains(redact, x.path) {
			redact = append(slices.Clip(redact), x.path)
		}
	}
	return redact
}

func newSessionArchive() *cobra.Command {
	var out, sign string
	cmd := &cobra.Command{
		Use:   "archive [flags] SESSION",
		Short: "Copy a session for the archive, compressed with zstd",
		Long: `Archive copies everything of a session, key logs too, and puts the segments inside
zstd, which tshark and abroad audit read as they are. The copy's chain is the chain
of the full session, whose manifest and signature are kept beside it as
full-manifest.json.`,
		Example: "  # needs a session\n  abroad session archive -o posting.archive posting.session",
		Args:    arguments("SESSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := readSecretKey(sign)
			if err != nil {
				return err
			}
			if out == "" {
				out = besides(args[0], session.Archive)
			}
			return export(cmd, args[0], out, session.ExportOptions{Kind: session.Archive, Key: key})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write `DIR` (default: NAME.archive)")
	signFlag(cmd, &sign)
	return cmd
}

// besides is where a copy of a session goes unless -o says otherwise: "x.public" beside "x.session".
func besides(dir, kind string) string {
	return strings.TrimSuffix(strings.TrimRight(dir, "/"), ".session") + "." + kind
}

func export(cmd *cobra.Command, dir, out string, o session.ExportOptions) error {
	m, err := session.Export(dir, out, o)
	if err != nil {
		return sessionError(err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %s export of session %s, %d files\n", oneLine(out), m.Of.Export, m.Session, len(m.Files))
	return nil
}

// exportFile merges a session into one file; "-" is stdout. It never writes over another file.
func exportFile(cmd *cobra.Command, dir, out string, secrets bool) error {
	if out == "-" {
		_, err := session.Merge(dir, cmd.OutOrStdout(), secrets)
		return sessionError(err)
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return outputError(out, err)
	}
	n, err := session.Merge(dir, f, secrets)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(out)
		return sessionError(err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: %d packets\n", oneLine(out), n)
	return nil
}

// keyOfRedactions reads the key at path, or makes one there.
func keyOfRedactions(path string) ([]byte, error) {
	b, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		rand.Read(key)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // never where a link leads to
		if err != nil {
			return nil, fmt.Errorf("write key of redactions %s: %w", path, withoutPath(err))
		}
		_, err = f.WriteString(hex.EncodeToString(key) + "\n")
		return key, errors.Join(err, f.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("read key of redactions %s: %w", path, withoutPath(err))
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(key) < 16 {
		return nil, fmt.Errorf("read key of redactions %s: want at least 32 hexadecimal digits", path)
	}
	return key, nil
}

func newSessionKey() *cobra.Command {
	return &cobra.Command{
		Use:   "key FILE",
		Short: "Make a key to sign sessions with",
		Long: `Key makes a key of minisign without a password: FILE is the secret half, which
--sign takes, and FILE.pub the public half, which goes beside what is published.
Whoever can read FILE can sign in your name.`,
		Example: "  # writes my.key and my.key.pub\n  abroad session key my.key",
		Args:    arguments("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := session.NewKey()
			if err != nil {
				return err
			}
			for _, f := range []struct {
				path string
				text []byte
			}{{args[0], key.File()}, {args[0] + ".pub", key.Public().File()}} {
				w, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return fmt.Errorf("write key %s: %w", f.path, withoutPath(err))
				}
				_, err = w.Write(f.text)
				if err = errors.Join(err, w.Close()); err != nil {
					return fmt.Errorf("write key %s: %w", f.path, withoutPath(err))
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "key %s: %s, and %s.pub for those who check\n", key.Public().ID(), oneLine(args[0]), oneLine(args[0]))
			return nil
		},
	}
}
