package session

import (
	"crypto/rand"
	"fmt"
	"strings"

	"abroad/capture"
)

// crockford is the alphabet of ULIDs (https://github.com/ulid/spec): no I, L, O, U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newID returns a ULID: 48 bits of Unix milliseconds and 80 random bits, as 26 characters that sort by time.
func newID(t capture.Time) string {
	var b [16]byte
	ms := uint64(max(t, 0)) / 1e6
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	rand.Read(b[6:])
	var out [26]byte
	// 128 bits in groups of 5, the first group holds 3.
	var acc uint64
	bits, at := 2, 0 // two zero bits in front
	for _, v := range b {
		acc = acc<<8 | uint64(v)
		for bits += 8; bits >= 5; at++ {
			bits -= 5
			out[at] = crockford[acc>>bits&31]
		}
	}
	return string(out[:])
}

// checkID accepts a ULID.
func checkID(id string) error {
	if len(id) != 26 || strings.Trim(id, crockford) != "" || id[0] > '7' {
		return fmt.Errorf("id %q is no ULID", id)
	}
	return nil
}
