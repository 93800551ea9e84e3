//go:build !linux

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func (*labCommand) run(*cobra.Command) error {
	return &hintedError{errors.New("lab: only Linux has network namespaces"), "the practice recordings need none: make demo"}
}
