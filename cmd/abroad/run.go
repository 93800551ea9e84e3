package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// The exit codes. "check" adds 3 (contradicted) and 4 (cannot decide).
const (
	exitDone  = 0
	exitError = 1
	exitUsage = 2
)

// run is the whole program. Stdout gets the product and nothing else; what went wrong goes to stderr as one line and perhaps a hint.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return exitDone
	}
	if verdict, ok := errors.AsType[*verdictError](err); ok {
		return verdict.code
	}
	fmt.Fprintf(stderr, "abroad: %s\n", short(oneLine(err.Error())))
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(stderr, "abroad: hint: %s\n", short(oneLine(hint)))
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if answered, ok := errors.AsType[*answeredError](err); ok {
		return answered.code
	}
	return exitError
}

// newRoot builds the command tree. Only commands that work are in it.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "abroad",
		Short: "Which jurisdictions does an app's data flow to?",
		Long: `Abroad records an app's network traffic on a device of your own, or reads
recordings of it. It names and locates every endpoint, grades the evidence, tests
it against what the app's maker promised and against other versions of the app,
and writes reports whose every line can be walked back to a packet or to a row of
a dataset.

Topics, besides the commands (abroad help TOPIC):

` + topicList(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := "abroad help lists the commands"
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = "did you mean abroad " + near[0] + "?"
			}
			return usagef(hint, "unknown command %q", args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(cmd.ErrOrStderr()) // nobody asked for help: it is not the product
			if err := cmd.Help(); err != nil {
				return err
			}
			return usagef("", "no command given")
		},
		SilenceErrors:              true,
		SilenceUsage:               true,
		DisableAutoGenTag:          true,
		SuggestionsMinimumDistance: 2,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &usageError{err, cmd.CommandPath() + " --help lists the flags"}
	})
	root.SetHelpCommand(newHelp())
	root.AddCommand(newSources(), newDoctor(), newRecord(), newLab(), newLabApp(), newLive(), newMark(), newSession(), newAudit(), newReport(), newServe(), newExplain(), newPromise(), newCheck(), newCompare(), newInit(), newLs(), newHistory(), newFind(), newData(), newOwner(), newLaw(), newResolve(), newVersion(), newMan())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

// A usageError is a command line that cannot be meant: exit code 2.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// oneLine escapes what could break the line or command the terminal: names of files and of hosts are chosen by strangers.
func oneLine(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
	}
	return b.String()
}

// maxMessage is how many bytes of a message are printed: what it quotes is chosen by strangers.
const maxMessage = 4000

func short(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return fmt.Sprintf("%s… and %d bytes more", strings.ToValidUTF8(s[:maxMessage], ""), len(s)-maxMessage)
}

// arguments wants exactly those words on the command line; a last word that ends in "…" stands for one or more.
func arguments(words ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := "usage: " + cmd.UseLine()
		many := len(words) > 0 && strings.HasSuffix(words[len(words)-1], "…")
		switch {
		case len(args) < len(words):
			return usagef(hint, "%s: no %s given", cmd.Name(), strings.TrimSuffix(words[len(args)], "…"))
		case len(args) > len(words) && !many:
			return usagef(hint, "%s: unexpected argument %q", cmd.Name(), args[len(words)])
		}
		return nil
	}
}
