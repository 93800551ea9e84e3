package main

import (
	"encoding/binary"
	"net/netip"
)

// IP protocol numbers.
const (
	protoICMP   = 1
	protoTCP    = 6
	protoUDP    = 17
	protoICMPv6 = 58
)

// sum16 adds b to a one's complement sum (RFC 1071).
func sum16(sum uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return sum
}

func fold(sum uint32) uint16 {
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// transportSum is the checksum of a transport header and payload with its pseudo header (RFC 9293, RFC 8200).
func transportSum(src, dst netip.Addr, proto byte, b []byte) uint16 {
	sum := sum16(0, src.AsSlice())
	sum = sum16(sum, dst.AsSlice())
	sum += uint32(proto) + uint32(len(b))
	return fold(sum16(sum, b))
}

// ipPacket puts an IP header before a transport message. id is used by IPv4 only; fragments may be cut from the result.
func ipPacket(src, dst netip.Addr, proto byte, message []byte, ttl byte, id uint16) []byte {
	if src.Is4() {
		b := []byte{0x45, 0}
		b = binary.BigEndian.AppendUint16(b, uint16(20+len(message)))
		b = binary.BigEndian.AppendUint16(b, id)
		b = append(b, 0x40, 0, ttl, proto, 0, 0)
		b = append(b, src.AsSlice()...)
		b = append(b, dst.AsSlice()...)
		binary.BigEndian.PutUint16(b[10:], fold(sum16(0, b)))
		return append(b, message...)
	}
	b := []byte{0x60, 0, 0, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(len(message)))
	b = append(b, proto, ttl)
	b = append(b, src.AsSlice()...)
	b = append(b, dst.AsSlice()...)
	return append(b, message...)
}

// udpMessage writes a UDP datagram.
func udpMessage(src, dst netip.AddrPort, payload []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	b = append(b, 0, 0)
	b = append(b, payload...)
	sum := transportSum(src.Addr(), dst.Addr(), protoUDP, b)
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(b[6:], sum)
	return b
}

// fragments4 cuts an IPv4 packet so that no piece is longer than mtu.
func fragments4(packet []byte, mtu int) (pieces [][]byte) {
	const header = 20
	body := packet[header:]
	size := (mtu - header) &^ 7
	for off := 0; off < len(body); off += size {
		end, more := min(off+size, len(body)), uint16(0)
		if end < len(body) {
			more = 0x2000
		}
		b := append([]byte(nil), packet[:header]...)
		binary.BigEndian.PutUint16(b[2:], uint16(header+end-off))
		binary.BigEndian.PutUint16(b[6:], more|uint16(off/8))
		b[10], b[11] = 0, 0
		binary.BigEndian.PutUint16(b[10:], fold(sum16(0, b)))
		pieces = append(pieces, append(b, body[off:end]...))
	}
	return pieces
}
