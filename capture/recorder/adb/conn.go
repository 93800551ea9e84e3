package adb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Limits of what is read.
const (
	MaxAnswer = 0xffff  // bytes of an answer; its length has four hexadecimal digits
	MaxFrame  = 1 << 20 // bytes of one frame of a command's output
	MaxOutput = 8 << 20 // bytes of a whole command's output that is waited for
	MaxErrors = 4 << 10 // bytes kept of what a running command writes to its error stream, the last ones
	MaxDevice = 64      // devices of one server
)

// dialTimeout bounds the wait for a connection to the server; what follows is bounded by the caller's context.
const dialTimeout = 5 * time.Second

// A RefusedError is a server's or a device's FAIL, with its words.
type RefusedError struct{ Request, Reason string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("ask adb for %s: %q", shown(e.Request), clip(e.Reason))
}

// conn is one connection to the server. It ends when its context does.
type conn struct {
	net.Conn
	ctx     context.Context
	release func() bool
}

func (s *Server) dial(ctx context.Context) (*conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	c, err := d.DialContext(ctx, s.Network, s.Address)
	if err != nil {
		return nil, fmt.Errorf("connect to adb server: %w", err)
	}
	return &conn{Conn: c, ctx: ctx, release: context.AfterFunc(ctx, func() { c.Close() })}, nil
}

func (c *conn) Close() error {
	c.release()
	return c.Conn.Close()
}

// Read gives the context's error instead of "use of closed connection".
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil && err != io.EOF && c.ctx.Err() != nil {
		err = c.ctx.Err()
	}
	return n, err
}

// request sends one request and reads whether it is granted.
func (c *conn) request(req string) error {
	if len(req) > MaxAnswer {
		return fmt.Errorf("ask adb: a request of %d bytes", len(req))
	}
	if _, err := fmt.Fprintf(c, "%04x%s", len(req), req); err != nil {
		return fmt.Errorf("ask adb for %s: %w", shown(req), err)
	}
	return c.status(req)
}

func (c *conn) status(req string) error {
	var word [4]byte
	if _, err := io.ReadFull(c, word[:]); err != nil {
		return fmt.Errorf("ask adb for %s: %w", shown(req), noEOF(err))
	}
	switch string(word[:]) {
	case "OKAY":
		return nil
	case "FAIL":
		reason, err := c.text()
		if err != nil {
			return fmt.Errorf("ask adb for %s: %w", shown(req), err)
		}
		return &RefusedError{req, reason}
	}
	return fmt.Errorf("ask adb for %s: it answers %q", shown(req), word)
}

// text reads a text behind four hexadecimal digits that give its length.
func (c *conn) text() (string, error) {
	var digits [4]byte
	if _, err := io.ReadFull(c, digits[:]); err != nil {
		return "", err // io.EOF: there is no text
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 16)
	if err != nil {
		return "", fmt.Errorf("a length of %q", digits)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		return "", noEOF(err)
	}
	return string(b), nil
}

// ask makes a request to the server whose answer is one text.
func (s *Server) ask(ctx context.Context, req string) (string, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.request(req); err != nil {
		return "", err
	}
	answer, err := c.text()
	if err != nil {
		return "", fmt.Errorf("ask adb for %s: %w", shown(req), noEOF(err))
	}
	return answer, nil
}

// shown is a request for messages. What a command line says is its owner's business: it may hold a secret.
func shown(req string) string {
	for _, service := range [...]string{"shell", "exec"} {
		if strings.HasPrefix(req, service+",") || strings.HasPrefix(req, service+":") {
			return "a " + service
		}
	}
	return clip(req)
}

// noEOF turns an end in the middle of something into what it is.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
