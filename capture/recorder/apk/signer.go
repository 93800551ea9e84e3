// Package apk reads who signed an Android package.
//
// In goes an APK file, of which only its end and its signing block are read; out come the SHA-256 digests of the signers' certificates, as
// "apksigner verify --print-certs" prints them. Nothing is verified: Android does that when it installs a package.
//
// Source: "APK Signature Scheme v2" and "v3", source.android.com/docs/security/features/apksigning.
package apk

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of what is read of a package.
const (
	MaxBlock   = 8 << 20 // bytes of a signing block
	MaxSigners = 10
	maxTail    = 22 + 0xffff // bytes of the end of central directory and its comment
)

// ErrUnsigned says that a package has no signing block: it is signed as before Android 7 (META-INF), which is not read, or not at all.
var ErrUnsigned = errors.New("no signature of scheme 2 or 3")

// The blocks that hold signatures, the one that newer Androids prefer first.
var schemes = [...]uint32{
	0x1b93ad61, // v3.1: a newer key, for Android 13 and later
	0xf05368c0, // v3
	0x7109871a, // v2
}

// Signers returns the SHA-256 of each signer's first certificate, in the file's order, by the newest scheme in it.
func Signers(r io.ReaderAt, size int64) (digests [][32]byte, err error) {
	tail := make([]byte, min(size, maxTail))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read end of package: %w", err)
	}
	end := endOfDirectory(tail)
	if end < 0 {
		return nil, errors.New("read package: no zip archive")
	}
	directory := int64(binary.LittleEndian.Uint32(tail[end+16:]))
	block, err := signingBlock(r, directory, size)
	if err != nil {
		return nil, err
	}
	for _, id := range schemes {
		if v := find(block, id); v != nil {
			return signers(v)
		}
	}
	return nil, ErrUnsigned
}

// endOfDirectory finds the zip archive's last record; its comment reaches to the end of the file.
func endOfDirectory(tail []byte) int {
	for i := len(tail) - 22; i >= 0; i-- {
		if bytes.HasPrefix(tail[i:], []byte("PK\x05\x06")) && int(binary.LittleEndian.Uint16(tail[i+20:])) == len(tail)-i-22 {
			return i
		}
	}
	return -1
}

// signingBlock reads what stands before the central directory: size u64, pairs, the size again, "APK Sig Block 42".
func signingBlock(r io.ReaderAt, directory, size int64) ([]byte, error) {
	if directory < 32 || directory > size {
		return nil, ErrUnsigned
	}
	var foot [24]byte
	if _, err := r.ReadAt(foot[:], directory-24); err != nil {
		return nil, fmt.Errorf("read signing block: %w", err)
	}
	if string(foot[8:]) != "APK Sig Block 42" {
		return nil, ErrUnsigned
	}
	n := binary.LittleEndian.Uint64(foot[:])
	if n < 24 || n > MaxBlock || int64(n) > directory-8 {
		return nil, fmt.Errorf("read signing block: it claims %d bytes", n)
	}
	b := make([]byte, n-24)
	if _, err := r.ReadAt(b, directory-int64(n)); err != nil {
		return nil, fmt.Errorf("read signing block: %w", err)
	}
	return b, nil
}

// find returns the value with that id: pairs of a length u64, an id u32, and the value.
func find(block []byte, id uint32) []byte {
	for len(block) >= 12 {
		n := binary.LittleEndian.Uint64(block)
		if n < 4 || n > uint64(len(block)-8) {
			return nil
		}
		if binary.LittleEndian.Uint32(block[8:]) == id {
			return block[12 : 8+n]
		}
		block = block[8+n:]
	}
	return nil
}

// signers walks a sequence of signers, each of which begins with signed data: digests, then certificates. Every length is a u32.
func signers(v []byte) (digests [][32]byte, err error) {
	list, _, ok := prefixed(v)
	for len(list) > 0 && ok {
		if len(digests) == MaxSigners {
			return nil, fmt.Errorf("read signers: more than %d", MaxSigners)
		}
		var signer, signed, certs, cert []byte
		if signer, list, ok = prefixed(list); !ok {
			break
		}
		if signed, _, ok = prefixed(signer); !ok {
			break
		}
		if _, signed, ok = prefixed(signed); !ok { // digests
			break
		}
		if certs, _, ok = prefixed(signed); !ok {
			break
		}
		if cert, _, ok = prefixed(certs); !ok || len(cert) == 0 {
			ok = false
			break
		}
		digests = append(digests, sha256.Sum256(cert))
	}
	if !ok || len(digests) == 0 {
		return nil, fmt.Errorf("read signers: %w", io.ErrUnexpectedEOF)
	}
	return digests, nil
}

// prefixed splits off what a length u32 announces.
func prefixed(b []byte) (v, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}
