package online

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Bounds of one request.
const (
	maxRedirects = 5
	maxHeader    = 64 << 10 // bytes
	dialTime     = 10 * time.Second
	silence      = 30 * time.Second // without a byte
	tries        = 3
)

// A client fetches files over HTTPS.
type client struct {
	http    *http.Client
	agent   string
	silence time.Duration // longest time without a byte
	pause   time.Duration // before the second try; doubled before the third
	read    *atomic.Int64 // counts bytes for whoever watches
}

// newClient returns a client that trusts what the system trusts, and takes the proxy of the environment. transport is nil but in tests.
func newClient(agent string, transport http.RoundTripper) *client {
	if transport == nil {
		transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout:    dialTime,
			ResponseHeaderTimeout:  silence,
			MaxResponseHeaderBytes: maxHeader,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // what is counted, compared and checked is the file as it lies there
		}
	}
	return &client{
		http:    &http.Client{Transport: transport, CheckRedirect: checkRedirect},
		agent:   agent,
		silence: silence,
		pause:   time.Second,
		read:    new(atomic.Int64),
	}
}

var (
	errRedirect = errors.New("redirect refused")
	errStatus   = errors.New("status")
	errMissing  = errors.New("there is no such file")
)

// checkRedirect follows a publisher inside his own site, over TLS, a few times.
func checkRedirect(req *http.Request, via []*http.Request) error {
	switch to := req.URL; {
	case to.Scheme != "https":
		return fmt.Errorf("%w: to %q, which is not https", errRedirect, bare(to))
	case to.User != nil:
		return fmt.Errorf("%w: to %q with a password", errRedirect, bare(to))
	case len(via) > maxRedirects:
		return fmt.Errorf("%w: more than %d of them", errRedirect, maxRedirects)
	case site(to) != site(via[0].URL):
		return fmt.Errorf("%w: to %q, another site", errRedirect, bare(to))
	}
	return nil
}

// bare is an address without query and password: both may be secrets.
func bare(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// site is the registrable domain, or the host where there is none.
func site(u *url.URL) string {
	if domain, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(u.Hostname())); err == nil {
		return domain
	}
	return u.Host
}

// A version is a file as a server handed it out.
type version struct {
	file           []byte // nil if it is not newer
	etag, modified string // as the server named it
	day            string // of Last-Modified; empty if it did not say
}

// fetch gets a file of at most most bytes. etag and modified, if not empty, name the version at hand. What may pass by itself is tried again.
func (c *client) fetch(ctx context.Context, address, etag, modified string, most int64) (v version, err error) {
	pause := c.pause
	for try := 1; ; try++ {
		var again bool
		if v, again, err = c.once(ctx, address, etag, modified, most); err == nil || !again || try == tries {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// once asks one time; again says that the fault may pass.
func (c *client) once(ctx context.Context, address, etag, modified string, most int64) (v version, again bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.silence, func() { cancel(fmt.Errorf("no byte for %s", c.silence)) })
	defer watch.Stop()
	defer func() {
		if err != nil && context.Cause(ctx) != nil && !errors.Is(err, errRedirect) {
			err = context.Cause(ctx)
		}
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return v, false, err
	}
	if req.URL.Scheme != "https" {
		return v, false, fmt.Errorf("%q is not https", address)
	}
	req.Header.Set("User-Agent", c.agent)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err // it repeats the address
		}
		_, dns := errors.AsType[*net.DNSError](err)
		return v, !errors.Is(err, errRedirect) && !dns && !isCertificate(err), err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotModified && etag+modified != "":
		return v, false, nil
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return v, false, fmt.Errorf("%w (%s)", errMissing, res.Status)
	case res.StatusCode != http.StatusOK:
		return v, res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests, fmt.Errorf("%w %s", errStatus, res.Status)
	case res.ContentLength > most:
		return v, false, tooLarge(most)
	}
	if encoding := res.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return v, false, fmt.Errorf("content encoding %q was not asked for", encoding)
	}
	body, err := io.ReadAll(&watched{io.LimitReader(res.Body, most+1), watch, c})
	if err == nil {
		err = context.Cause(ctx) // a server that is left may still end its answer, as if it were whole
	}
	switch {
	case err != nil:
		return v, true, fmt.Errorf("after %d bytes: %w", len(body), err)
	case int64(len(body)) > most:
		return v, false, tooLarge(most)
	case len(body) == 0:
		return v, false, errors.New("the file is empty")
	}
	if err := checkDigests(res.Header, body); err != nil {
		return v, true, err
	}
	v.file, v.etag, v.modified = body, res.Header.Get("ETag"), res.Header.Get("Last-Modified")
	if at, err := http.ParseTime(v.modified); err == nil {
		v.day = at.UTC().Format(time.DateOnly)
	}
	const longest = 200 // what the index keeps of a server's words
	if len(v.etag) > longest || len(v.modified) > longest {
		v.etag, v.modified = "", ""
	}
	return v, false, nil
}

func tooLarge(most int64) error { return fmt.Errorf("the file is larger than %d bytes", most) }

func isCertificate(err error) bool {
	return strings.Contains(err.Error(), "x509:") || strings.Contains(err.Error(), "tls: failed to verify certificate")
}

// watched tells with every byte that the server is alive.
type watched struct {
	from  io.Reader
	watch *time.Timer
	c     *client
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.from.Read(b)
	if n > 0 {
		w.watch.Reset(w.c.silence)
		w.c.read.Add(int64(n))
	}
	return n, err
}

// checkDigests compares the file with what the server says of it: Repr-Digest and Content-Digest (RFC 9530), Content-MD5 (RFC 1864), and
// the hashes of Google's storage. A server that says nothing is believed; TLS kept the bytes from changing on the way.
func checkDigests(h http.Header, body []byte) error {
	sum256, sum5 := sha256.Sum256(body), md5.Sum(body)
	want := func(name, text string, sum []byte) error {
		if got, err := base64.StdEncoding.DecodeString(text); err != nil || !bytes.Equal(got, sum) {
			return fmt.Errorf("the file does not have the checksum that the server names in %s", name)
		}
		return nil
	}
	for _, name := range []string{"Repr-Digest", "Content-Digest"} {
		for part := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
			if text, ok := strings.CutPrefix(strings.TrimSpace(part), "sha-256=:"); ok {
				if err := want(name, strings.TrimSuffix(text, ":"), sum256[:]); err != nil {
					return err
				}
			}
		}
	}
	if text := h.Get("Content-Md5"); text != "" {
		if err := want("Content-MD5", text, sum5[:]); err != nil {
			return err
		}
	}
	for part := range strings.SplitSeq(strings.Join(h.Values("X-Goog-Hash"), ","), ",") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(part), "md5="); ok {
			if err := want("X-Goog-Hash", text, sum5[:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpack decompresses a gzip file to at most most bytes; its own checksum is checked.
func unpack(file []byte, most int64) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("unpack, after %d bytes: %w", len(out), err)
	case int64(len(out)) > most:
		return nil, fmt.Errorf("unpack: %w", tooLarge(most))
	}
	return out, nil
}

// isPage reports whether a file is a web page: servers answer so in place of a file that moved.
func isPage(file []byte) bool {
	kind, _, _ := mime.ParseMediaType(http.DetectContentType(file))
	return kind == "text/html"
}
