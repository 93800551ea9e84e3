package online

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCheckDigests(t *testing.T) {
	body := []byte("the file")
	sum256, sum5 := sha256.Sum256(body), md5.Sum(body)
	right256, right5 := base64.StdEncoding.EncodeToString(sum256[:]), base64.StdEncoding.EncodeToString(sum5[:])
	for _, c := range []struct{ header, form, right string }{
		{"Repr-Digest", "sha-512=:AAAA:, sha-256=:%:", right256}, {"Content-Digest", "sha-256=:%:", right256}, {"Content-MD5", "%", right5},
		{"X-Goog-Hash", "crc32c=AAAAAA==, md5=%", right5},
	} {
		for value, want := range map[string]string{
			c.right: "", right256[:len(right256)-2]: c.header, "?": c.header, base64.StdEncoding.EncodeToString(sum256[:16]): c.header,
		} {
			h := http.Header{}
			h.Set(c.header, strings.Replace(c.form, "%", value, 1))
			err := checkDigests(h, body)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v", h, err)
			}
		}
	}
	if err := checkDigests(http.Header{}, body); err != nil {
		t.Errorf("a server that says nothing: %v", err)
	}
}

// Every byte puts off the end of patience, and is counted; an answer without bytes does not.
func TestWatched(t *testing.T) {
	ended := make(chan bool, 1)
	patience := time.AfterFunc(time.Hour, func() { ended <- true })
	defer patience.Stop()
	c := &client{read: new(atomic.Int64)} // its patience is none, so that putting off shows at once
	w := &watched{strings.NewReader("four"), patience, c}
	if n, err := w.Read(nil); n != 0 || err != nil || !patience.Reset(time.Hour) {
		t.Errorf("read nothing: %d, %v", n, err)
	}
	if n, err := w.Read(make([]byte, 10)); n != 4 || err != nil || c.read.Load() != 4 {
		t.Errorf("read %d, %v; %d are counted", n, err, c.read.Load())
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("bytes came, and the end of patience stayed where it was")
	}
}
