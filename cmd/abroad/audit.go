package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/analyze/owner"
	"abroad/cmd/abroad/internal/shelf"
	"abroad/cmd/abroad/internal/workspace"
	"abroad/reports"
)

// The files that make up an audit's folder.
const (
	auditFile  = "audit.json"
	reportFile = "report.html"
)

// An auditCommand is what the flags of "abroad audit" say.
type auditCommand struct {
	out, app, appVersion, vantage, device, data string
	overrides, datasets, owners                 string
	mmdb, promises, baselines, firstParty       []string
	uid                                         int32
	flowLimit                                   uint32
	vpn, force, quiet, json                     bool
}

func newAudit() *cobra.Command {
	var c auditCommand
	cmd := &cobra.Command{
		Use:   "audit [flags] RECORDING|SESSION…",
		Short: "Name and locate every endpoint of recordings, and write the report",
		Long: `Audit reads recordings (pcap or pcapng, also inside gzip or zstd; "-" is stdin),
finds every endpoint, says what names it has and where it is said to be, grades
the evidence, and writes audit.json and report.html into one folder. It prints
the summary.

It works offline and is repeatable: the same recordings, datasets and flags give
the same audit.json, byte for byte. Damage in a recording does not stop it: what
could be read is reported, and the rest is listed as an anomaly with its place.

A session (abroad record) is read with all of its segments; what it says about the
app, the place, the marks and its losses goes into the audit. With --baseline the
flows of an isolated device are attributed to the app (A2) where their names are in
no baseline of the same device and OS build; no flow is ever removed.

In a workspace (abroad init) it writes into audits/APP/VERSION/NAME there.
A folder that abroad wrote earlier is replaced whole, once the new audit is
complete. Into any other folder it writes only with --force.`,
		Example: `  # the practice app: writes s01.pcapng.audit/audit.json and s01.pcapng.audit/report.html
  abroad audit --data none capture/lab/practice/v2/s01.pcapng

  # several recordings of one app are one audit
  abroad audit --data none -o practice --app org.example.practice --app-version 2.0 capture/lab/practice/v2/*

  # test it against what its maker promised (abroad promise list)
  abroad audit --data none -o practice --app org.example.practice --app-uid 10234 --promise practice capture/lab/practice/v2/s01.pcapng

  # say where it was recorded, and which device it is about
  abroad audit --data none -o practice --vantage 64.147,-21.942,10 --device 192.168.50.23 capture/lab/practice/v2/s01.pcapng

  # from a pipe
  cat capture/lab/practice/v2/s01.pcapng | abroad audit --data none -

  # needs root and a network: a gateway's interface, until Ctrl-C
  tcpdump -i wlan0 -U -w - | abroad audit -o tonight -

  # needs a database of yours: an endpoint that two publishers agree on is graded L2
  abroad audit --mmdb GeoLite2-City.mmdb session.pcapng`,
		Args: arguments("RECORDING|SESSION…"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&c.out, "output", "o", "", "write into folder `DIR` (default: NAME.audit, or the workspace)")
	f.StringVar(&c.app, "app", "", "the app under test, by its store's `ID`")
	f.StringVar(&c.appVersion, "app-version", "", "the app's version `V`")
	f.Int32Var(&c.uid, "app-uid", 0, "the app's uid on the device, `N`")
	f.StringArrayVar(&c.promises, "promise", nil, "test it against a promise, by `FILE|ID`; may be repeated")
	f.StringArrayVar(&c.baselines, "baseline", nil, "the device without the app, a `SESSION`; may be repeated")
	f.StringVar(&c.vantage, "vantage", "", "where it was recorded: `CC|LAT,LON,KM`")
	f.BoolVar(&c.vpn, "vpn", false, "a VPN was on while recording")
	f.StringVar(&c.device, "device", "", "the device under test: `ADDR|MAC` (default: found)")
	f.StringVar(&c.data, "data", "", "datasets in `DIR|none` (default: ABROAD_DATA)")
	f.StringArrayVar(&c.mmdb, "mmdb", nil, "also ask the database `FILE`; may be repeated")
	f.StringVar(&c.overrides, "overrides", "", "corrections by hand in `FILE` (default: the folder's)")
	f.StringVar(&c.owners, "owners", "", "owners of names and networks, also by `FILE` (see abroad owner)")
	f.StringArrayVar(&c.firstParty, "first-party", nil, "a `DOMAIN` of the maker of the app; may be repeated")
	f.StringVar(&c.datasets, "datasets", "", "only the datasets of the older audit `AUDIT`")
	f.Uint32Var(&c.flowLimit, "flow-limit", flow.DefaultFlowLimit, "flows kept of a recording, `N`")
	f.BoolVar(&c.force, "force", false, "write into a folder that abroad did not write")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "print nothing but errors")
	f.BoolVar(&c.json, "json", false, "print audit.json instead of the summary")
	cmd.MarkFlagDirname("output")
	cmd.MarkFlagFilename("mmdb", "mmdb")
	cmd.MarkFlagFilename("overrides", "yaml", "yml")
	cmd.MarkFlagFilename("owners", "csv")
	return cmd
}

func (c *auditCommand) run(cmd *cobra.Command, args []string) error {
	if _, err := c.options(); err != nil {
		return err
	}
	in, err := openInputs(args, c.baselines, cmd.InOrStdin())
	if err != nil {
		return err
	}
	in.declare(c)
	config, err := c.config()
	if err != nil {
		return err
	}
	dir := c.out
	if dir == "" {
		if dir, err = c.folder(in); err != nil {
			return err
		}
	}
	out, err := workspace.Create(dir, workspace.Options{
		Names: folderNames(), Wrote: holdsAudit, Inputs: append(in.paths, c.given()...), Force: c.force,
	})
	if err != nil {
		return outputError(dir, err)
	}
	defer out.Abort()
	if config.Library, err = c.library(cmd.ErrOrStderr()); err != nil {
		return err
	}
	defer config.Library.Close()

	a, err := c.analyze(cmd, in, config)
	if err != nil {
		return err
	}
	if err := c.repeated(a); err != nil {
		return err
	}
	if err := writeFolder(out, a); err != nil {
		return outputError(dir, err)
	}
	return c.show(cmd, dir, a)
}

// folder is where the audit goes unless -o says otherwise: NAME.audit in the current folder or, in a workspace, its place there.
func (c *auditCommand) folder(in *inputs) (string, error) {
	root, err := workspaceHere()
	if err != nil || root == "" {
		return in.folder(), err
	}
	return shelf.Place(root, shelf.Audits, c.app, c.appVersion, strings.TrimSuffix(in.folder(), ".audit")), nil
}

// given lists the files that flags name: nothing is written over them.
func (c *auditCommand) given() []string {
	list := append(slices.Clone(c.mmdb), c.promises...)
	if c.overrides != "" {
		list = append(list, c.overrides)
	}
	if c.owners != "" {
		list = append(list, c.owners)
	}
	if c.datasets != "" && c.datasets != "-" {
		list = append(list, auditPath(c.datasets))
	}
	return list
}

// options checks the flags that need no file.
func (c *auditCommand) options() (audit.Options, error) {
	if c.quiet && c.json {
		return audit.Options{}, usagef("", "--quiet and --json contradict each other")
	}
	vantage, err := parseVantage(c.vantage)
	if err != nil {
		return audit.Options{}, usagef("", "--vantage: %w", err)
	}
	if err := checkDevice(c.device); err != nil {
		return audit.Options{}, usagef("", "--device: %w", err)
	}
	if c.datasets == "-" {
		return audit.Options{}, usagef("", "--datasets: want a file or a folder; stdin is for recordings")
	}
	if c.flowLimit == 0 {
		return audit.Options{}, usagef("", "--flow-limit: want at least 1")
	}
	return audit.Options{Vantage: vantage, VPN: c.vpn, Device: c.device, FlowLimit: c.flowLimit}, nil
}

// config is what the flags say to the analysis.
func (c *auditCommand) config() (analyze.Config, error) {
	config := analyze.Config{Version: version, Subject: audit.Subject{App: c.app, Version: c.appVersion, UID: c.uid}}
	var err error
	if config.Options, err = c.options(); err != nil {
		return config, err
	}
	if config.FirstParty, err = firstParty(c.firstParty); err != nil {
		return config, err
	}
	if config.Owners, err = openOwners(c.owners); err != nil {
		return config, err
	}
	config.Promises, err = loadPromises(c.promises, c.app)
	return config, err
}

// library opens the datasets. One of the directory that cannot be used is left out, and that is said: it may have raised grades.
func (c *auditCommand) library(stderr io.Writer) (*locate.Library, error) {
	options := locate.Options{Data: dataFolder(c.data), MMDB: c.mmdb, Overrides: c.overrides, Practice: true}
	if c.datasets != "" {
		older, err := openAudit(c.datasets, nil)
		if err != nil {
			return nil, err
		}
		options.Only = slices.DeleteFunc(older.Datasets, func(d audit.Dataset) bool { return d.Title == owner.UserTitle }) // says nothing of places
	}
	library, err := locate.Open(options)
	if err != nil {
		if c.datasets != "" {
			err = &hintedError{fmt.Errorf("repeat the datasets of %s: %w", c.datasets, err), "abroad data import brings an older file back; without --datasets the present ones are used"}
			return nil, err
		}
		if errors.Is(err, fs.ErrNotExist) && len(c.mmdb) == 0 {
			err = &hintedError{err, "--data none uses only what is built in"}
		}
		return nil, err
	}
	for _, err := range library.Broken() {
		fmt.Fprintf(stderr, "abroad: left out: %s\n", oneLine(err.Error()))
	}
	return library, nil
}

// repeated wants, with --datasets, that every dataset that the older audit has too is the same: also those that are not about places.
func (c *auditCommand) repeated(a *audit.Audit) error {
	if c.datasets == "" {
		return nil
	}
	older, err := openAudit(c.datasets, nil)
	if err != nil {
		return err
	}
	for i := range older.Datasets {
		for j := range a.Datasets {
			if old, now := &older.Datasets[i], &a.Datasets[j]; old.Name == now.Name && old.SHA256 != now.SHA256 {
				return &hintedError{fmt.Errorf("repeat the datasets of %s: dataset %q of %s (SHA-256 %s) is missing", c.datasets, old.Name, old.AsOf, old.SHA256),
					"this program carries another version of it"}
			}
		}
	}
	return nil
}

// analyze runs the analysis until it is done or given up.
func (c *auditCommand) analyze(cmd *cobra.Command, in *inputs, config analyze.Config) (*audit.Audit, error) {
	var tell io.Writer
	if _, ok := isTerminal(cmd.ErrOrStderr()); ok && !c.quiet {
		tell = cmd.ErrOrStderr()
	}
	progress := startProgress(tell, in.total)
	defer progress.Stop()
	config.Progress = progress.read.Store
	return interruptible(cmd.Context(), in.stdin, cmd.ErrOrStderr(), func(ctx context.Context) (*audit.Audit, error) {
		return analyze.Run(ctx, in.list, config)
	})
}

// writeFolder writes both files at the same time and puts the folder in its place.
func writeFolder(out *workspace.Folder, a *audit.Audit) error {
	page, err := reports.Find("html")
	if err != nil {
		return err
	}
	html, err := out.Create(reportFile)
	if err != nil {
		return err
	}
	document, err := out.Create(auditFile)
	if err != nil {
		html.Close()
		return err
	}
	written := make(chan error, 1)
	go func() {
		written <- cmp.Or(page.Files[0].Write(html, a, reports.Screen{}), html.Close())
	}()
	err = cmp.Or(audit.Write(document, a), document.Close())
	if err = cmp.Or(err, <-written); err != nil { // the first is enough: a full disk fails everything
		return err
	}
	return out.Commit()
}

// show prints the product: the summary, or the audit itself.
func (c *auditCommand) show(cmd *cobra.Command, dir string, a *audit.Audit) error {
	stdout := cmd.OutOrStdout()
	switch {
	case c.quiet:
		return nil
	case !c.json:
		return reports.Summary(stdout, a, screenOf(stdout),
			reports.Made{What: "report", Path: filepath.Join(dir, reportFile)}, reports.Made{What: "audit", Path: filepath.Join(dir, auditFile)})
	}
	f, err := os.Open(filepath.Join(dir, auditFile))
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(stdout, f)
	return err
}

// folderNames lists every file that abroad writes into an audit's folder: the audit and the reports that are made of it later.
func folderNames() []string {
	var names []string
	for _, format := range reports.All {
		for _, file := range format.Files {
			names = append(names, file.Name)
		}
	}
	return names
}

// outputError is "write out/first: the folder holds files that this command did not write".
func outputError(dir string, err error) error {
	return fmt.Errorf("write %s: %w", dir, withoutPath(err))
}
