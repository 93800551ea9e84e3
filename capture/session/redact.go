package session

import (
	"crypto/rand"

	"abroad/capture"
)

// newSalt is a random text of 128 bits.
func newSalt() string { return rand.Text() }

// A Redacted member stands for what a public export does not show.
type Redacted struct {
	Line capture.Digest `json:"line_sha256"` // SHA-256 of the full line, which the next line follows
	HMAC string         `json:"hmac"`        // HMAC-SHA256 of the data with the export's key, hex
}

// A RedactedMember stands for a member of session.json that an export does not show.
type RedactedMember struct {
	Path string `json:"path"` // "device.mac"
	HMAC string `json:"hmac"` // HMAC-SHA256 of the member's JSON with the export's key, hex
}
