package session

import (
	"encoding/binary"
	"fmt"

	"abroad/capture"
)

// Blocks of pcapng (draft-ietf-opsawg-pcapng), always little-endian. Frame numbers are how findings cite evidence, and Wireshark counts
// custom blocks as frames: none is ever written.
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6
	blockSecrets    = 10

	minBlock = 12 // type, length, length again
)

// MaxPacket is how many bytes of a packet are kept: Wireshark refuses files with longer ones (WTAP_MAX_PACKET_SIZE_STANDARD).
const MaxPacket = 262_144

// maxOption is how long the value of an option can be: its length has 16 bits.
const maxOption = 1<<16 - 1

// A blockWriter builds one block behind others in b.
type blockWriter struct {
	b     []byte
	start int
}

// begin starts a block.
func begin(b []byte, typ uint32) blockWriter {
	w := blockWriter{b: b, start: len(b)}
	w.uint32(typ)
	w.uint32(0) // the length, set by end
	return w
}

func (w *blockWriter) uint16(v uint16) { w.b = binary.LittleEndian.AppendUint16(w.b, v) }
func (w *blockWriter) uint32(v uint32) { w.b = binary.LittleEndian.AppendUint32(w.b, v) }
func (w *blockWriter) uint64(v uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, v) }

// stamp writes a time as its upper and lower half.
func (w *blockWriter) stamp(v uint64) {
	w.uint32(uint32(v >> 32))
	w.uint32(uint32(v))
}

// bytes writes v, padded to four bytes.
func (w *blockWriter) bytes(v []byte) {
	w.b = append(w.b, v...)
	w.b = append(w.b, "\x00\x00\x00"[:-len(v)&3]...)
}

// option writes one option; its value must not be longer than maxOption.
func (w *blockWriter) option(code uint16, v []byte) {
	w.uint16(code)
	w.uint16(uint16(len(v)))
	w.bytes(v)
}

func (w *blockWriter) number(code uint16, v uint64) {
	w.uint16(code)
	w.uint16(8)
	w.uint64(v)
}

// text writes an option unless it is empty. What does not fit is left out, never the rest of the block.
func (w *blockWriter) text(code uint16, s string) {
	if s != "" {
		w.option(code, []byte(s[:min(len(s), maxOption)]))
	}
}

// end closes the options, if there are any, and the block.
func (w *blockWriter) end(options bool) []byte {
	if options {
		w.uint32(0)
	}
	n := uint32(len(w.b) - w.start + 4)
	w.uint32(n)
	binary.LittleEndian.PutUint32(w.b[w.start+4:], n)
	return w.b
}

// appendSection appends a Section Header Block.
func appendSection(b []byte, application, comment string) []byte {
	w := begin(b, blockSection)
	w.uint32(0x1a2b3c4d)
	w.uint16(1)
	w.uint16(0)
	w.uint64(^uint64(0)) // the section's length is not known in advance
	w.text(1, comment)
	w.text(4, application)
	return w.end(true)
}

// An Interface is where packets come from.
type Interface struct {
	Link        capture.LinkType
	SnapLen     uint32 // bytes kept of each packet; 0 = no limit
	Name        string // "wlan0"
	Description string
	Filter      string
	Hardware    string
	OS          string
	Micro       bool // times are in microseconds; otherwise in nanoseconds
	Comments    []string
}

// check refuses what a block cannot say.
func (i *Interface) check() error {
	if i.Link > 1<<16-1 {
		return fmt.Errorf("describe interface %q: link type %d needs more than 16 bits", i.Name, i.Link)
	}
	return nil
}

// appendInterface appends an Interface Description Block.
func appendInterface(b []byte, i *Interface) []byte {
	w := begin(b, blockInterface)
	w.uint16(uint16(i.Link))
	w.uint16(0)
	w.uint32(i.SnapLen)
	for _, c := range i.Comments {
		w.text(1, c)
	}
	w.text(2, i.Name)
	w.text(3, i.Description)
	resolution := byte(9)
	if i.Micro {
		resolution = 6
	}
	w.option(9, []byte{resolution})
	if i.Filter != "" {
		w.text(11, "\x00"+i.Filter)
	}
	w.text(12, i.OS)
	w.text(15, i.Hardware)
	return w.end(true)
}

// appendPacket appends a packet of interface i.
func appendPacket(b []byte, i *Interface, p *capture.Packet) []byte {
	data := p.Data[:min(len(p.Data), MaxPacket)]
	original := max(p.OrigLen, uint32(len(p.Data)))
	if p.Time == capture.NoTime && p.Iface == 0 && len(p.Notes) == 0 && p.Dir == 0 && simpleLen(i, original) == uint32(len(data)) {
		w := begin(b, blockSimple)
		w.uint32(original)
		w.bytes(data)
		return w.end(false)
	}
	stamp, odd := uint64(max(p.Time, 0)), ""
	switch {
	case p.Time == capture.NoTime:
		odd = "the original gives no time"
	case p.Time < 0:
		odd = "the original says " + p.Time.String()
	case i.Micro:
		stamp /= 1000
	}
	w := begin(b, blockEnhanced)
	w.uint32(p.Iface)
	w.stamp(stamp)
	w.uint32(uint32(len(data)))
	w.uint32(original)
	w.bytes(data)
	at := len(w.b)
	w.text(1, odd)
	for _, note := range p.Notes {
		w.text(1, note)
	}
	if p.Dir != capture.DirUnknown {
		w.uint16(2)
		w.uint16(4)
		w.uint32(uint32(p.Dir)) // 1 = inbound, 2 = outbound, as epb_flags says
	}
	if p.Drops > 0 {
		w.number(4, p.Drops)
	}
	if p.Process != (capture.Process{}) {
		w.uint16(8)
		w.uint16(8)
		w.uint32(p.Process.PID)
		w.uint32(p.Process.TID)
	}
	return w.end(len(w.b) > at)
}

// simpleLen is how long the data of a Simple Packet Block must be.
func simpleLen(i *Interface, original uint32) uint32 {
	if i.SnapLen > 0 {
		return min(original, i.SnapLen)
	}
	return original
}

// interfaceCounts are what the Interface Statistics Block of one interface and segment says.
type interfaceCounts struct {
	start, end                              uint64 // in the interface's unit
	delivered                               uint64 // packets in this segment
	received, droppedInterface, droppedHost uint64 // of the source; capture.UnknownCount if not known
}

// appendStatistics appends an Interface Statistics Block.
func appendStatistics(b []byte, iface uint32, c interfaceCounts) []byte {
	w := begin(b, blockStatistics)
	w.uint32(iface)
	w.stamp(c.end)
	for _, t := range [...]struct {
		code uint16
		v    uint64
	}{{2, c.start}, {3, c.end}} {
		w.uint16(t.code)
		w.uint16(8)
		w.stamp(t.v)
	}
	for _, n := range [...]struct {
		code uint16
		v    uint64
	}{{4, c.received}, {5, c.droppedInterface}, {7, c.droppedHost}, {8, c.delivered}} {
		if n.v != capture.UnknownCount {
			w.number(n.code, n.v)
		}
	}
	return w.end(true)
}

// appendSecrets appends a Decryption Secrets Block.
func appendSecrets(b []byte, typ uint32, secrets []byte) []byte {
	w := begin(b, blockSecrets)
	w.uint32(typ)
	w.uint32(uint32(len(secrets)))
	w.bytes(secrets)
	return w.end(false)
}

// wholeBlocks returns how many of b's first bytes are whole blocks, of what kinds they are being no matter.
func wholeBlocks(b []byte) int {
	n := 0
	for len(b)-n >= minBlock {
		size := binary.LittleEndian.Uint32(b[n+4:])
		if size < minBlock || size%4 != 0 || uint64(size) > uint64(len(b)-n) || binary.LittleEndian.Uint32(b[n+int(size)-4:]) != size {
			break
		}
		n += int(size)
	}
	return n
}
