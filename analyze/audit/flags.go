package audit

import (
	"encoding/json"
	"fmt"
	"math/bits"
)

// Flags are facts about a flow, one bit each; in JSON a list of words in the order below.
type Flags uint32

// The flags.
const (
	Truncated     Flags = 1 << iota // a snap length cut packets of the flow
	Retransmitted                   // segments came twice
	Gap                             // bytes of a stream's head were never captured
	OneSided                        // packets in one direction only
	Plaintext                       // application data went unencrypted (HTTP and the like)
	ECHOffered                      // the ClientHello carries encrypted_client_hello, real or GREASE: the SNI may be a cover name
	NoSNI                           // a ClientHello without server_name
	EncryptedDNS                    // DoT, DoH or DoQ
	Proxied                         // a CONNECT or SOCKS proxy: the endpoint is the proxy's
	Fragmented                      // IP fragments
	Overlapped                      // retransmitted bytes differed
	HeadCut                         // a limit on stream heads was reached before a dissector had enough
	Upgraded                        // TLS began after a plaintext start (STARTTLS, HTTP CONNECT or Upgrade)
	Push                            // recognised push service (FCM, APNs)
	LocalOnly                       // the far side is private, link-local, multicast or the like
)

var flagNames = [...]string{
	"truncated", "retransmitted", "gap", "one-sided", "plaintext", "ech-offered", "no-sni", "encrypted-dns", "proxied", "fragmented",
	"overlapped", "head-cut", "upgraded", "push", "local",
}

// Words lists the names of the flags that are set.
func (f Flags) Words() []string {
	words := make([]string, 0, bits.OnesCount32(uint32(f)))
	for i, name := range flagNames {
		if f&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	return words
}

// Has reports whether every flag of g is set in f.
func (f Flags) Has(g Flags) bool { return f&g == g }

// MarshalJSON writes the list of words.
func (f Flags) MarshalJSON() ([]byte, error) { return json.Marshal(f.Words()) }

// UnmarshalJSON reads a list of words.
func (f *Flags) UnmarshalJSON(b []byte) error {
	var words []string
	if err := json.Unmarshal(b, &words); err != nil {
		return err
	}
	*f = 0
next:
	for _, w := range words {
		for i, name := range flagNames {
			if name == w {
				*f |= 1 << i
				continue next
			}
		}
		return fmt.Errorf("unknown flow flag %q", w)
	}
	return nil
}

// appendTo appends the JSON list of words to b.
func (f Flags) appendTo(b []byte) []byte {
	b = append(b, '[')
	first := true
	for i, name := range flagNames {
		if f&(1<<i) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), name...), '"')
	}
	return append(b, ']')
}
