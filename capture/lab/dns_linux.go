package lab

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

const maxDNS = 1 << 16 // octets of a message over TCP (RFC 1035, section 4.2.2)

// dns answers for every service's name, over UDP and TCP.
func (s *Servers) dns(w *World, at netip.AddrPort) error {
	var c net.PacketConn
	err := w.Server.Do(func() (err error) {
		c, err = net.ListenPacket("udp", at.String())
		return err
	})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, c)
	l, err := listen(w, at)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, l)
	go func() {
		buf := make([]byte, maxDNS)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			if b, err := dnsReply(buf[:n]); err == nil {
				c.WriteTo(b, from)
			}
		}
	}()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go dnsStream(conn)
		}
	}()
	return nil
}

func dnsStream(c net.Conn) {
	defer c.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		q := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, q); err != nil {
			return
		}
		b, err := dnsReply(q)
		if err != nil {
			return
		}
		c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
	}
}

// dnsReply answers one message.
func dnsReply(q []byte) ([]byte, error) {
	var p dnsmessage.Parser
	h, err := p.Start(q)
	if err != nil {
		return nil, fmt.Errorf("read a question: %w", err)
	}
	question, err := p.Question()
	if err != nil {
		return nil, fmt.Errorf("read a question: %w", err)
	}
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: h.ID, Response: true, RecursionDesired: h.RecursionDesired, RecursionAvailable: true},
		Questions: []dnsmessage.Question{question}}
	s, known := serviceOf(strings.ToLower(strings.TrimSuffix(question.Name.String(), ".")))
	if !known {
		m.RCode = dnsmessage.RCodeNameError
	}
	header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: dnsmessage.ClassINET, TTL: 60}
	switch {
	case question.Type == dnsmessage.TypeA && s.addr.IsValid():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: s.addr.As4()}}}
	case question.Type == dnsmessage.TypeAAAA && s.addr6.IsValid():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: s.addr6.As16()}}}
	}
	return m.Pack()
}
