//go:build linux

// Command benchrecord measures the recorder against tcpdump at a steady rate of full frames.
//
// In: root rights on Linux. Steps: a lab of network namespaces (capture/lab), in which a sender of our own puts frames on the phone's interface at
// -rate; then, one after the other, "abroad record" and "tcpdump -B 32768" record the gateway's interface for -seconds into a file. Out, on stdout: what
// each recorded, what the kernel dropped, processor time while it records and from the stop to the end, how much of it the SHA-256 is (a
// session is hashed on its way to the disk, tcpdump hashes nothing), what is left without it, peak memory, and how long it took from the
// start of the program to its first packet.
// Nothing is asserted: times belong to the machine. No packet leaves the namespaces.
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"abroad/capture/lab"
)

const maxSeconds = 60 // at 1 Gbit/s a second is 125 MB of disk

func main() {
	var b bench
	flag.StringVar(&b.abroad, "abroad", "bin/abroad", "program under test")
	flag.Float64Var(&b.rate, "rate", 1000, "Mbit/s of frames of 1514 octets")
	flag.IntVar(&b.seconds, "seconds", 5, "for which each program records")
	flag.IntVar(&b.ring, "ring", 16, "MiB of our ring")
	flag.StringVar(&b.dir, "dir", "", "folder for what is recorded and thrown away (default: the system's)")
	runs := flag.Int("runs", 1, "of each program, in turn")
	flag.Parse()
	if err := b.run(*runs); err != nil {
		fmt.Fprintln(os.Stderr, "benchrecord:", err)
		os.Exit(1)
	}
}

// A bench is what the flags say.
type bench struct {
	abroad, dir   string
	rate          float64
	seconds, ring int
}

func (b *bench) run(runs int) error {
	if b.seconds < 1 || b.seconds > maxSeconds || b.rate <= 0 {
		return fmt.Errorf("-seconds from 1 to %d and a -rate above 0 are wanted", maxSeconds)
	}
	w, err := lab.Open()
	if err != nil {
		return err
	}
	defer w.Close()
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(os.Stdout, "%.0f Mbit/s of 1514-octet frames for %d s, ring of %d MiB, tcpdump -B 32768\n", b.rate, b.seconds, b.ring)
	fmt.Fprintln(out, "program\tsent Mbit/s\tframes\tkernel drops\tCPU s\tof it SHA-256 s\twithout it s\tto close s\tpeak MB\tfirst packet ms\t")
	for range runs {
		for _, p := range []program{b.ours(), tcpdump} {
			r, err := b.measure(w, p)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			fmt.Fprintf(out, "%s\t%.0f\t%d\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.1f\t%.0f\t\n", p.name, r.sent, r.frames, r.drops, r.cpu.Seconds(),
				r.hash.Seconds(), (r.cpu - r.hash).Seconds(), r.closing.Seconds(), float64(r.peak)/1e6, float64(r.first)/float64(time.Millisecond))
		}
	}
	return out.Flush()
}
