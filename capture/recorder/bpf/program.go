package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/net/bpf"
)

// MaxInstructions is what the kernel takes (BPF_MAXINSNS).
const MaxInstructions = 4096

// Program makes the instructions. Link is how frames begin: with an Ethernet header, or at once with an IP header.
func (f Filter) Program(link Link) ([]bpf.RawInstruction, error) {
	if link == Raw && len(f.MACs) > 0 {
		return nil, errors.New("frames of this interface have no hardware addresses to filter by; give addresses instead")
	}
	var p program
	if len(f.MACs)+len(f.Prefixes) > 0 {
		for _, m := range f.MACs {
			p.mac(m)
		}
		if len(f.Prefixes) > 0 {
			p.prefixes(link, f.Prefixes)
		}
		p.jump(drop)
	}
	p.label(taken)
	if f.Without.IsValid() {
		p.without(link, f.Without)
	}
	keep := f.SnapLen
	if keep == 0 {
		keep = WholeFrame
	}
	p.label(accept)
	p.add(bpf.RetConstant{Val: keep})
	p.label(drop)
	p.add(bpf.RetConstant{Val: 0})
	return p.assemble()
}

// A Link is how frames of an interface begin.
type Link int

// The links that programs can be made for.
const (
	Ethernet Link = iota
	Raw
)

// EtherTypes, and where the fields of an Ethernet header are (IEEE 802.3).
const (
	typeIPv4, typeARP, typeRARP, typeIPv6     = 0x0800, 0x0806, 0x8035, 0x86dd
	atDestination, atSource, atType, etherLen = 0, 6, 12, 14
)

// Where the fields of network headers are, from the header's begin (RFC 791, RFC 826, RFC 8200).
const (
	at4Fragment, at4Protocol, at4Source, at4Destination = 6, 9, 12, 16
	atARPSource, atARPTarget                            = 14, 24
	at6Next, at6Source, at6Destination, header6Len      = 6, 8, 24, 40
	protocolTCP, fragmentOffset                         = 6, 0x1fff
)

// A mark is a place in a program that jumps lead to.
type mark int

const (
	taken  mark = iota // the frame is of those asked for
	accept             // keep it
	drop
	local // the first of those that a part of the program makes for itself
)

// A program is made from front to back; jumps to marks get their distance at the end. A conditional jump reaches 255 instructions only, so
// each condition steps over an unconditional jump, which reaches everything.
type program struct {
	code   []bpf.Instruction
	to     map[int]mark // index of a jump: where it leads
	placed map[mark]int // index of the instruction behind the mark
	used   mark
}

func (p *program) add(i ...bpf.Instruction) { p.code = append(p.code, i...) }

func (p *program) jump(to mark) {
	if p.to == nil {
		p.to = map[int]mark{}
	}
	p.to[len(p.code)] = to
	p.add(bpf.Jump{})
}

// when jumps if the accumulator stands so to the value.
func (p *program) when(cond bpf.JumpTest, value uint32, to mark) {
	p.add(bpf.JumpIf{Cond: cond, Val: value, SkipFalse: 1})
	p.jump(to)
}

func (p *program) label(m mark) {
	if p.placed == nil {
		p.placed = map[mark]int{}
	}
	p.placed[m] = len(p.code)
}

func (p *program) newMark() mark {
	p.used++
	return local + p.used
}

func (p *program) load(size, at int) { p.add(bpf.LoadAbsolute{Off: uint32(at), Size: size}) }

// mac takes frames from or to a hardware address.
func (p *program) mac(m []byte) {
	for _, at := range []int{atSource, atDestination} {
		next := p.newMark()
		p.load(4, at+2)
		p.when(bpf.JumpNotEqual, binary.BigEndian.Uint32(m[2:]), next)
		p.load(2, at)
		p.when(bpf.JumpEqual, uint32(binary.BigEndian.Uint16(m)), taken)
		p.label(next)
	}
}

// prefixes takes packets from or to one of the prefixes and drops what is neither IP nor ARP.
func (p *program) prefixes(link Link, list []netip.Prefix) {
	v4, v6, arp := p.newMark(), p.newMark(), p.newMark()
	at := p.network(link, v4, v6, arp)
	p.jump(drop)
	p.label(v4)
	for _, prefix := range list {
		p.prefix(prefix, false, taken, at+at4Source, at+at4Destination)
	}
	p.jump(drop)
	p.label(arp)
	for _, prefix := range list {
		p.prefix(prefix, false, taken, at+atARPSource, at+atARPTarget)
	}
	p.jump(drop)
	p.label(v6)
	for _, prefix := range list {
		p.prefix(prefix, true, taken, at+at6Source, at+at6Destination)
	}
}

// network branches by the kind of packet and returns where the network header begins.
func (p *program) network(link Link, v4, v6, arp mark) (at int) {
	if link == Raw {
		p.load(1, 0)
		p.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0xf0})
		p.when(bpf.JumpEqual, 0x40, v4)
		p.when(bpf.JumpEqual, 0x60, v6)
		return 0
	}
	p.load(2, atType)
	p.when(bpf.JumpEqual, typeIPv4, v4)
	p.when(bpf.JumpEqual, typeIPv6, v6)
	p.when(bpf.JumpEqual, typeARP, arp)
	p.when(bpf.JumpEqual, typeRARP, arp)
	return etherLen
}

// prefix jumps if an address of the packet, at one of the places, lies in the prefix.
func (p *program) prefix(prefix netip.Prefix, v6 bool, to mark, places ...int) {
	if prefix.Addr().Is6() != v6 {
		return
	}
	want := prefix.Addr().AsSlice()
	for _, at := range places {
		next := p.newMark()
		for word := 0; word*32 < prefix.Bits(); word++ {
			p.load(4, at+4*word)
			if bits := prefix.Bits() - 32*word; bits < 32 {
				p.add(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: ^uint32(0) << (32 - bits)})
			}
			p.when(bpf.JumpNotEqual, binary.BigEndian.Uint32(want[4*word:]), next)
		}
		p.jump(to)
		p.label(next)
	}
}

// without drops TCP segments of a port of an address. Fragments behind the first carry no port and stay.
func (p *program) without(link Link, w netip.AddrPort) {
	v4, v6, host := p.newMark(), p.newMark(), p.newMark()
	at := p.network(link, v4, v6, accept)
	p.jump(accept)
	prefix := netip.PrefixFrom(w.Addr(), w.Addr().BitLen())
	if w.Addr().Is4() {
		p.label(v6)
		p.jump(accept)
		p.label(v4)
		p.load(1, at+at4Protocol)
		p.when(bpf.JumpNotEqual, protocolTCP, accept)
		p.load(2, at+at4Fragment)
		p.when(bpf.JumpBitsSet, fragmentOffset, accept)
		p.add(bpf.LoadMemShift{Off: uint32(at)}) // the length of the IPv4 header
		p.add(bpf.LoadIndirect{Off: uint32(at), Size: 2})
		p.when(bpf.JumpEqual, uint32(w.Port()), host)
		p.add(bpf.LoadIndirect{Off: uint32(at + 2), Size: 2})
		p.when(bpf.JumpNotEqual, uint32(w.Port()), accept)
		p.label(host)
		p.prefix(prefix, false, drop, at+at4Source, at+at4Destination)
		return
	}
	p.label(v4)
	p.jump(accept)
	p.label(v6)
	p.load(1, at+at6Next)
	p.when(bpf.JumpNotEqual, protocolTCP, accept)
	p.load(2, at+header6Len)
	p.when(bpf.JumpEqual, uint32(w.Port()), host)
	p.load(2, at+header6Len+2)
	p.when(bpf.JumpNotEqual, uint32(w.Port()), accept)
	p.label(host)
	p.prefix(prefix, true, drop, at+at6Source, at+at6Destination)
}

// assemble fills in the distances.
func (p *program) assemble() ([]bpf.RawInstruction, error) {
	if len(p.code) > MaxInstructions {
		return nil, fmt.Errorf("a filter of %d instructions: the kernel takes %d; give prefixes instead of many addresses", len(p.code), MaxInstructions)
	}
	for i, to := range p.to {
		p.code[i] = bpf.Jump{Skip: uint32(p.placed[to] - i - 1)}
	}
	return bpf.Assemble(p.code)
}
