package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"abroad/analyze/audit"
)

// version stands in every audit. The same version makes the same audit of the same input, on any machine.
const version = "0.1.0"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version, the audit schema and what the program was built from",
		Example: "  abroad version",
		Args:    arguments(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			revision := "no revision known"
			if build, ok := debug.ReadBuildInfo(); ok {
				for _, s := range build.Settings {
					if s.Key == "vcs.revision" {
						revision = s.Value
					}
				}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "abroad %s (%s)\nschema %s\n%s %s/%s\n",
				version, revision, audit.Schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
