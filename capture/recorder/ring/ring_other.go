//go:build !linux

package ring

import (
	"context"

	"abroad/capture"
)

// A Ring cannot exist on this system.
type Ring struct{}

// Open always fails with ErrUnsupported on this system.
func Open(Config) (*Ring, error) { return nil, ErrUnsupported }

// Interface returns nothing.
func (*Ring) Interface() Interface { return Interface{} }

// Run always fails with ErrUnsupported on this system.
func (*Ring) Run(context.Context, Handler) error { return ErrUnsupported }

// Stats returns nothing.
func (*Ring) Stats() Stats { return Stats{} }

// Close does nothing.
func (*Ring) Close() error { return nil }

// Forget does nothing.
func (*Ring) Forget() {}

// Allowed always returns ErrUnsupported on this system.
func Allowed() error { return ErrUnsupported }

// LinkOf always fails with ErrUnsupported on this system.
func LinkOf(string) (capture.LinkType, error) { return 0, ErrUnsupported }
