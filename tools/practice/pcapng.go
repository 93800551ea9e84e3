package main

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"time"
)

// Block types and option codes of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockSection    = 0x0a0d0d0a
	blockInterface  = 1
	blockNames      = 4
	blockStatistics = 5
	blockPacket     = 6
	blockSecrets    = 10
	blockCustom     = 0xbad

	optComment   = 1
	shbHardware  = 2
	shbOS        = 3
	shbUserAppl  = 4
	ifName       = 2
	ifDescr      = 3
	ifTSResol    = 9
	ifFilter     = 11
	ifOS         = 12
	epbFlags     = 2
	epbDropCount = 4
	isbStart     = 2
	isbEnd       = 3
	isbIfRecv    = 4
	isbIfDrop    = 5
	isbOSDrop    = 7

	secretsTLS = 0x544c534b // TLS key log
)

// practiceMark is the application name by which a recording is known to be practice data.
const practiceMark = "abroad practice"

// practiceComment stands in every pcapng practice recording.
const practiceComment = "practice data: made by a generator, nothing in it is about the real world"

// An option is one option of a block.
type option struct {
	code  uint16
	value []byte
}

func text(code uint16, s string) option { return option{code, []byte(s)} }

func number(code uint16, n uint64) option {
	return option{code, binary.LittleEndian.AppendUint64(nil, n)}
}

// An ngWriter writes little-endian pcapng.
type ngWriter struct {
	out  bytes.Buffer
	nano bool // times in nanoseconds, else in microseconds
}

func pad4(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

func (w *ngWriter) block(kind uint32, body []byte, options ...option) {
	body = pad4(append([]byte(nil), body...))
	for _, o := range options {
		body = binary.LittleEndian.AppendUint16(body, o.code)
		body = binary.LittleEndian.AppendUint16(body, uint16(len(o.value)))
		body = pad4(append(body, o.value...))
	}
	if len(options) > 0 {
		body = append(body, 0, 0, 0, 0)
	}
	total := uint32(len(body) + 12)
	head := binary.LittleEndian.AppendUint32(nil, kind)
	head = binary.LittleEndian.AppendUint32(head, total)
	w.out.Write(head)
	w.out.Write(body)
	w.out.Write(binary.LittleEndian.AppendUint32(nil, total))
}

func (w *ngWriter) section(options ...option) {
	b := binary.LittleEndian.AppendUint32(nil, 0x1a2b3c4d)
	b = append(b, 1, 0, 0, 0)
	w.block(blockSection, binary.LittleEndian.AppendUint64(b, ^uint64(0)), options...)
}

func (w *ngWriter) iface(link uint16, snaplen uint32, options ...option) {
	b := binary.LittleEndian.AppendUint16(nil, link)
	b = append(b, 0, 0)
	if w.nano {
		options = append(options, option{ifTSResol, []byte{9}})
	}
	w.block(blockInterface, binary.LittleEndian.AppendUint32(b, snaplen), options...)
}

// stamp is a time in the file's resolution, high word first.
func (w *ngWriter) stamp(t time.Time) []byte {
	n := uint64(t.UnixMicro())
	if w.nano {
		n = uint64(t.UnixNano())
	}
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(n>>32)), uint32(n))
}

func (w *ngWriter) packet(iface uint32, t time.Time, frame []byte, origLen int, options ...option) {
	b := binary.LittleEndian.AppendUint32(nil, iface)
	b = append(b, w.stamp(t)...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(frame)))
	b = binary.LittleEndian.AppendUint32(b, uint32(origLen))
	w.block(blockPacket, append(b, frame...), options...)
}

func (w *ngWriter) statistics(iface uint32, from, to time.Time, received, ifDrop, osDrop uint64) {
	b := binary.LittleEndian.AppendUint32(nil, iface)
	w.block(blockStatistics, append(b, w.stamp(to)...), option{isbStart, w.stamp(from)}, option{isbEnd, w.stamp(to)},
		number(isbIfRecv, received), number(isbIfDrop, ifDrop), number(isbOSDrop, osDrop))
}

func (w *ngWriter) secrets(log []byte) {
	b := binary.LittleEndian.AppendUint32(nil, secretsTLS)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(log)))
	w.block(blockSecrets, append(b, log...))
}

// names writes a name resolution block.
func (w *ngWriter) names(entries map[string]string, order ...string) {
	var b []byte
	for _, address := range order {
		a, kind := netip.MustParseAddr(address), uint16(1)
		if a.Is6() {
			kind = 2
		}
		value := append(a.AsSlice(), entries[address]+"\x00"...)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
		b = pad4(append(b, value...))
	}
	w.block(blockNames, append(b, 0, 0, 0, 0))
}
