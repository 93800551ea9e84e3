package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"abroad/cmd/abroad/internal/workspace"
)

// newMan writes manual pages. Cobra has a generator too; it would bring a Markdown processor and a second YAML library into the program.
func newMan() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write manual pages, one a command, into a folder",
		Example: "  abroad man share/man/man1",
		Args:    arguments("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return eachCommand(cmd.Root(), func(c *cobra.Command) error {
				path := filepath.Join(args[0], manName(c)+".1")
				f, err := workspace.CreateFile(path, nil)
				if err != nil {
					return outputError(path, err)
				}
				defer f.Close()
				if err := writeMan(f, c); err != nil {
					return outputError(path, err)
				}
				return f.Commit()
			})
		},
	}
}

func eachCommand(c *cobra.Command, do func(*cobra.Command) error) error {
	if !c.HasParent() || c.IsAvailableCommand() || c.Name() == "help" {
		if err := do(c); err != nil {
			return err
		}
	}
	for _, sub := range c.Commands() {
		if err := eachCommand(sub, do); err != nil {
			return err
		}
	}
	return nil
}

func manName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// writeMan writes one page in the man macros (man(7)); no date stands in it, so that it is the same wherever it is made.
func writeMan(w io.Writer, c *cobra.Command) error {
	c.InitDefaultHelpFlag()
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"abroad %s\" \"abroad\"\n", strings.ToUpper(manName(c)), version)
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(manName(c)), roff(c.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n%s\n", roff(c.UseLine()))
	fmt.Fprintf(&b, ".SH DESCRIPTION\n.nf\n%s\n.fi\n", roff(longOf(c)))
	if c.HasAvailableLocalFlags() {
		fmt.Fprintf(&b, ".SH OPTIONS\n.nf\n%s.fi\n", roff(c.LocalFlags().FlagUsages()))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(c.Example))
	}
	if !c.HasParent() {
		b.WriteString(".SH EXIT STATUS\n")
		for _, row := range topicNamed("exit-codes").Rows() {
			fmt.Fprintf(&b, ".TP\n%s\n%s\n", roff(row[0]), roff(row[1]))
		}
	}
	var also []string
	if c.HasParent() {
		also = append(also, manName(c.Parent()))
	}
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			also = append(also, manName(sub))
		}
	}
	for i, name := range also {
		also[i] = fmt.Sprintf(".BR %s (1)", roff(name))
	}
	if len(also) > 0 {
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(also, ",\n"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func longOf(c *cobra.Command) string {
	if c.Long != "" {
		return c.Long
	}
	return c.Short + "."
}

// roff escapes text: backslashes, dashes that must stay dashes, and dots and quotes at the start of a line, which would be requests.
func roff(s string) string {
	lines := strings.Split(strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...", "→", "->").Replace(s), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
