// Package bpf makes the few filter programs that recording needs, without a compiler of filter expressions.
//
// In: a Filter (hardware addresses, network addresses, one connection to leave out), or a program as "tcpdump -ddd" prints it. Out: instructions
// of the classic Berkeley Packet Filter for the kernel, which mean exactly what the expression of Filter.String means to tcpdump: a test
// compares them frame by frame.
//
// The filter is not a convenience. On a shared network it is what keeps the neighbours' packets out of the file.
package bpf
