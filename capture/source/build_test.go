package source

import (
	"encoding/binary"
	"slices"
)

// order is binary.LittleEndian or binary.BigEndian.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

var orders = map[string]order{"little": binary.LittleEndian, "big": binary.BigEndian}

// pcapRecord is a record of a pcap file to be built.
type pcapRecord struct {
	sec, fraction    uint32
	captured, length uint32 // as the header says; 0 = len(data)
	data             []byte
	more             []byte // behind the usual header
}

func buildPcap(o order, magic uint32, version [2]uint16, network uint32, behindHeader []byte, records ...pcapRecord) []byte {
	b := o.AppendUint32(nil, magic)
	b = o.AppendUint16(b, version[0])
	b = o.AppendUint16(b, version[1])
	b = append(b, make([]byte, 8)...)
	b = o.AppendUint32(b, 65535)
	b = o.AppendUint32(b, network)
	b = append(b, behindHeader...)
	for _, r := range records {
		for _, v := range []uint32{r.sec, r.fraction, or(r.captured, len(r.data)), or(r.length, len(r.data))} {
			b = o.AppendUint32(b, v)
		}
		b = slices.Concat(b, r.more, r.data)
	}
	return b
}

func or(v uint32, n int) uint32 {
	if v != 0 {
		return v
	}
	return uint32(n)
}

// plainPcap is a little-endian pcap file of Ethernet frames, a second apart.
func plainPcap(frames ...[]byte) []byte {
	var records []pcapRecord
	for i, f := range frames {
		records = append(records, pcapRecord{sec: 1e9 + uint32(i), fraction: 250000, data: f})
	}
	return buildPcap(binary.LittleEndian, 0xa1b2c3d4, [2]uint16{2, 4}, 1, nil, records...)
}

// ng builds a pcapng file.
type ng struct {
	order
	b []byte
}

func newNg(o order) *ng { return (&ng{order: o}).section() }

func (n *ng) block(typ uint32, parts ...[]byte) *ng {
	body := pad(slices.Concat(parts...))
	length := uint32(len(body) + 12)
	n.b = n.AppendUint32(n.AppendUint32(n.b, typ), length)
	n.b = n.AppendUint32(append(n.b, body...), length)
	return n
}

func (n *ng) u32(values ...uint32) (b []byte) {
	for _, v := range values {
		b = n.AppendUint32(b, v)
	}
	return b
}

func (n *ng) u64(v uint64) []byte { return n.AppendUint64(nil, v) }

func (n *ng) option(code uint16, v []byte) []byte {
	return append(n.AppendUint16(n.AppendUint16(nil, code), uint16(len(v))), pad(v)...)
}

func (n *ng) text(code uint16, v string) []byte { return n.option(code, []byte(v)) }

func (n *ng) section(options ...[]byte) *ng {
	return n.block(blockSection, n.u32(byteOrderMagic), n.AppendUint16(n.AppendUint16(nil, 1), 0), n.u64(1<<64-1), slices.Concat(options...))
}

func (n *ng) iface(link uint16, snap uint32, options ...[]byte) *ng {
	return n.block(blockInterface, n.AppendUint16(n.AppendUint16(nil, link), 0), n.u32(snap), slices.Concat(options...))
}

// enhanced adds a packet of interface id at a stamp.
func (n *ng) enhanced(id uint32, stamp uint64, data []byte, options ...[]byte) *ng {
	return n.block(blockEnhanced, n.u32(id, uint32(stamp>>32), uint32(stamp), uint32(len(data)), uint32(len(data))), pad(data), slices.Concat(options...))
}

func (n *ng) simple(length uint32, data []byte) *ng { return n.block(blockSimple, n.u32(length), data) }

func (n *ng) obsolete(id, drops uint16, stamp uint64, data []byte, options ...[]byte) *ng {
	return n.block(blockPacket, n.AppendUint16(n.AppendUint16(nil, id), drops),
		n.u32(uint32(stamp>>32), uint32(stamp), uint32(len(data)), uint32(len(data))), pad(data), slices.Concat(options...))
}

func pad(b []byte) []byte { return append(slices.Clone(b), make([]byte, -len(b)&3)...) }

// payload is n bytes that tell where they were put.
func payload(n, seed int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + seed)
	}
	return b
}

// everything is a pcapng file with every block that is known and some that are not, in two sections of different byte order.
func everything(o order) []byte {
	other := orders["big"]
	if o == other {
		other = orders["little"]
	}
	n := &ng{order: o}
	n.section(n.text(1, "a comment"), n.text(2, "a machine"), n.text(3, "an OS"), n.text(4, "a program"), n.option(0, nil))
	n.iface(1, 0, n.text(2, "eth0"), n.text(12, "Linux"), n.option(9, []byte{9}), n.option(11, []byte("\x00tcp port 443")), n.text(1, "uplink"))
	n.iface(101, 64, n.text(3, "a tunnel"), n.option(14, n.u64(1e9)))
	n.enhanced(0, 1600000000123456789, payload(60, 1), n.text(1, "tap"), n.option(2, n.u32(1)), n.option(4, n.u64(7)), n.option(8, n.u32(42, 43)))
	n.enhanced(1, 600000000000001, payload(61, 2), n.option(2, n.u32(2)))
	n.simple(1000, payload(1000, 3))
	n.block(blockNames, n.option(1, []byte("\xc0\x00\x02\x01one.example\x00two.example\x00")), n.option(2, append(make([]byte, 15), "\x01six.example\x00"...)),
		n.option(0, nil), n.text(1, "from a hosts file"))
	n.block(blockSecrets, n.u32(0x544c534b, 9), pad([]byte("CLIENT_R\n")))
	n.block(0x80000001, payload(20, 4))
	n.block(blockCustom, n.u32(penPCAPdroid), n.AppendUint16(nil, 1), []byte{1, 0}, n.u32(10123), []byte{11, 3}, []byte("org.exampleApp"))
	n.block(blockCustomKeep, n.u32(32473), payload(8, 5))
	n.obsolete(0, 3, 1600000001000000000, payload(62, 6))
	n.block(blockStatistics, n.u32(0, 0, 1), n.option(4, n.u64(100)), n.option(5, n.u64(4)), n.option(7, n.u64(5)), n.text(1, "at the end"))
	m := newNg(other)
	m.iface(113, 0)
	m.enhanced(0, 1600000002000000, payload(63, 7))
	return append(n.b, m.b...)
}
