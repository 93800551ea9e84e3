package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/bpf"
)

// The parts of an operation code that say how an instruction goes on (linux/bpf_common.h).
const (
	classMask, classJump, classReturn = 0x07, 0x05, 0x06
	operationMask, jumpAlways         = 0xf0, 0x00
)

// maxListing bounds a listing, in octets: the longest line has 27.
const maxListing = MaxInstructions * 32

// ReadListing reads a program as "tcpdump -ddd" prints it: a line with the number of instructions, then four decimal numbers a line.
// A program that it accepts ends on every path, inside of itself. (The kernel looks at the rest.)
func ReadListing(r io.Reader) ([]bpf.RawInstruction, error) {
	lines := bufio.NewScanner(io.LimitReader(r, maxListing))
	lines.Buffer(make([]byte, 0, 256), 256)
	wrong := func(n int) error {
		return fmt.Errorf("line %d of the filter is none of tcpdump -ddd, which prints a count and then four numbers a line", n)
	}
	if !lines.Scan() {
		return nil, errors.Join(lines.Err(), errors.New("the filter is empty; tcpdump -ddd 'EXPRESSION' prints one"))
	}
	count, err := strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 16)
	if err != nil {
		return nil, wrong(1)
	}
	if count == 0 || count > MaxInstructions {
		return nil, fmt.Errorf("a filter of %d instructions: it must have from 1 to %d", count, MaxInstructions)
	}
	var list []bpf.RawInstruction
	for n := 2; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		words := strings.Fields(lines.Text())
		if len(words) != 4 {
			return nil, wrong(n)
		}
		var v [4]uint64
		for i, bits := range [4]int{16, 8, 8, 32} {
			if v[i], err = strconv.ParseUint(words[i], 10, bits); err != nil {
				return nil, wrong(n)
			}
		}
		list = append(list, bpf.RawInstruction{Op: uint16(v[0]), Jt: uint8(v[1]), Jf: uint8(v[2]), K: uint32(v[3])})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the filter: %w", err)
	}
	if uint64(len(list)) != count {
		return nil, fmt.Errorf("the filter has %d instructions and says that it has %d", len(list), count)
	}
	return list, check(list)
}

// check looks that every jump leads forward into the program and that the program cannot run out of itself.
func check(list []bpf.RawInstruction) error {
	for i, p := range list {
		left := uint64(len(list) - i - 1) // jumps count from the next instruction
		if p.Op&classMask == classJump {
			far := uint64(max(p.Jt, p.Jf))
			if p.Op&operationMask == jumpAlways {
				far = uint64(p.K)
			}
			if far >= left {
				return fmt.Errorf("instruction %d of the filter jumps out of it", i+1)
			}
		}
	}
	if list[len(list)-1].Op&classMask != classReturn {
		return errors.New("the filter does not end in a return")
	}
	return nil
}

// SnapLen returns the most octets of a frame that the program keeps; 0 if it takes nothing, WholeFrame if that depends on the frame.
func SnapLen(list []bpf.RawInstruction) (most uint32) {
	const fromAccumulator = 0x10
	for _, p := range list {
		if p.Op&classMask != classReturn {
			continue
		}
		if p.Op&fromAccumulator != 0 {
			return WholeFrame
		}
		most = max(most, p.K)
	}
	return most
}
