// Package analyze makes an audit of recordings. It is the only place where the parts are wired together:
//
//	source -> flow.Decoder -> flow.Table -> dissect.Driver     seen      (read.go, seen.go)
//	device, names, attribution                                 concluded (bind.go, attribute.go)
//	endpoints -> locate.Library -> locate.Weigh                said, concluded (endpoint.go)
//	round trips -> locate.Physics -> locate.Weigh again        concluded (physics.go), where a vantage is declared
//	coverage, jurisdictions, findings                          concluded (sum.go, finding.go)
//	promises                                                   concluded (verdict.go)
//
// Run is a pure function of the recordings, the datasets and the options: no network, no clock, no locale, no map order.
package analyze

import (
	"context"
	"errors"
	"fmt"
	"io"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/analyze/owner"
	"abroad/analyze/promise"
	"abroad/capture"
)

// An Input is one recording to be read.
type Input struct {
	Name   string // as the audit shows it: the file's base name, or "stdin"
	Open   func() (io.ReadCloser, error)
	Of     *Folder        // the session folder that it is a segment of; nil for a bare recording
	SHA256 capture.Digest // what it must be, if that is known
}

// A Config is everything besides the recordings that an audit depends on.
type Config struct {
	Version string // of the program
	Subject audit.Subject
	Options audit.Options
	Library *locate.Library
	Owners  *owner.Table // nil = the embedded table

	Promises   []*promise.File  // without faults, each about the subject
	FirstParty []string         // domains of the subject's maker, lower case; without any, nobody is third party either
	Progress   func(read int64) // told the stored bytes read so far, over all inputs; nil = nobody asks
}

// Run reads the recordings one after the other and returns the audit, which audit.Write checks. Damage in a recording is in the
// audit; an error means that an input could not be opened or read (source.ErrUnknown among them), or that ctx ended.
func Run(ctx context.Context, inputs []Input, c Config) (*audit.Audit, error) {
	if len(inputs) == 0 {
		return nil, errors.New("no recordings")
	}
	if c.Options.FlowLimit == 0 {
		c.Options.FlowLimit = flow.DefaultFlowLimit
	}
	if c.Owners == nil {
		var err error
		if c.Owners, err = owner.Default(); err != nil {
			return nil, fmt.Errorf("read owner table: %w", err)
		}
	}
	c.FirstParty = firstParty(c.FirstParty, c.Promises)
	c.Options.FirstParty = c.FirstParty
	options, note := declared(inputs, c.Options)
	c.Options = options
	b := newBuilder(c)
	if note != "" {
		b.note("%s", note)
	}
	var base []Input
	for _, in := range inputs {
		if in.Of != nil && in.Of.Baseline {
			base = append(base, in)
		} else if err := b.read(ctx, in); err != nil {
			return nil, err
		}
	}
	if len(b.recs) == 0 {
		return nil, errors.New("no recordings besides baselines")
	}
	compared, err := baselines(ctx, base, c)
	if err != nil {
		return nil, err
	}
	return b.finish(compared), nil
}
