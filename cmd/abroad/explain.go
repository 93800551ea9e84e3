package main

import (
	"github.com/spf13/cobra"

	"abroad/analyze/audit"
	"abroad/reports"
)

func newExplain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain AUDIT ID",
		Short: "Walk from a finding, an endpoint or any other id down to packets and dataset rows",
		Long: `Explain shows what an id of an audit rests on, step by step, down to the bytes
of packets and the rows of datasets, with a tshark command that shows the same
bytes without abroad.

Every report gives ids: n1 is a finding, e1 an endpoint, f1 a flow, o1 an
observation, a1 a DNS answer, c1 a claim, d1 a dataset, x1 an anomaly, r1 a
recording, s1 a session, p1 a promise file, v1 a verdict on one of its clauses.`,
		Example: `  abroad audit --quiet --data none -o practice capture/lab/practice/v2/s01.pcapng
  abroad explain practice e1
  abroad explain practice/audit.json f3`,
		Args: arguments("AUDIT", "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := audit.ParseID(args[1])
			if err != nil {
				return usagef("abroad report "+args[0]+" shows the ids", "%w", err)
			}
			a, err := openAudit(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			return reports.Explain(cmd.OutOrStdout(), a, id)
		},
	}
}
