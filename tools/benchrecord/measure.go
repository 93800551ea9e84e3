//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"abroad/capture"
	"abroad/capture/lab"
	"abroad/capture/source"
)

// A program records the gateway's interface.
type program struct {
	name    string
	command func(dir string) *exec.Cmd
	file    string // glob of what it writes, in dir
	hashes  bool   // what it writes, while it writes
	counts  func(dir, stderr string) (frames, drops int64, err error)
}

// A result is one run.
type result struct {
	sent          float64 // Mbit/s
	frames, drops int64
	cpu           time.Duration // while it records
	closing       time.Duration // processor time from the stop to the end
	hash          time.Duration // of cpu, for the SHA-256 of what is written; measured afterwards over the same octets
	peak          int64         // octets of memory, the shared ring included
	first         time.Duration // from the start of the program to its first packet
}

func (b *bench) ours() program {
	return program{
		name: "abroad record",
		command: func(dir string) *exec.Cmd {
			return exec.Command(b.abroad, "record", "--quiet", "--no-ui", "--ring", fmt.Sprint(b.ring), "--segment-size", "8192",
				"--mac", lab.PhoneMAC, "-o", filepath.Join(dir, "x.session"), "linux", lab.GatewayInterface)
		},
		file:   "x.session/capture/*.pcapng",
		hashes: true,
		counts: func(dir, _ string) (int64, int64, error) {
			data, err := os.ReadFile(filepath.Join(dir, "x.session", "manifest.json"))
			if err != nil {
				return 0, 0, err
			}
			var m struct {
				Packets  int64 `json:"packets"`
				Counters struct {
					Dropped *int64 `json:"dropped_kernel"`
				} `json:"counters"`
			}
			if err := json.Unmarshal(data, &m); err != nil || m.Counters.Dropped == nil {
				return 0, 0, errors.Join(err, errors.New("the manifest gives no counter of drops"))
			}
			return m.Packets, *m.Counters.Dropped, nil
		},
	}
}

var tcpdump = program{
	name: "tcpdump",
	command: func(dir string) *exec.Cmd {
		return exec.Command("tcpdump", "-i", lab.GatewayInterface, "-n", "-B", "32768", "-s", "0", "-Z", "root", "-w", filepath.Join(dir, "x.pcap"), "ether", "host", lab.PhoneMAC)
	},
	file: "x.pcap",
	counts: func(_, stderr string) (int64, int64, error) {
		frames := regexp.MustCompile(`(\d+) packets? captured`).FindStringSubmatch(stderr)
		drops := regexp.MustCompile(`(\d+) packets? dropped by kernel`).FindStringSubmatch(stderr)
		if frames == nil || drops == nil {
			return 0, 0, fmt.Errorf("no counters: %q", stderr)
		}
		n, err1 := strconv.ParseInt(frames[1], 10, 64)
		d, err2 := strconv.ParseInt(drops[1], 10, 64)
		return n, d, errors.Join(err1, err2)
	},
}

// measure lets one program record while frames are sent, from before its start to its end.
func (b *bench) measure(w *lab.World, p program) (r result, err error) {
	dir, err := os.MkdirTemp(b.dir, "benchrecord-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	s, err := startSender(w, b.rate)
	if err != nil {
		return r, err
	}
	time.Sleep(200 * time.Millisecond)
	c := p.command(dir)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	before, start := s.frames.Load(), time.Now()
	if err := w.Gateway.Start(c); err != nil {
		return r, errors.Join(err, s.end())
	}
	time.Sleep(time.Duration(b.seconds) * time.Second)
	r.sent = float64(s.frames.Load()-before) * frameSize * 8 / 1e6 / time.Since(start).Seconds()
	r.peak, r.cpu = peak(c.Process.Pid), used(c.Process.Pid)
	c.Process.Signal(os.Interrupt)
	err = c.Wait()
	if err := errors.Join(err, s.end()); err != nil {
		return r, fmt.Errorf("%w: %s", err, stderr.String())
	}
	r.closing = c.ProcessState.UserTime() + c.ProcessState.SystemTime() - r.cpu
	if r.frames, r.drops, err = p.counts(dir, stderr.String()); err != nil {
		return r, err
	}
	if p.hashes {
		if r.hash, err = hashing(dir, p.file); err != nil {
			return r, err
		}
	}
	at, err := firstPacket(dir, p.file)
	r.first = time.Duration(int64(at) - start.UnixNano())
	return r, err
}

// used is the processor time of a process so far, to a hundredth of a second; 0 if it cannot be read.
func used(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const userHZ = 100 // of every Linux that Go runs on
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	return time.Duration(user+system) * time.Second / userHZ
}

// hashing measures the processor time that the SHA-256 of what was written takes, without that of reading it.
func hashing(dir, pattern string) (spent time.Duration, err error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return 0, err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	b := make([]byte, 256<<10) // as large as what the recorder writes at once
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		h := sha256.New()
		for err == nil {
			var n int
			n, err = f.Read(b)
			start := threadTime()
			h.Write(b[:n])
			spent += threadTime() - start
		}
		f.Close()
		if err != io.EOF {
			return 0, err
		}
	}
	return spent, nil
}

// threadTime is the processor time of this thread so far.
func threadTime() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// peak is the most memory that a process had resident, in octets; 0 if it cannot be read.
func peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// firstPacket is the time stamp of the first packet in a file.
func firstPacket(dir, pattern string) (capture.Time, error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) == 0 {
		return 0, errors.Join(err, errors.New("nothing was written"))
	}
	f, err := os.Open(files[0])
	if err != nil {
		return 0, err
	}
	defer f.Close()
	rec, err := source.Open(files[0], f)
	if err != nil {
		return 0, err
	}
	defer rec.Close()
	for r, err := range rec.Records() {
		if err != nil {
			return 0, err
		}
		if packet, ok := r.(*capture.Packet); ok {
			return packet.Time, nil
		}
	}
	return 0, errors.New("no packet was recorded")
}
