package session

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abroad/capture"
)

// What lies in a folder of a stranger may lead anywhere: a file that never ends is not opened, and a link is not followed into what is handed on.
func TestStrangeFiles(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "private")
	if err := os.WriteFile(elsewhere, []byte("private\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := func(to string) func(path string) error {
		return func(path string) error { return os.Symlink(to, path) }
	}
	for _, test := range []struct {
		path, want string
		put        func(path string) error
	}{
		{aboutFile, "no plain file", link("/dev/zero")},
		{manifestFile, "no plain file", link("/dev/zero")},
		{eventsFile, "no plain file", link("/dev/zero")},
		{signatureFile, "no plain file", link("/dev/zero")},
		{signatureFile, "more than", func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 64<<30)
		}},
		{keylogFile, "no plain file", link(elsewhere)},
		{secretsDir, "no plain file", link(filepath.Dir(elsewhere))},
	} {
		t.Run(test.path, func(t *testing.T) {
			dir := filled(t, 3, Options{})
			path := filepath.Join(dir, filepath.FromSlash(test.path))
			if strings.HasPrefix(test.path, secretsDir+"/") {
				os.Mkdir(filepath.Join(dir, secretsDir), 0o700)
			}
			os.Remove(path)
			if err := test.put(path); err != nil {
				t.Skip(err)
			}
			var out bytes.Buffer
			_, err := Merge(dir, &out, true)
			if test.path == signatureFile { // Merge does not look at it
				var s *Session
				if s, err = Open(dir); err == nil {
					_, err = s.Signed()
				}
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if strings.Contains(out.String(), "private") {
				t.Error("the file that the link leads to was copied")
			}
		})
	}
}

// A longChain hands out events that follow each other, for ever.
type longChain struct {
	prev capture.Digest
	n    uint32
	rest []byte
}

func (c *longChain) Read(b []byte) (int, error) {
	if len(c.rest) == 0 {
		c.n++
		line := fmt.Appendf(nil, `{"n":%d,"t":"2026-01-01T00:00:00Z","mono_ns":1,"kind":"marker","data":%q,"prev":"%s"}`, c.n, long, c.prev)
		c.prev = sha256.Sum256(line)
		c.rest = append(line, '\n')
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

var long = strings.Repeat("a", maxEvent-1000)

// All events together are bounded, not only each of them.
func TestChainLimit(t *testing.T) {
	events, whole, _, err := readChain(&longChain{}, capture.Digest{})
	if link, ok := errors.AsType[*BrokenLink](err); !ok || !strings.Contains(link.Says, "bytes of events") || whole > maxChain || len(events) < 200 {
		t.Errorf("got %d events, %d bytes, %v", len(events), whole, err)
	}
}

// FuzzSignature holds that nobody can change a signature or what it is of: what was verified is what was signed, byte for byte.
func FuzzSignature(f *testing.F) {
	key, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	public := key.Public()
	document := []byte("a document")
	signature := key.Sign(document, "a comment")
	f.Add(signature, document)
	f.Add(bytes.Replace(signature, []byte("a comment"), []byte("another"), 1), document)
	f.Add(bytes.ReplaceAll(signature, []byte("\n"), []byte("\r\n")), document)
	f.Fuzz(func(t *testing.T, signature, b []byte) {
		comment, err := public.Verify(b, signature)
		if err == nil && (!bytes.Equal(b, document) || comment != "a comment") {
			t.Fatalf("%q with the comment %q passes for signed", b, comment)
		}
		if id, err := Signer(signature); err == nil && len(id) != len(public.ID()) {
			t.Fatalf("signer %q", id)
		}
		if p, err := ParsePublicKey(signature); err == nil {
			if again, err := ParsePublicKey([]byte(p.String())); err != nil || again.ID() != p.ID() {
				t.Fatalf("%q is not %q again: %v", p, again, err)
			}
		}
	})
}
