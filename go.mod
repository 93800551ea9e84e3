module abroad

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0 // tests: shows what differs between two documents
	github.com/google/gopacket v1.1.19 // decodes link and network layers; used in analyze/flow only
	github.com/klauspost/compress v1.20.3 // reads recordings compressed with zstd
	github.com/miekg/dns v1.1.73 // reads DNS messages
	github.com/oschwald/geoip2-golang/v2 v2.5.0 // reads MaxMind and DB-IP editions of databases
	github.com/oschwald/maxminddb-golang/v2 v2.9.0 // reads mmdb files of every other schema
	github.com/rogpeppe/go-internal v1.16.0 // tests: scripts for the command
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests: holds audits against the published schema
	github.com/spf13/cobra v1.10.2 // the command tree, its help, completion and manual pages
	github.com/spf13/pflag v1.0.9 // the flags of cobra's commands, where a command asks which were given
	go.yaml.in/yaml/v4 v4.0.0 // reads promise files, policies, plans and overrides, strictly and with line numbers
	golang.org/x/net v0.62.0 // HTTP/2 header compression (hpack), the Public Suffix List; tests: an HTML parser
	golang.org/x/sys v0.49.0 // exchanges two folders in one step (renameat2), records an interface (AF_PACKET), drops privileges
	golang.org/x/term v0.47.0 // asks whether an output is a terminal, and how wide it is
	howett.net/plist v1.0.1 // reads and writes the property lists that iPhones speak
	modernc.org/sqlite v1.62.0 // the index of a workspace, in pure Go
	pgregory.net/rapid v1.3.0 // tests: properties
)

require (
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	golang.org/x/text v0.43.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	modernc.org/libc v1.80.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)
