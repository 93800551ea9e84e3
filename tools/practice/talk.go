package main

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net"
	"net/netip"
	"strings"
)

// pushTalk is the push service: a short greeting each way, then one message.
func (s *servers) pushTalk(c net.Conn) {
	conn := tls.Server(c, s.authority.config(tls.VersionTLS13))
	defer conn.Close()
	buf := make([]byte, 256)
	if n, err := conn.Read(buf); err != nil || n == 0 {
		return
	}
	io.WriteString(conn, "practice push: hello. "+filler(120))
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		conn.Write(buf[:n])
	}
}

// mailTalk is a mail server that knows STARTTLS (RFC 3207) and accepts everything.
func (s *servers) mailTalk(c net.Conn) {
	defer func() { c.Close() }()
	in := bufio.NewReader(c)
	say := func(line string) { io.WriteString(c, line+"\r\n") }
	say("220 mail.practice.example ESMTP practice")
	inBody := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case inBody && line == ".":
			inBody = false
			say("250 2.0.0 accepted")
		case inBody:
		case verb == "EHLO":
			say("250-mail.practice.example")
			if _, secure := c.(*tls.Conn); !secure {
				say("250-STARTTLS")
			}
			say("250 8BITMIME")
		case verb == "STARTTLS":
			say("220 2.0.0 ready")
			secure := tls.Server(c, s.authority.config(tls.VersionTLS13))
			if secure.Handshake() != nil {
				return
			}
			c, in = secure, bufio.NewReader(secure)
		case verb == "DATA":
			inBody = true
			say("354 go on")
		case verb == "QUIT":
			say("221 2.0.0 bye")
			return
		default:
			say("250 2.1.0 fine")
		}
	}
}

// STUN (RFC 8489) and TURN (RFC 8656), as much as a call needs to begin.
const (
	stunCookie      = 0x2112a442
	stunBinding     = 0x0001
	stunAllocate    = 0x0003
	stunSuccess     = 0x0100
	attrMapped      = 0x0020 // XOR-MAPPED-ADDRESS
	attrRelayed     = 0x0016 // XOR-RELAYED-ADDRESS
	attrLifetime    = 0x000d
	attrTransport   = 0x0019
	attrSoftware    = 0x8022
	attrFingerprint = 0x8028
)

// publicAddr is what the outside sees of the line; relayAddr what the TURN server lends.
var (
	publicAddr = netip.MustParseAddrPort("198.18.60.7:40123")
	relayAddr  = netip.MustParseAddrPort("198.18.81.11:52001")
)

// stunMessage writes a message; attributes come as type, value, type, value …
func stunMessage(kind uint16, id [12]byte, attrs ...any) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = append(b, 0, 0)
	b = binary.BigEndian.AppendUint32(b, stunCookie)
	b = append(b, id[:]...)
	for i := 0; i < len(attrs); i += 2 {
		value := attrs[i+1].([]byte)
		b = binary.BigEndian.AppendUint16(b, uint16(attrs[i].(int)))
		b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
		b = append(b, value...)
		b = append(b, make([]byte, -len(value)&3)...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)-20+8))
	sum := crc32.ChecksumIEEE(b) ^ 0x5354554e
	b = binary.BigEndian.AppendUint16(b, attrFingerprint)
	b = binary.BigEndian.AppendUint16(b, 4)
	return binary.BigEndian.AppendUint32(b, sum)
}

// xorAddress writes an IPv4 address as STUN hides it from middleboxes.
func xorAddress(a netip.AddrPort) []byte {
	b := []byte{0, 1}
	b = binary.BigEndian.AppendUint16(b, a.Port()^stunCookie>>16)
	v4 := a.Addr().As4()
	return binary.BigEndian.AppendUint32(b, binary.BigEndian.Uint32(v4[:])^stunCookie)
}

func stunAnswer(q []byte) []byte {
	if len(q) < 20 || binary.BigEndian.Uint32(q[4:]) != stunCookie {
		return nil
	}
	id := [12]byte(q[8:20])
	software := []byte("practice")
	switch binary.BigEndian.Uint16(q) {
	case stunBinding:
		return stunMessage(stunBinding|stunSuccess, id, attrMapped, xorAddress(publicAddr), attrSoftware, software)
	case stunAllocate:
		return stunMessage(stunAllocate|stunSuccess, id, attrRelayed, xorAddress(relayAddr), attrMapped, xorAddress(publicAddr),
			attrLifetime, []byte{0, 0, 2, 0x58}, attrSoftware, software)
	}
	return nil
}

// ntpAnswer answers a client's NTP packet (RFC 5905) with the client's own time: the fiction's clocks agree.
func ntpAnswer(q []byte) []byte {
	if len(q) != 48 {
		return nil
	}
	r := make([]byte, 48)
	r[0], r[1], r[2], r[3] = 0x24, 2, q[2], 0xec // version 4, server, stratum 2
	copy(r[12:], []byte{198, 18, 60, 1})         // reference id
	copy(r[16:24], q[40:48])
	copy(r[24:32], q[40:48])
	copy(r[32:40], q[40:48])
	copy(r[40:48], q[40:48])
	return r
}
