package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture/recorder"
	"abroad/capture/session"
)

// A recordCommand is what the flags of "abroad record" say.
type recordCommand struct {
	out, keyFile, sign, bpf            string
	macs, addresses, set               []string
	snaplen                            uint32
	ring, segmentMB, minFree           int
	segmentTime, length                time.Duration
	keep, resume, noUI, quiet, keepSet bool
	about                              declaration
}

func newRecord() *cobra.Command {
	var c recordCommand
	cmd := &cobra.Command{
		Use:   "record [flags] SOURCE [TARGET]",
		Short: "Record an app's traffic into a session",
		Long: `Record captures packets of a device under test into a folder, the session: the
packets, a chain of events, what is known of the app and the place, and at the
end a manifest of everything, with a signature if there is a key (--sign).

SOURCE is one of those that "abroad sources" lists, with its TARGET; a file or
"-" (stdin) takes in what another program records. A first Ctrl-C stops cleanly,
waiting up to 5 seconds for what is under way; a second one closes at once.
If killed, it loses at most a quarter of a second: abroad session recover closes
the rest.

What can be read from the device is read. What is missing is asked for, on a
terminal only. Say as much as you can: promises are about an
account, a consent, a place, and a report can use only what the session says.

On a terminal it shows a live view: time, packets, losses, disk, the steps of
the plan, and a table of the endpoints so far. There m sets a mark, n begins the
next step, s sorts, and the arrows scroll. From another terminal, abroad mark
"post private video" sets one too. Marks and steps are kept in the chain.`,
		Example: `  # take in an existing recording
  abroad record -o posting.session --app org.example.practice --app-version 2.0 --vantage IS capture/lab/practice/v2/s01.pcapng

  # needs root and a network: whatever tcpdump records, while it records
  tcpdump -i wlan0 -U -w - | abroad record --app org.example.app -

  # needs a phone: for ten minutes, with a scenario
  abroad record --plan plan.yaml --for 10m android

  # needs a network: the device alone, as a baseline of the same device and build
  abroad record --role idle --isolated --model Phone --os 16 --os-build B1 linux wlan0`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("usage: "+cmd.UseLine(), "record: unexpected argument %q", args[2])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c.keepSet = cmd.Flags().Changed("keep-original")
			return c.run(cmd, args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&c.out, "output", "o", "", "write folder `DIR` (default: APP-TIME.session)")
	c.about.flags(f)
	f.StringArrayVar(&c.macs, "mac", nil, "keep only packets of `MAC`; may be repeated")
	f.StringArrayVar(&c.addresses, "address", nil, "keep only packets of `ADDR`, or of a prefix")
	f.StringVar(&c.bpf, "bpf-file", "", "keep what program `FILE` accepts (tcpdump -ddd)")
	f.Uint32Var(&c.snaplen, "snaplen", 0, "keep `N` bytes of each packet (default: all)")
	f.IntVar(&c.ring, "ring", 0, "capture ring of `MIB` (default: the source's)")
	f.StringArrayVar(&c.set, "set", nil, "a setting of this source only, `NAME=VALUE`")
	f.StringVar(&c.keyFile, "api-key", "", "the source's API key, from `FILE`")
	f.BoolVar(&c.keep, "keep-original", false, "keep an input untouched too (default: files)")
	f.DurationVar(&c.length, "for", 0, "stop by itself after `TIME` (10m)")
	f.IntVar(&c.segmentMB, "segment-size", session.DefaultSegmentSize>>20, "begin a new file after `MIB`")
	f.DurationVar(&c.segmentTime, "segment-time", session.DefaultSegmentTime, "begin a new file after `TIME`")
	f.BoolVar(&c.resume, "resume", false, "go on when the device has gone away and come back")
	f.IntVar(&c.minFree, "min-free", 100, "start only with this much free disk, `MIB`")
	f.StringVar(&c.sign, "sign", os.Getenv("ABROAD_SIGN_KEY"), "sign with the key in `FILE` (abroad session key)")
	f.BoolVar(&c.noUI, "no-ui", false, "print a status line from time to time, no live view")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	cmd.MarkFlagDirname("output")
	return cmd
}

func (c *recordCommand) run(cmd *cobra.Command, args []string) error {
	plan, err := readPlan(c.about.plan)
	if err != nil {
		return err
	}
	c.about.fill(plan)
	if len(args) == 0 {
		args = strings.Fields(plan.Source)
	}
	plugin, target, err := chooseSource(args)
	if err != nil {
		return err
	}
	if !c.quiet {
		c.about.ask(cmd.Context(), cmd, target == "-", nil)
	}
	options := session.Options{SegmentSize: int64(c.segmentMB) << 20, SegmentTime: c.segmentTime}
	if c.segmentMB < 1 || c.segmentTime < time.Second {
		return usagef("", "--segment-size, --segment-time: want at least 1 MiB and 1 s")
	}
	if options.Key, err = readSecretKey(c.sign); err != nil {
		return err
	}
	about, err := c.about.about(plan)
	if err != nil {
		return err
	}
	if len(c.macs) == 1 && about.Device.MAC == "" {
		about.Device.MAC = c.macs[0] // whose packets alone are kept is the device
	}
	dir, root := c.out, ""
	if dir == "" {
		if root, err = workspaceHere(); err != nil {
			return err
		}
		if dir = unused(defaultSession(&about, time.Now())); root != "" {
			dir = sessionInWorkspace(root, about.App, about.Role, time.Now())
		}
	}
	c.countRepeat(&about, filepath.Dir(dir))
	if err := enoughDisk(filepath.Dir(dir), c.minFree); err != nil {
		return err
	}
	config := recorder.Config{Plugin: plugin, Dir: dir, About: about, Session: options, For: c.length, Resume: c.resume}
	o, err := c.options(cmd, plugin, target)
	if err != nil {
		return err
	}
	config.Import = o.Import
	o.Output = filepath.Dir(dir)
	if info, err := os.Stat(target); plugin.Name == "file" && err == nil && info.Mode().IsRegular() {
		c.noUI = true // it is over before anybody has looked
	}
	ctx, hurry, stop := stopSignals(cmd.Context())
	defer stop()
	config.Hurry = hurry
	if config.Source, err = plugin.New(o); err != nil {
		return recordError(plugin.Name, err)
	}
	if config.Info, err = config.Source.Describe(ctx); err != nil {
		closeSource(config.Source)
		return recordError(plugin.Name, err)
	}
	if !c.quiet {
		c.about.ask(ctx, cmd, target == "-", &config.Info)
	}
	if ctx.Err() != nil {
		closeSource(config.Source)
		return errInterrupted
	}
	repeat, mac := about.Plan, about.Device.MAC
	if config.About, err = c.about.about(plan); err != nil {
		closeSource(config.Source)
		return err
	}
	config.About.Plan, config.About.Device.MAC = repeat, mac
	if p := repeat; p != nil && p.Repeats > 0 && p.Repeat > p.Repeats {
		config.Info.Warnings = append(config.Info.Warnings, fmt.Sprintf("the plan wants %d repetitions, and this is number %d", p.Repeats, p.Repeat))
	}
	if c.out == "" && root != "" { // the source may know the version
		config.Dir = unused(sessionInWorkspace(root, config.Info.App.Over(config.About.App), config.About.Role, time.Now()))
	}
	return c.record(ctx, cmd, config)
}

// chooseSource reads SOURCE and TARGET: the name of a plug-in, or a file.
func chooseSource(args []string) (p *recorder.Plugin, target string, err error) {
	hint := "abroad sources lists them; a file or - takes in what another program records"
	if len(args) == 0 {
		return nil, "", usagef(hint, "record: no SOURCE given")
	}
	if p = recorder.Find(args[0]); p != nil {
		if len(args) > 1 {
			target = args[1]
		}
		if target == "" && p.Target != "" && !strings.HasPrefix(p.Target, "[") {
			return nil, "", usagef("abroad sources says more", "record %s: no %s given", p.Name, p.Target)
		}
		if target != "" && p.Target == "" {
			return nil, "", usagef("", "record %s: unexpected argument %q", p.Name, target)
		}
		return p, target, nil
	}
	if len(args) > 1 {
		return nil, "", usagef(hint, "record: %q is no source", args[0])
	}
	if _, err := os.Stat(args[0]); args[0] != "-" && err != nil {
		return nil, "", usagef(hint, "record: %q is neither a source nor a file", args[0])
	}
	return recorder.Find("file"), args[0], nil
}

// options are what the source is told.
func (c *recordCommand) options(cmd *cobra.Command, p *recorder.Plugin, target string) (recorder.Options, error) {
	o := recorder.Options{
		Target: target, MACs: c.macs, Addresses: c.addresses, BPFFile: c.bpf, SnapLen: c.snaplen, Ring: c.ring << 20, Set: map[string]string{},
		Stdin: cmd.InOrStdin(),
	}
	if p.Name != "file" {
		o.App = c.about.app
	} else if c.keep || !c.keepSet && target != "-" {
		o.Import = new(string)
	}
	for _, s := range c.set {
		name, value, ok := strings.Cut(s, "=")
		if !ok || !slices.ContainsFunc(p.Settings, func(x recorder.Setting) bool { return x.Name == name }) {
			var known []string
			for _, x := range p.Settings {
				known = append(known, x.Name)
			}
			return o, usagef("", "--set: %q is no setting of %s; it knows: %s", s, p.Name, cmp.Or(strings.Join(known, ", "), "none"))
		}
		o.Set[name] = value
	}
	if c.keyFile != "" {
		b, err := readKeyFile(c.keyFile)
		if err != nil {
			return o, fmt.Errorf("read API key: %w", err)
		}
		o.Key = strings.TrimSpace(string(b))
	}
	return o, nil
}

// record runs the source and says how it went.
func (c *recordCommand) record(ctx context.Context, cmd *cobra.Command, config recorder.Config) error {
	stderr := cmd.ErrOrStderr()
	boundMemory(recordMemory)
	var w watch
	config.Started = func(writer *session.Writer, control *session.Control) {
		about := writer.About()
		announce(about.ID, config.Dir)
		if !c.quiet {
			fmt.Fprintf(stderr, "abroad: %s\n", oneLine(beginning(&config)))
			w = openWatch(ctx, cmd, c.noUI, writer, control)
		}
	}
	config.Tell = func(s recorder.Status) {
		if w.tell != nil {
			w.tell(s)
		}
	}
	if !c.quiet {
		for _, text := range config.Info.Warnings {
			fmt.Fprintf(stderr, "abroad: warning: %s\n", oneLine(text))
		}
	}
	result, err := recorder.Run(ctx, config)
	if w.close != nil {
		w.close()
	}
	forget(result.ID)
	if result.ID != "" {
		if left := handOver(config.Dir); left != nil {
			fmt.Fprintf(stderr, "abroad: warning: the session belongs to root: %s\n", oneLine(left.Error()))
		}
	}
	for _, text := range result.Warnings {
		fmt.Fprintf(stderr, "abroad: warning: %s\n", oneLine(text))
	}
	if result.ID == "" { // nothing was begun
		closeSource(config.Source)
		if errors.Is(err, session.ErrExists) {
			err = &hintedError{err, "-o names another folder; a session is never written over"}
		}
		return err
	}
	if !c.quiet {
		showResult(cmd.OutOrStdout(), &result)
	}
	return recordError(config.Plugin.Name, err)
}

// beginning says what is being recorded, and where to.
func beginning(c *recorder.Config) string {
	app := c.Info.App.Over(c.About.App)
	words := []string{"recording", c.Plugin.Name, c.Info.Source.Link}
	if app.ID != "" {
		words = append(words, strings.TrimSpace(fmt.Sprintf("· %s %s", app.ID, app.Version)))
	}
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), " ") + " · into " + c.Dir
}

// recordError adds what the source knows to do about its error.
func recordError(source string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("record %s: %w", source, err)
	if hinted := (*recorder.Hinted)(nil); errors.As(err, &hinted) && hinted.Hint != "" {
		return &hintedError{wrapped, hinted.Hint}
	}
	return wrapped
}

func closeSource(s recorder.Source) {
	if c, ok := s.(interface{ Close() error }); ok {
		c.Close()
	}
}
