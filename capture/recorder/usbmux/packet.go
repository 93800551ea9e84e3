package usbmux

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
)

// PacketService is the service that rvictl of macOS uses: it copies the packets of every interface.
const PacketService = "com.apple.pcapd"

// A Packet is one packet of the service, with what the kernel knows of its owner.
type Packet struct {
	Length     int    // of the frame, as the device says
	IfType     byte   // RFC 1573's ifType: 6 Ethernet …
	Family     uint32 // of the protocol: 2 IPv4, 30 IPv6
	Pre, Post  uint32 // bytes of link header before the packet and of trailer behind it
	Interface  string // "en0", "pdp_ip0" …
	PID        int32  // the process that sends or receives; below 1 if not known
	Process    string // its name, at most 16 bytes; as it came
	Service    uint32 // service class
	EPID       int32  // the process on whose behalf it does
	EProcess   string
	Sec, Micro uint32 // the device's clock, since 1970
	Frame      []byte // valid until the next packet is read
}

// packetHeader is the size of the known part of the header; a longer one has more behind it.
const packetHeader = 95

// ParsePacket reads the service's header: length u32, version u8, length of the frame u32, type u8, unit u16, direction u8, family u32, pre u32,
// post u32, interface[16], pid i32, process[17], service class u32, epid i32, its process[17], seconds u32, microseconds u32, all big-endian but
// for pid and epid. What the direction's values mean is not known for sure, so it is left out.
func ParsePacket(b []byte) (p Packet, err error) {
	if len(b) < packetHeader {
		return p, fmt.Errorf("read packet: %d bytes: %w", len(b), io.ErrUnexpectedEOF)
	}
	big, little := binary.BigEndian.Uint32, binary.LittleEndian.Uint32
	n := big(b)
	if n < packetHeader || uint64(n) > uint64(len(b)) {
		return p, fmt.Errorf("read packet: a header of %d bytes in %d", n, len(b))
	}
	text := func(v []byte) string {
		v, _, _ = bytes.Cut(v, []byte{0})
		return string(v)
	}
	return Packet{
		Length: int(min(big(b[5:]), MaxMessage)), IfType: b[9], Family: big(b[13:]), Pre: big(b[17:]), Post: big(b[21:]), Interface: text(b[25:41]),
		PID: int32(little(b[41:])), Process: text(b[45:62]), Service: big(b[62:]), EPID: int32(little(b[66:])), EProcess: text(b[70:87]),
		Sec: big(b[87:]), Micro: big(b[91:]), Frame: b[n:],
	}, nil
}

// A PacketReader reads what the service sends.
type PacketReader struct {
	conn net.Conn
	buf  []byte
}

// NewPacketReader reads from a connection to PacketService.
func NewPacketReader(c net.Conn) *PacketReader { return &PacketReader{conn: c} }

// Next returns the next packet. The error is io.EOF between messages; a *MessageError is a message that is no packet, after which more may come.
func (r *PacketReader) Next() (Packet, error) {
	b, err := Receive(r.conn, r.buf)
	if err != nil {
		return Packet{}, err
	}
	r.buf = b
	var data []byte
	if err := decode(b, &data); err != nil {
		return Packet{}, &MessageError{err}
	}
	p, err := ParsePacket(data)
	if err != nil {
		return Packet{}, &MessageError{err}
	}
	return p, nil
}

// A MessageError is a message that could not be read.
type MessageError struct{ err error }

func (e *MessageError) Error() string { return e.err.Error() }
func (e *MessageError) Unwrap() error { return e.err }
