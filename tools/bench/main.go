// Command bench measures how fast abroad reads a large capture.
//
// In: a capture of at least -size bytes; it is made first if it is not there (mix.go). Out, on stdout: the whole program's speed and peak
// memory, the same of tshark and ndpiReader on the same file if they are installed, and the time of each stage inside our program.
// Nothing is asserted: times belong to the machine.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"time"

	"abroad/capture/source"
)

func main() {
	abroad := flag.String("abroad", "bin/abroad", "program under test")
	file := flag.String("file", "out/bench/mix.pcap", "capture to read; made if it is missing")
	size := flag.Int64("size", 1_000_000_000, "bytes of the capture that is made")
	mixer := flag.String("mixer", "../shared/captures/tools/mkmix.py", "script that makes a capture of real ones, if it is there")
	runs := flag.Int("runs", 3, "runs of each program; the fastest counts")
	others := flag.Bool("others", true, "run tshark and ndpiReader too")
	profile := flag.String("cpuprofile", "", "write a CPU profile of the stages to this file")
	flag.Parse()
	err := run(*abroad, *file, *size, *mixer, *runs, *others)
	if err == nil {
		err = profiled(*profile, func() error { return stages(*file) })
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(abroad, file string, size int64, mixer string, runs int, others bool) error {
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		if err = makeMix(file, size, mixer); err == nil {
			info, err = os.Stat(file)
		}
	}
	if err != nil {
		return err
	}
	packets, err := count(file) // also brings the file into the page cache
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d packets, %.2f GB\n\n", file, packets, float64(info.Size())/1e9)
	out, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(out)
	ours, err := fastest(runs, abroad, "audit", "--quiet", "--data", "none", "-o", out+"/audit", file)
	if err != nil {
		return err
	}
	fmt.Printf("%-12s %9s %9s %12s %8s %10s %7s\n", "program", "wall", "cpu", "packets/s", "GB/s", "peak", "ratio")
	show := func(name string, u usage) {
		s := u.wall.Seconds()
		fmt.Printf("%-12s %8.2fs %8.2fs %12.0f %8.2f %7.0f MB %6.1fx\n",
			name, s, u.cpu.Seconds(), float64(packets)/s, float64(info.Size())/1e9/s, float64(u.peak)/1e6, s/ours.wall.Seconds())
	}
	show("abroad", ours)
	if others {
		for _, other := range [][]string{
			{"ndpiReader", "-q", "-i", file},
			{"tshark", "-n", "-r", file, "-T", "fields", "-e", "tls.handshake.extensions_server_name", "-e", "dns.qry.name", "-e", "http.host"},
		} {
			if _, err := exec.LookPath(other[0]); err != nil {
				fmt.Printf("%-12s not installed\n", other[0])
				continue
			}
			n := runs
			if other[0] == "tshark" {
				n = 1 // a minute for a gigabyte
			}
			u, err := fastest(n, other[0], other[1:]...)
			if err != nil {
				return err
			}
			show(other[0], u)
		}
	}
	fmt.Println()
	return nil
}

// profiled runs work; with a name it writes a CPU profile of it.
func profiled(name string, work func() error) error {
	if name == "" {
		return work()
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return work()
}

// count reads the file once and counts its packets.
func count(file string) (n uint32, err error) {
	f, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	rec, err := source.Open(file, f)
	if err != nil {
		return 0, err
	}
	for _, err := range rec.Records() {
		if err != nil {
			return 0, err
		}
	}
	return rec.Manifest().Records, nil
}

// A usage is what one run of a program took.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes resident; 0 = not known on this system
}

// fastest runs a program n times and returns the run with the shortest wall time.
func fastest(n int, name string, args ...string) (best usage, err error) {
	for i := range n {
		cmd := exec.Command(name, args...)
		cmd.Stderr = nil
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return usage{}, fmt.Errorf("run %s: %w", name, err)
		}
		u := usage{time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak(cmd.ProcessState)}
		if i == 0 || u.wall < best.wall {
			best = u
		}
	}
	return best, nil
}
