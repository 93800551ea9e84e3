package session

import (
	"encoding/hex"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"abroad/capture/corpus"
)

// The example of RFC 7693, appendix A, and lengths around a block, whose hashes b2sum (GNU coreutils) gave.
func TestBlake2b(t *testing.T) {
	if got := hex.EncodeToString(blake2b(64, []byte("abc"))); got != "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923" {
		t.Errorf("abc: %s", got)
	}
	b2sum := corpus.Program(t, "b2sum")
	for _, n := range []int{0, 1, 127, 128, 129, 255, 256, 257, 1000} {
		cmd := exec.Command(b2sum)
		cmd.Stdin = strings.NewReader(strings.Repeat("x", n))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(blake2b(64, []byte(strings.Repeat("x", n)))); !strings.HasPrefix(string(out), got) {
			t.Errorf("%d bytes: %s, b2sum says %s", n, got, out)
		}
	}
}

// minisign checks what we sign, with our key and with its own.
func TestMinisignChecksOurs(t *testing.T) {
	minisign := corpus.Program(t, "minisign")
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := filled(t, 3, Options{Key: key})
	manifest := filepath.Join(dir, manifestFile)
	out, err := exec.Command(minisign, "-V", "-P", key.Public().String(), "-m", manifest).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "abroad session") {
		t.Errorf("minisign: %v: %s", err, out)
	}
	// It can use our key files too.
	secret, public := filepath.Join(dir, "k"), filepath.Join(dir, "k.pub")
	os.WriteFile(secret, key.File(), 0o600)
	os.WriteFile(public, key.Public().File(), 0o600)
	file := filepath.Join(dir, "file")
	os.WriteFile(file, []byte("text"), 0o600)
	if out, err := exec.Command(minisign, "-S", "-W", "-s", secret, "-m", file).CombinedOutput(); err != nil {
		t.Errorf("minisign signs: %v: %s", err, out)
	}
	if out, err := exec.Command(minisign, "-V", "-p", public, "-m", file).CombinedOutput(); err != nil {
		t.Errorf("minisign verifies: %v: %s", err, out)
	}
}

// We check what minisign signs, in both of its formats, and refuse what was changed.
func TestWeCheckMinisign(t *testing.T) {
	minisign := corpus.Program(t, "minisign")
	dir := t.TempDir()
	secret, public, file := filepath.Join(dir, "k"), filepath.Join(dir, "k.pub"), filepath.Join(dir, "file")
	if out, err := exec.Command(minisign, "-G", "-W", "-s", secret, "-p", public).CombinedOutput(); err != nil {
		t.Fatalf("minisign: %v: %s", err, out)
	}
	os.WriteFile(file, []byte("some text"), 0o600)
	k, err := ParsePublicKey(read(t, public))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := ParseSecretKey(read(t, secret)); err != nil || s.Public().String() != k.String() {
		t.Errorf("its secret key: %v", err)
	}
	for _, flags := range [][]string{{"-S"}, {"-S", "-l"}} {
		cmd := exec.Command(minisign, append(flags, "-W", "-s", secret, "-m", file, "-t", "a comment")...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("minisign: %v: %s", err, out)
		}
		signature := read(t, file+".minisig")
		comment, err := k.Verify(read(t, file), signature)
		if err != nil || comment != "a comment" {
			t.Errorf("%v: %q, %v", flags, comment, err)
		}
		if _, err := k.Verify([]byte("some test"), signature); err == nil {
			t.Error("another text was accepted")
		}
		changed := strings.Replace(string(signature), "a comment", "b comment", 1)
		if _, err := k.Verify(read(t, file), []byte(changed)); err == nil {
			t.Error("another trusted comment was accepted")
		}
		for i := range signature {
			if _, err := k.Verify(read(t, file), signature[:i]); err == nil && i < len(signature)-1 {
				t.Errorf("a signature cut at %d was accepted", i)
			}
		}
	}
}

func TestSecretKeyRefused(t *testing.T) {
	key, _ := NewKey()
	file := key.File()
	if _, err := ParseSecretKey(file[:len(file)/2]); err == nil {
		t.Error("half a key was accepted")
	}
	lines := strings.SplitN(string(file), "\n", 2)
	locked := lines[0] + "\n" + strings.Replace(lines[1], "RWQAAEIy", "RWRTY0Iy", 1) // key derivation "Sc"
	if _, err := ParseSecretKey([]byte(locked)); !errors.Is(err, ErrPassword) {
		t.Errorf("got %v", err)
	}
}
