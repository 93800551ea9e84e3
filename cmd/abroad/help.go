package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"abroad/analyze/compare"
	"abroad/analyze/dataset"
	"abroad/analyze/dissect"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/analyze/promise"
	"abroad/capture/source"
	"abroad/reports"
)

// A topic is a page of help that is no command. Most are made of the Doc strings of plug-ins, so that they cannot go stale.
type topic struct {
	Name string
	Doc  string // one line
	Rows func() [][2]string
}

var topics = []*topic{
	{"captures", "capture formats that can be read", func() (rows [][2]string) {
		for _, s := range source.All {
			rows = append(rows, [2]string{s.Name, s.Doc})
		}
		return rows
	}},
	{"dissectors", "protocols that are read", func() (rows [][2]string) {
		for _, d := range dissect.All {
			rows = append(rows, [2]string{d.Name, d.Doc})
		}
		return rows
	}},
	{"locators", "what is asked about an address", func() (rows [][2]string) {
		for _, l := range locate.All {
			rows = append(rows, [2]string{l.Name, l.Doc})
		}
		return rows
	}},
	{"overrides", "corrections of places by hand (overrides.yaml), and how they count", func() [][2]string {
		return [][2]string{
			{"overrides:", "a list; of several prefixes around an address the most specific one counts"},
			{"- prefix:", "the addresses that it covers, 192.0.2.0/24"},
			{"  country:", "two letters of ISO 3166-1; NO is Norway"},
			{"  author:", "who says so"},
			{"  date:", "since when, 2006-01-02"},
			{"  reason:", "why; all five are required"},
			{"weight", "It takes precedence over operators, names and databases, but not over a round trip, and is graded L2 at most: it is one person's word. " +
				"Every report that it affects shows it."},
		}
	}},
	{"formats", "report formats", func() (rows [][2]string) {
		for _, f := range reports.All {
			rows = append(rows, [2]string{f.Name, f.Doc})
		}
		return rows
	}},
	{"plan", "what a plan of a recording contains (record --plan FILE, YAML)", planRows},
	{"limits", "how much of an input is kept; an audit says when a limit was reached", func() [][2]string {
		var rows [][2]string
		limit := func(n int, what string) { rows = append(rows, [2]string{strconv.Itoa(n), what}) }
		limit(flow.DefaultFlowLimit, "flows of a recording (--flow-limit); further ones are counted per address, port and protocol")
		limit(flow.MaxOverflow, "such counters; what comes later shares one")
		limit(flow.MaxHead, "bytes of one side of a flow that a dissector sees at a time")
		limit(flow.MaxHeads, "bytes of all such heads together; the oldest waiting flow gives up first")
		limit(flow.MaxLate, "segments of one side that wait for an earlier one")
		limit(flow.MaxTunnels, "nested tunnels")
		limit(flow.MaxHeaders, "successive headers in one frame")
		limit(flow.MaxDatagrams, "datagrams of a recording that wait for fragments")
		limit(flow.MaxFragmentBytes, "bytes of them")
		limit(dissect.MaxSeen, "observations and answers of one flow")
		limit(dissect.MaxRestarts, "protocols that begin inside another one in one flow (CONNECT, STARTTLS)")
		limit(source.MaxRecord, "bytes of one record of a file")
		limit(dataset.MaxFile, "bytes of one dataset")
		return rows
	}},
	{"fields", "the fields by which abroad compare can separate sessions", func() (rows [][2]string) {
		for _, f := range compare.Fields {
			rows = append(rows, [2]string{f.Name, f.Doc})
		}
		return rows
	}},
	{"gateway", "from an empty machine to a recording of any device", func() [][2]string { return gatewaySteps }},
	{"android", "from an empty machine to a recording of an Android phone", func() [][2]string { return androidSteps }},
	{"ios", "from an empty machine to a recording of an iPhone or iPad", func() [][2]string { return iosSteps }},
	{"aspects", "what a clause of a promise can be about, and how much traffic can say", promise.Aspects},
	{"reasons", "why a verdict on a clause is silent", promise.Reasons},
	{"exit-codes", "what abroad's exit codes mean", func() [][2]string {
		return [][2]string{
			{fmt.Sprint(exitDone), "done; a recording that is damaged, or holds findings, is no error"},
			{fmt.Sprint(exitError), "something could not be read or written"},
			{fmt.Sprint(exitUsage), "the command line is not valid"},
			{fmt.Sprint(exitContradicted), "check: a clause is contradicted, or a rule of the policy is broken; compare --fail-on: something is new"},
			{fmt.Sprint(exitUndecided), "check: cannot decide"},
		}
	}},
}

func topicNamed(name string) *topic {
	for _, t := range topics {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func (t *topic) write(w io.Writer) error {
	fmt.Fprintf(w, "%s: %s\n\n", t.Name, t.Doc)
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range t.Rows() {
		head := row[0]
		lines := wrap(row[1], 64)
		if strings.HasPrefix(row[1], "$ ") { // a command is copied as it stands
			lines = []string{row[1]}
		}
		for _, line := range lines {
			fmt.Fprintf(tab, "  %s\t%s\n", head, line)
			head = ""
		}
	}
	return tab.Flush()
}

// wrap breaks s between words into lines of at most width characters; a longer word has a line of its own.
func wrap(s string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// topicList lists the topics, one a line.
func topicList() string {
	var list strings.Builder
	tab := tabwriter.NewWriter(&list, 0, 0, 2, ' ', 0)
	for _, t := range topics {
		fmt.Fprintf(tab, "  %s\t%s\n", t.Name, t.Doc)
	}
	tab.Flush()
	return strings.TrimRight(list.String(), "\n")
}

// newHelp is cobra's help command with topics besides the commands.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND|TOPIC]",
		Short:   "Help about a command or a topic",
		Long:    "Help about a command, or about one of the topics:\n\n" + topicList(),
		Example: "  abroad help audit\n  abroad help captures\n  abroad help exit-codes",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (words []cobra.Completion, _ cobra.ShellCompDirective) {
			if len(args) == 0 {
				for _, t := range topics {
					words = append(words, cobra.CompletionWithDesc(t.Name, t.Doc))
				}
				for _, c := range cmd.Root().Commands() {
					if c.IsAvailableCommand() {
						words = append(words, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if t := topicNamed(args[0]); t != nil {
					return t.write(cmd.OutOrStdout())
				}
			}
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("abroad help help lists the topics", "no help about %q", strings.Join(args, " "))
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}
