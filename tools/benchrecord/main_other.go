//go:build !linux

package main

import "log"

func main() { log.Fatal("benchrecord: only Linux has network namespaces") }
