package session

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// The file formats of minisign (https://jedisct1.github.io/minisign/, "Signature format"): lines of base64 under comments that nothing
// stands on, except the trusted comment, which is signed too.
const (
	untrusted = "untrusted comment: "
	trusted   = "trusted comment: "

	algorithm = "Ed" // also of keys
	prehashed = "ED" // Ed25519 of the BLAKE2b-512 of the message
)

// A PublicKey checks signatures.
type PublicKey struct {
	id  [8]byte
	key ed25519.PublicKey
}

// A SecretKey signs.
type SecretKey struct {
	id  [8]byte
	key ed25519.PrivateKey
}

// NewKey makes a key.
func NewKey() (*SecretKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	k := &SecretKey{key: key}
	_, err = rand.Read(k.id[:])
	return k, err
}

// Public returns the other half.
func (k *SecretKey) Public() *PublicKey {
	return &PublicKey{k.id, k.key.Public().(ed25519.PublicKey)}
}

// ID names the key as minisign prints it: 16 upper-case hexadecimal digits.
func (k *PublicKey) ID() string { return fmt.Sprintf("%016X", binary.LittleEndian.Uint64(k.id[:])) }

// String returns the key as minisign's -P takes it.
func (k *PublicKey) String() string {
	return base64.StdEncoding.EncodeToString(append(append([]byte(algorithm), k.id[:]...), k.key...))
}

// File returns the key as a file of minisign.
func (k *PublicKey) File() []byte {
	return []byte(untrusted + "minisign public key " + k.ID() + "\n" + k.String() + "\n")
}

// File returns the key as a file of minisign, without a password: whoever can read the file can sign.
func (k *SecretKey) File() []byte {
	signed := append(append(append([]byte{}, algorithm...), k.id[:]...), k.key...)
	b := append([]byte(algorithm), 0, 0, 'B', '2') // no key derivation; checksums by BLAKE2b
	b = append(b, make([]byte, 32+8+8)...)         // salt and limits of the key derivation
	b = append(b, signed[2:]...)
	b = append(b, blake2b(32, signed)...)
	return []byte(untrusted + "minisign secret key " + k.Public().ID() + "\n" + base64.StdEncoding.EncodeToString(b) + "\n")
}

// line returns line n of a file, decoded; it must have size bytes.
func base64Line(lines []string, n, size int) ([]byte, error) {
	if n >= len(lines) {
		return nil, fmt.Errorf("line %d is missing", n+1)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(lines[n]))
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if len(b) != size {
		return nil, fmt.Errorf("line %d holds %d bytes, want %d", n+1, len(b), size)
	}
	return b, nil
}

// ParsePublicKey reads a public key: a file of minisign, or its second line.
func ParsePublicKey(text []byte) (*PublicKey, error) {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	at := 0
	if strings.HasPrefix(lines[0], untrusted) {
		at = 1
	}
	b, err := base64Line(lines, at, 2+8+ed25519.PublicKeySize)
	if err != nil {
		return nil, fmt.Errorf("read public key: %w", err)
	}
	if string(b[:2]) != algorithm {
		return nil, fmt.Errorf("read public key: algorithm %q", b[:2])
	}
	k := &PublicKey{key: b[10:]}
	copy(k.id[:], b[2:])
	return k, nil
}

// ErrPassword says that a secret key needs a password, which is not asked for here.
var ErrPassword = errors.New("the key has a password")

// ParseSecretKey reads a file of minisign without a password.
func ParseSecretKey(text []byte) (*SecretKey, error) {
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	b, err := base64Line(lines, 1, 6+32+8+8+8+ed25519.PrivateKeySize+32)
	if err != nil {
		return nil, fmt.Errorf("read secret key: %w", err)
	}
	switch {
	case string(b[:2]) != algorithm || string(b[4:6]) != "B2":
		return nil, fmt.Errorf("read secret key: algorithm %q, check sum %q", b[:2], b[4:6])
	case b[2] != 0 || b[3] != 0:
		return nil, fmt.Errorf("read secret key: %w", ErrPassword)
	}
	key := b[54 : 54+8+ed25519.PrivateKeySize]
	// minisign 0.11 leaves the check sum of a key without a password empty.
	check := b[54+len(key):]
	if !bytes.Equal(check, make([]byte, 32)) && !bytes.Equal(blake2b(32, append([]byte(algorithm), key...)), check) {
		return nil, errors.New("read secret key: the check sum is wrong")
	}
	k := &SecretKey{key: ed25519.PrivateKey(key[8:])}
	copy(k.id[:], key)
	if !bytes.Equal(ed25519.NewKeyFromSeed(k.key.Seed()), k.key) {
		return nil, errors.New("read secret key: its halves do not belong together")
	}
	return k, nil
}

// Sign returns the signature file of a message. The comment is signed with it, and must be one line.
func (k *SecretKey) Sign(message []byte, comment string) []byte {
	comment = strings.Join(strings.Fields(comment), " ")
	signature := ed25519.Sign(k.key, blake2b(64, message))
	global := ed25519.Sign(k.key, append(append([]byte{}, signature...), comment...))
	var b bytes.Buffer
	fmt.Fprintf(&b, "%ssignature from minisign secret key %s\n", untrusted, k.Public().ID())
	fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(append(append([]byte(prehashed), k.id[:]...), signature...)))
	fmt.Fprintf(&b, "%s%s\n", trusted, comment)
	fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(global))
	return b.Bytes()
}

// Signer returns the id of the key that a signature file says it was made with.
func Signer(signature []byte) (string, error) {
	b, err := base64Line(strings.Split(string(signature), "\n"), 1, 2+8+ed25519.SignatureSize)
	if err != nil {
		return "", fmt.Errorf("read signature: %w", err)
	}
	return fmt.Sprintf("%016X", binary.LittleEndian.Uint64(b[2:])), nil
}

// Verify checks a signature file and returns its trusted comment.
func (k *PublicKey) Verify(message, signature []byte) (comment string, err error) {
	lines := strings.Split(string(signature), "\n")
	b, err := base64Line(lines, 1, 2+8+ed25519.SignatureSize)
	if err != nil {
		return "", fmt.Errorf("read signature: %w", err)
	}
	global, err := base64Line(lines, 3, ed25519.SignatureSize)
	if err != nil {
		return "", fmt.Errorf("read signature: %w", err)
	}
	comment, ok := strings.CutPrefix(strings.TrimSuffix(lines[2], "\r"), trusted)
	switch {
	case !strings.HasPrefix(lines[0], untrusted): // minisign refuses it too; what follows on that line nobody signed
		return "", errors.New("read signature: line 1 is no untrusted comment")
	case !ok:
		return "", errors.New("read signature: line 3 is no trusted comment")
	case string(b[:2]) == prehashed:
		message = blake2b(64, message)
	case string(b[:2]) != algorithm:
		return "", fmt.Errorf("read signature: algorithm %q", b[:2])
	}
	if !bytes.Equal(b[2:10], k.id[:]) {
		signer, _ := Signer(signature)
		return "", fmt.Errorf("it was made with key %s, not with %s", signer, k.ID())
	}
	if !ed25519.Verify(k.key, message, b[10:]) {
		return "", errors.New("it does not fit the file")
	}
	if !ed25519.Verify(k.key, append(append([]byte{}, b[10:]...), comment...), global) {
		return "", errors.New("it does not fit its trusted comment")
	}
	return comment, nil
}
