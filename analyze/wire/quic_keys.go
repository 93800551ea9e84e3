package wire

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
)

// Salts of Initial secrets. Each version has its own, so that a middlebox that knows one does not open the next.
const (
	saltV1      = "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a" // RFC 9001, section 5.2
	saltV2      = "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9" // RFC 9369, section 3.3.1
	saltDraft29 = "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99" // draft-ietf-quic-tls-29
	saltDraft23 = "\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02" // draft-ietf-quic-tls-23
	saltDraft22 = "\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a" // draft-ietf-quic-tls-21
	saltQ050    = "\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45" // Chromium
	saltT050    = "\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10" // Chromium
	saltT051    = "\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d" // Chromium
)

var (
	onlyV1      = []string{saltV1}
	onlyV2      = []string{saltV2}
	onlyDraft29 = []string{saltDraft29}
	onlyDraft23 = []string{saltDraft23}
	onlyDraft22 = []string{saltDraft22}
	onlyQ050    = []string{saltQ050}
	onlyT050    = []string{saltT050}
	onlyT051    = []string{saltT051}
	guesses     = []string{saltV1, saltDraft29, saltDraft23}
)

// quicSalts returns the salts to try for a version; nil if its packets are unknown to us. Of versions that only force a negotiation (RFC 9000,
// section 15) and of Facebook's later ones the salt is that of the draft they were taken from: the authentication tag tells which.
func quicSalts(v uint32) []string {
	switch {
	case v == QUICv1:
		return onlyV1
	case v == QUICv2:
		return onlyV2
	case v>>8 == 0xff0000:
		switch draft := v & 0xff; {
		case draft > 34 || draft < 22:
			return nil
		case draft > 32:
			return onlyV1
		case draft > 28:
			return onlyDraft29
		case draft > 22:
			return onlyDraft23
		}
		return onlyDraft22
	case v == 0xfaceb001:
		return onlyDraft22
	case v == 0xfaceb002:
		return onlyDraft23
	case v == quicQ050:
		return onlyQ050
	case v == quicT050:
		return onlyT050
	case v == quicT051:
		return onlyT051
	case v&0x0f0f0f0f == 0x0a0a0a0a, v>>8 == 0xfaceb0:
		return guesses
	}
	return nil
}

// quicKeys are the keys of the Initial packets of one connection: of the client at 0, of the server at 1, made when they are first needed.
type quicKeys struct {
	version uint32
	salt    int // index into quicSalts
	cid     [maxCID]byte
	cidLen  int
	secret  [32]byte
	side    [2]quicSide
}

// A quicSide has what opens the packets of one sender.
type quicSide struct {
	aead    cipher.AEAD
	payload cipher.Block // of aead: opens what aead refuses because it is cut
	header  cipher.Block
	iv      [12]byte
}

// derive makes k the keys that follow from the first connection id of a client (RFC 9001, section 5.2).
func (k *quicKeys) derive(version uint32, salt int, cid []byte) {
	*k = quicKeys{version: version, salt: salt}
	k.cidLen = copy(k.cid[:], cid)
	k.secret = hmacSHA256([]byte(quicSalts(version)[salt]), cid)
}

// of returns the keys of one sender.
func (k *quicKeys) of(server int) *quicSide {
	s := &k.side[server]
	if s.aead != nil {
		return s
	}
	label := [2]string{"client in", "server in"}[server]
	key, iv, hp := "quic key", "quic iv", "quic hp"
	if k.version == QUICv2 {
		key, iv, hp = "quicv2 key", "quicv2 iv", "quicv2 hp" // RFC 9369, section 3.3.2
	}
	secret := expandLabel(k.secret[:], label, 32)
	long := expandLabel(secret[:], key, 16)
	s.payload, _ = aes.NewCipher(long[:16]) // 16 bytes are a valid key
	s.aead, _ = cipher.NewGCM(s.payload)
	long = expandLabel(secret[:], hp, 16)
	s.header, _ = aes.NewCipher(long[:16])
	long = expandLabel(secret[:], iv, 12)
	copy(s.iv[:], long[:12])
	return s
}

// expandLabel is HKDF-Expand-Label with SHA-256 and an empty context, for at most 32 bytes (RFC 8446, section 7.1). Only the first n bytes of
// the result are meant.
func expandLabel(secret []byte, label string, n int) [32]byte {
	var info [32]byte
	binary.BigEndian.PutUint16(info[:], uint16(n))
	info[2] = byte(6 + len(label))
	k := 3 + copy(info[3:], "tls13 ")
	k += copy(info[k:], label)
	info[k], info[k+1] = 0, 1 // no context; HKDF-Expand's first block
	return hmacSHA256(secret, info[:k+2])
}

// hmacSHA256 is HMAC for a key of at most 64 bytes and a message of at most 64: made by hand because five of them for every QUIC flow are the
// price of its name, and crypto/hmac asks for memory each time.
func hmacSHA256(key, message []byte) [32]byte {
	var inner [128]byte
	var outer [96]byte
	copy(inner[:], key)
	copy(outer[:], key)
	for i := range 64 {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	n := copy(inner[64:], message)
	sum := sha256.Sum256(inner[:64+n])
	copy(outer[64:], sum[:])
	return sha256.Sum256(outer[:])
}
