// Command app is the practice app of tests.
package main

import (
	"fmt"
	"os"

	"abroad/capture/lab"
)

func main() {
	if err := lab.AppMain(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
