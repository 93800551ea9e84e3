// Command abroad tells which jurisdictions a mobile app's data flows to, and how good the evidence is.
//
// # Usage
//
//	abroad audit [flags] RECORDING…     recordings -> audit.json, report.html, summary
//	abroad report [flags] AUDIT         a saved audit -> html, pdf, text, markdown, brief, letter, json, csv; --public
//	abroad serve [DIR]                  the audits of a folder -> a browser on this machine
//	abroad explain AUDIT ID             a conclusion -> packets and dataset rows
//	abroad promise COMMAND              promise files: list, show, new, lint, review
//	abroad check [flags] AUDIT          verdicts or a policy -> exit code
//	abroad compare [flags] A [B]        two sets of sessions -> what differs, with statistics
//	abroad init|ls|history|find         a workspace of many apps, and its index
//	abroad data COMMAND                 datasets: list, import, lookup, verify
//	abroad help [COMMAND|TOPIC]         also: completion, man, version
//
// "-" is stdin or stdout. Stdout is the product; everything else goes to stderr, in lines that begin with "abroad:". No command uses the
// network.
//
// # The way of the data
//
// A recording (capture/source) is read into flows (analyze/flow), protocols are read out of their first bytes (analyze/dissect), datasets
// are asked about every endpoint (analyze/locate), and what follows from both is concluded (analyze). The result is one document
// (analyze/audit); every format (reports) is a view of it. The package analyze explains the steps.
//
// An audit is written into a folder: audit.json and report.html. The folder appears whole or not at all (internal/workspace).
//
// # Grades
//
// A place is graded L0 to L4. L4: round trips, from the place that --vantage declares, leave one country. L3: two
// kinds of evidence (an operator's own list, a host name bound to an operator, databases) name the same country, and no operator names
// another. L2: the operator alone, or two databases of different publishers. L1: one database alone, databases that differ, or an edge.
// L0: nothing is said. Below L3 a report says who says so ("DB-IP says IE"), never where the endpoint is.
//
// # Limitations
//
// Traffic shows where packets went, and nothing else: not what was stored, who had access to it, or to whom it was passed on.
// Contents of encrypted connections are not read. A name may be a cover name (encrypted ClientHello). The address of a content network's
// edge says nothing about where the data ends up. A recording made at a gateway is about a device, not about one app. With the
// built-in datasets alone most places are graded L1, and a database is wrong several percent of the time. An app that was not made to do
// something while it was recorded may still do it. Silence is no proof.
//
// TLS and QUIC are not decrypted, even when the recording holds the keys.
//
// # Exit codes
//
//	0  done; a recording that is damaged, or holds findings, is no error
//	1  something could not be read or written
//	2  the command line is not valid
//	3  check: a clause is contradicted, or a rule of the policy is broken; compare --fail-on: something is new
//	4  check: cannot decide; compare --fail-on: the sessions cannot decide whether anything is new
//
// # Errors
//
// An error is one line, and often a second one that tells what to do:
//
//	abroad: open recording: notes.txt: no source knows this format
//	abroad: hint: abroad help captures lists the formats that can be read
package main
