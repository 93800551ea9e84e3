package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/analyze/promise"
	"abroad/reports"
)

// The exit codes of "check", besides the common ones.
const (
	exitContradicted = promise.CodeContradicted
	exitUndecided    = promise.CodeUndecided
)

// A verdictError ends a check whose product was printed: the exit code is the message.
type verdictError struct{ code int }

func (e *verdictError) Error() string {
	if e.code == exitContradicted {
		return "contradicted"
	}
	return "cannot decide"
}

func newCheck() *cobra.Command {
	var policyFile, owners, format, out string
	cmd := &cobra.Command{
		Use:   "check [flags] AUDIT",
		Short: "Turn an audit's verdicts, or a policy, into an exit code",
		Long: `Check reads a saved audit and gives the result as an exit code, so that a build can
depend on it:

  0  nothing contradicted, and at least one clause is not silent
  3  a clause is contradicted, or a rule of the policy is broken
  4  cannot decide: every clause is silent, or a rule lacks evidence

With --policy, the rules of a policy decide: countries, network operators and
organisations that are allowed or denied. Each rule names the lowest grades that
it acts on. A flow graded lower is never a reason to pass or to fail: the result is
then 4. A contradicted clause gives 3 even so. A policy is a file like this:

  apiVersion: abroad/v1
  kind: Policy
  metadata: {id: acme}
  first_party: [example.com]
  rules:
    - id: nothing-to-china
      deny: {countries: [CN]}
      lowest: {place: L3, attribution: A2}
    - id: own-servers-in-europe
      allow: {countries: [EEA, GB]}
      select: {party: first}
      lowest: {place: L3, attribution: A2}
    - id: nothing-to-bytedance
      deny: {organisations: [bytedance]}
      lowest: {attribution: A2}

A rule allows or denies one list: countries (and EU, EEA, EFTA as they were on
the day of the recording), operators, or organisations of the owner table by name
or key; one that nobody knows is an error, and --owners adds those of a file. It may
select flows by party, direction, action, hosts and min_up_bytes.`,
		Example: `  abroad audit --quiet --data none --app org.example.practice --app-uid 10234 --promise practice -o practice capture/lab/practice/v2/s01.pcapng

  # needs a shell that looks at the exit code: 4, for one session is too few
  abroad check practice

  # needs a policy
  abroad check practice --policy policy.yaml --format junit -o verdicts.xml`,
		Args: arguments("AUDIT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			write := reports.CheckFormat(format)
			if write == nil {
				return usagef("", "--format: %q is none of %s", format, strings.Join(reports.CheckFormats(), ", "))
			}
			if owners != "" && policyFile == "" {
				return usagef("", "--owners: there is no --policy whose organisations it could name")
			}
			policy, err := loadPolicy(policyFile)
			if err != nil {
				return err
			}
			a, err := openAudit(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			if err := checkOrganisations(policy, a, owners); err != nil {
				return err
			}
			cases := promise.Cases(a, policy)
			code := promise.Code(cases, policy != nil)
			var inputs []string
			if args[0] != "-" {
				inputs = []string{auditPath(args[0])}
			}
			if err := writeChecked(cmd.OutOrStdout(), out, inputs, func(w io.Writer) error { return write(w, a, cases, screenOf(w)) }); err != nil {
				return err
			}
			if code != exitDone {
				return &verdictError{code}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&policyFile, "policy", "", "let the rules of a policy `FILE` decide")
	f.StringVar(&owners, "owners", "", "the policy may name organisations of `FILE` too")
	f.StringVarP(&format, "format", "f", "text", "`NAME` of the format: "+strings.Join(reports.CheckFormats(), ", "))
	f.StringVarP(&out, "output", "o", "-", "write to `FILE|-`; - is stdout")
	cmd.MarkFlagFilename("policy", "yaml", "yml")
	cmd.MarkFlagFilename("owners", "csv")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reports.CheckFormats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// loadPolicy reads a policy; no path is no policy.
func loadPolicy(path string) (*promise.Policy, error) {
	if path == "" {
		return nil, nil
	}
	text, err := promise.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read policy: %s: %w", path, withoutPath(err))
	}
	p, faults := promise.ParsePolicy(path, text)
	if fault := faults.First(); fault != nil {
		return nil, fmt.Errorf("read policy: %w", fault)
	}
	return p, nil
}

// checkOrganisations refuses a policy over organisations that neither the owner table nor the audit knows.
func checkOrganisations(p *promise.Policy, a *audit.Audit, owners string) error {
	if p == nil {
		return nil
	}
	table, err := openOwners(owners)
	if err != nil {
		return err
	}
	faults := p.CheckOrganisations(func(name string) bool {
		return table.Knows(name) || slices.ContainsFunc(a.Organisations, func(o audit.Organisation) bool {
			return strings.EqualFold(o.Key, name) || strings.EqualFold(o.Name, name)
		})
	})
	if fault := faults.First(); fault != nil {
		return fmt.Errorf("read policy: %w", fault)
	}
	return nil
}

// writeChecked writes to stdout or to a file that appears whole.
func writeChecked(stdout io.Writer, out string, inputs []string, write func(io.Writer) error) error {
	if out == "-" {
		return write(stdout)
	}
	return writeWhole(out, inputs, write)
}
