package apk_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"testing"

	"abroad/capture/recorder/apk"
)

func sized(parts ...[]byte) []byte {
	all := bytes.Join(parts, nil)
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(all))), all...)
}

// signed makes a package with a signing block whose pairs are as given, by the layout in the documentation of the scheme.
func signed(t testing.TB, comment string, pairs ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("AndroidManifest.xml")
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("<manifest/>"))
	z.SetComment(comment)
	z.Close()
	all := b.Bytes()
	if len(pairs) == 0 {
		return all
	}
	end := len(all) - 22 - len(comment)
	directory := binary.LittleEndian.Uint32(all[end+16:])
	body := bytes.Join(pairs, nil)
	n := binary.LittleEndian.AppendUint64(nil, uint64(len(body)+24))
	block := append(append(append(bytes.Clone(n), body...), n...), "APK Sig Block 42"...)
	out := append(append(bytes.Clone(all[:directory]), block...), all[directory:]...)
	binary.LittleEndian.PutUint32(out[end+len(block)+16:], directory+uint32(len(block)))
	return out
}

func pair(id uint32, value []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(value)+4))
	return append(binary.LittleEndian.AppendUint32(b, id), value...)
}

func signer(cert string) []byte {
	data := sized(sized(sized([]byte("digest"))), sized(sized([]byte(cert)), sized([]byte("issuer"))), sized())
	return sized(data, sized(), sized())
}

func TestSigners(t *testing.T) {
	v2, v3 := pair(0x7109871a, sized(signer("old"), signer("second"))), pair(0xf05368c0, sized(signer("new")))
	padding := pair(0x42726577, make([]byte, 4000))
	for name, test := range map[string]struct {
		b    []byte
		want []string
	}{
		"v2":      {signed(t, "", padding, v2), []string{"old", "second"}},
		"v3":      {signed(t, "a comment", v2, v3), []string{"new"}},
		"none":    {signed(t, ""), nil},
		"another": {signed(t, "", padding), nil},
	} {
		got, err := apk.Signers(bytes.NewReader(test.b), int64(len(test.b)))
		if test.want == nil {
			if !errors.Is(err, apk.ErrUnsigned) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(got) != len(test.want) {
			t.Errorf("%s: %x, %v", name, got, err)
			continue
		}
		for i, cert := range test.want {
			if got[i] != sha256.Sum256([]byte(cert)) {
				t.Errorf("%s: signer %d is not %q", name, i, cert)
			}
		}
	}
	if _, err := apk.Signers(bytes.NewReader([]byte("no zip")), 6); err == nil {
		t.Error("a text is a package")
	}
}

// What is cut or altered gives an error or one of the certificates in the file, whatever else it says.
func FuzzSigners(f *testing.F) {
	f.Add(signed(f, "", pair(0x7109871a, sized(signer("old")))))
	f.Add(signed(f, "c", pair(0xf05368c0, sized(signer("old"), signer("new")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := apk.Signers(bytes.NewReader(b), int64(len(b)))
		if (err == nil) != (len(got) > 0) || len(got) > apk.MaxSigners {
			t.Fatalf("%d signers, %v", len(got), err)
		}
	})
}

func TestCut(t *testing.T) {
	v := sized(signer("old"))
	for i := range v {
		b := signed(t, "", pair(0x7109871a, v[:i]))
		if got, err := apk.Signers(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("cut at %d: %x", i, got)
		}
	}
}
