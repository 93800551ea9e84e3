package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"abroad/analyze/flow"
	"abroad/capture"
	"abroad/capture/source"
)

// makeMix makes a capture of at least size bytes: of real captures, if the collection and Python are there, else of the practice recordings.
func makeMix(file string, size int64, mixer string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	partial := file + ".partial"
	defer os.Remove(partial)
	python, err := exec.LookPath("python3")
	if _, missing := os.Stat(mixer); err != nil || missing != nil {
		fmt.Fprintln(os.Stderr, "bench: repeating the practice recordings: the collection of real captures, or python3, is not there")
		if err := repeat(partial, size); err != nil {
			return err
		}
		return os.Rename(partial, file)
	}
	fmt.Fprintln(os.Stderr, "bench: mixing real captures")
	cmd := exec.Command(python, mixer, filepath.Join(filepath.Dir(mixer), "mix.list"), partial, strconv.FormatInt(size, 10))
	cmd.Env = append(os.Environ(), "SPAN="+strconv.FormatInt(max(900, size*7200/1_000_000_000), 10), "SEED=2")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("mix captures: %w", err)
	}
	os.Remove(partial + ".truth.json")
	return os.Rename(partial, file)
}

// A sample is an IP packet of a practice recording.
type sample struct {
	ip  []byte
	at  capture.Time
	len uint32
}

// repeat writes the practice recordings again and again, each time as another device, so that flows grow with bytes as in real life.
func repeat(file string, size int64) error {
	names, err := filepath.Glob("capture/lab/practice/v*/*")
	if err != nil {
		return err
	}
	samples, device, err := load(names)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // nanoseconds
	head = binary.LittleEndian.AppendUint16(head, 2)
	head = binary.LittleEndian.AppendUint16(head, 4)
	head = append(head, make([]byte, 8)...)
	head = binary.LittleEndian.AppendUint32(head, 1<<18)
	head = binary.LittleEndian.AppendUint32(head, uint32(capture.LinkRaw))
	w.Write(head)
	written := int64(len(head))
	var b []byte
	for pass := 1; written < size; pass++ {
		for _, s := range samples {
			at := s.at + capture.Time(pass)*1e9
			b = binary.LittleEndian.AppendUint32(b[:0], uint32(at/1e9))
			b = binary.LittleEndian.AppendUint32(b, uint32(at%1e9))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(s.ip)))
			b = binary.LittleEndian.AppendUint32(b, s.len)
			b = append(b, s.ip...)
			readdress(b[16:], device, pass)
			w.Write(b)
			written += int64(len(b))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// load keeps the IP packets of recordings, and finds the addresses that most of them share.
func load(names []string) (samples []sample, device map[netip.Addr]bool, err error) {
	seen := map[netip.Addr]int{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		defer f.Close()
		rec, err := source.Open(name, f)
		if err != nil {
			continue // a note beside the recordings
		}
		decoder := flow.NewDecoder(func(capture.Anomaly) {})
		var packet flow.Packet
		for r, err := range rec.Records() {
			if err != nil {
				return nil, nil, err
			}
			p, ok := r.(*capture.Packet)
			if !ok {
				continue
			}
			if _, ok := decoder.Decode(p, &packet); !ok || packet.PayloadOff < 0 || packet.Tunnels != 0 {
				continue
			}
			end := packet.PayloadOff + len(packet.Payload)
			start := end - int(packet.IPLen)
			if start < 0 || packet.Truncated {
				continue
			}
			seen[packet.Src]++
			seen[packet.Dst]++
			samples = append(samples, sample{append([]byte(nil), p.Data[start:end]...), p.Time, packet.IPLen})
		}
	}
	if len(samples) == 0 {
		return nil, nil, fmt.Errorf("no practice recordings in %q", "capture/lab/practice")
	}
	device = map[netip.Addr]bool{}
	for addr, n := range seen {
		if n > len(samples)/5 {
			device[addr] = true
		}
	}
	return samples, device, nil
}

// readdress gives the device of an IP packet the address of a pass. Checksums are left: offloading breaks them in real captures too.
func readdress(ip []byte, device map[netip.Addr]bool, pass int) {
	var sides [2][]byte
	switch {
	case ip[0]>>4 == 4 && len(ip) >= 20:
		sides = [2][]byte{ip[12:16], ip[16:20]}
	case ip[0]>>4 == 6 && len(ip) >= 40:
		sides = [2][]byte{ip[8:24], ip[24:40]}
	default:
		return
	}
	for _, side := range sides {
		if addr, _ := netip.AddrFromSlice(side); !device[addr] {
			continue
		}
		if len(side) == 4 {
			side[0], side[1], side[2] = 10, byte(pass>>8), byte(pass)
		} else {
			side[0], side[4], side[5] = 0xfd, byte(pass>>8), byte(pass)
		}
	}
}
