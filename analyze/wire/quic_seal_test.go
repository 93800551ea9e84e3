package wire

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"testing"
)

// A sealer makes Initial packets with the standard library's HKDF: the other way round than the code under test, and without its help.
type sealer struct {
	version    uint32
	salt       string
	key, iv    string // labels
	hp         string
	cid        []byte // that the keys follow from
	dcid, scid []byte
	token      []byte
	server     bool
	first      byte // of the header, without the length of the packet number
	numberLen  int
}

func newSealer(version uint32, cid string) sealer {
	s := sealer{
		version: version, salt: saltV1, key: "quic key", iv: "quic iv", hp: "quic hp", cid: []byte(cid), dcid: []byte(cid), first: 0xc0, numberLen: 2,
	}
	switch {
	case version == QUICv2:
		s.salt, s.key, s.iv, s.hp, s.first = saltV2, "quicv2 key", "quicv2 iv", "quicv2 hp", 0xd0
	case version>>8 == 0xff0000 && version&0xff >= 29:
		s.salt = saltDraft29
	case version>>8 == 0xff0000:
		s.salt = saltDraft23
	case version == quicQ050:
		s.salt = saltQ050
	}
	return s
}

func (s sealer) expand(t testing.TB, secret []byte, label string, n int) []byte {
	t.Helper()
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(info, byte(6+len(label)))
	info = append(append(append(info, "tls13 "...), label...), 0)
	out, err := hkdf.Expand(sha256.New, secret, string(info), n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// seal returns an Initial packet with the given frames, padded with zeros to size bytes of payload.
func (s sealer) seal(t testing.TB, number uint64, frames []byte, size int) []byte {
	t.Helper()
	initial, err := hkdf.Extract(sha256.New, s.cid, []byte(s.salt))
	if err != nil {
		t.Fatal(err)
	}
	label := "client in"
	if s.server {
		label = "server in"
	}
	secret := s.expand(t, initial, label, 32)
	block, err := aes.NewCipher(s.expand(t, secret, s.key, 16))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	hp, err := aes.NewCipher(s.expand(t, secret, s.hp, 16))
	if err != nil {
		t.Fatal(err)
	}
	payload := append([]byte{}, frames...)
	for len(payload) < size {
		payload = append(payload, 0)
	}
	h := binary.BigEndian.AppendUint32([]byte{s.first | byte(s.numberLen-1)}, s.version)
	h = append(append(h, byte(len(s.dcid))), s.dcid...)
	h = append(append(h, byte(len(s.scid))), s.scid...)
	h = append(append(h, byte(len(s.token))), s.token...) // shorter than 64 bytes
	h = binary.BigEndian.AppendUint16(h, 0x4000|uint16(s.numberLen+len(payload)+16))
	at := len(h)
	for i := s.numberLen - 1; i >= 0; i-- {
		h = append(h, byte(number>>(8*i)))
	}
	nonce := s.expand(t, secret, s.iv, 12)
	for i := range 8 {
		nonce[4+i] ^= byte(number >> (56 - 8*i))
	}
	packet := aead.Seal(h, nonce, payload, h)
	mask := make([]byte, 16)
	hp.Encrypt(mask, packet[at+4:at+20])
	packet[0] ^= mask[0] & 0x0f
	for i := range s.numberLen {
		packet[at+i] ^= mask[1+i]
	}
	return packet
}

// cryptoFrame makes a CRYPTO frame of message[from:to].
func cryptoFrame(message []byte, from, to int) []byte {
	b := binary.BigEndian.AppendUint16([]byte{0x06}, 0x4000|uint16(from))
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(to-from))
	return append(b, message[from:to]...)
}

// quicHello returns the ClientHello that crypto/tls makes for QUIC, with its handshake header.
func quicHello(t testing.TB, name string) []byte {
	t.Helper()
	conn := tls.QUICClient(&tls.QUICConfig{TLSConfig: &tls.Config{ServerName: name, NextProtos: []string{"h3"}, MinVersion: tls.VersionTLS13}})
	conn.SetTransportParameters([]byte{1, 2, 0x43, 0xe8})
	if err := conn.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for {
		switch e := conn.NextEvent(); e.Kind {
		case tls.QUICWriteData:
			return append([]byte{}, e.Data...)
		case tls.QUICNoEvent:
			t.Fatal("no hello")
		}
	}
}
