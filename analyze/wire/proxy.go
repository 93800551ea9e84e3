package wire

import (
	"bytes"
	"net/netip"
	"strconv"
)

const (
	proxyV1    = "PROXY "
	proxyV2    = "\r\n\r\n\x00\r\nQUIT\n"
	maxProxyV1 = 107 // bytes, line end included
)

// A Proxy is a header of HAProxy's PROXY protocol: a proxy's word about whose connection it passes on.
type Proxy struct {
	Version  byte           // 1 or 2
	Src, Dst netip.AddrPort // not valid when not given
	Len      int            // of the header
}

// ParseProxy reads the header at the start of a stream (The PROXY protocol, section 2). It fails with ErrOther, io.ErrUnexpectedEOF and
// ErrMalformed.
func ParseProxy(b []byte) (p Proxy, err error) {
	switch {
	case begins(b, proxyV1):
		return parseProxyV1(b)
	case begins(b, proxyV2):
		return parseProxyV2(b)
	}
	return p, other(0)
}

// begins reports whether b begins with s, or is the beginning of s.
func begins(b []byte, s string) bool {
	n := min(len(b), len(s))
	return string(b[:n]) == s[:n]
}

func parseProxyV1(b []byte) (p Proxy, err error) {
	i := bytes.IndexByte(b[:min(len(b), maxProxyV1)], '\n')
	if i < 0 {
		if len(b) >= maxProxyV1 {
			return p, other(maxProxyV1)
		}
		return p, cut(0, len(b)+1)
	}
	words := bytes.Fields(b[:i])
	if i < len(proxyV1) || len(words) < 2 || string(words[0]) != "PROXY" {
		return p, other(0)
	}
	p = Proxy{Version: 1, Len: i + 1}
	if string(words[1]) == "UNKNOWN" {
		return p, nil
	}
	if len(words) != 6 || string(words[1]) != "TCP4" && string(words[1]) != "TCP6" {
		return p, malformed(len(proxyV1))
	}
	src, err1 := proxyAddress(words[2], words[4])
	dst, err2 := proxyAddress(words[3], words[5])
	if err1 != nil || err2 != nil {
		return p, malformed(len(proxyV1))
	}
	p.Src, p.Dst = src, dst
	return p, nil
}

func proxyAddress(ip, port []byte) (netip.AddrPort, error) {
	addr, err := netip.ParseAddr(string(ip))
	if err != nil {
		return netip.AddrPort{}, err
	}
	n, err := strconv.ParseUint(string(port), 10, 16)
	return netip.AddrPortFrom(addr.WithZone(""), uint16(n)), err
}

func parseProxyV2(b []byte) (p Proxy, err error) {
	c := NewCursor(b)
	c.Skip(len(proxyV2))
	command, family := c.Byte(), c.Byte()
	body := c.Vector(2)
	if c.Err() != nil {
		return p, c.Err()
	}
	if command>>4 != 2 {
		return p, other(len(proxyV2))
	}
	p = Proxy{Version: 2, Len: c.Off()}
	n := 0
	switch family >> 4 {
	case 1:
		n = 4
	case 2:
		n = 16
	}
	if command&0x0f == 0 || n == 0 { // the proxy speaks for itself, or of no address
		return p, nil
	}
	src, _ := netip.AddrFromSlice(body.Bytes(n))
	dst, _ := netip.AddrFromSlice(body.Bytes(n))
	sport, dport := body.Uint16(), body.Uint16()
	if body.Err() != nil {
		return p, body.Err()
	}
	p.Src, p.Dst = netip.AddrPortFrom(src, sport), netip.AddrPortFrom(dst, dport)
	return p, nil
}
