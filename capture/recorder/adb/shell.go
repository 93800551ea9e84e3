package adb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Phone is one device of a server.
type Phone struct {
	server *Server
	Serial string
}

// Phone returns the device with the serial. Nothing is asked yet.
func (s *Server) Phone(serial string) *Phone { return &Phone{s, serial} }

// open switches a new connection to the device and asks it for a service.
func (p *Phone) open(ctx context.Context, service string) (*conn, error) {
	c, err := p.server.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.request("host:transport:" + p.Serial); err != nil {
		c.Close()
		return nil, err
	}
	if err := c.request(service); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// The kinds of frames of the shell protocol, version 2: kind u8, length u32 little-endian, data.
const (
	frameStdout     = 1
	frameStderr     = 2
	frameExit       = 3
	frameCloseStdin = 4
)

// A Process is a command that runs on the device. Read gives its output as it comes; io.EOF means that the command has ended and Exit is
// known, io.ErrUnexpectedEOF that the connection has.
type Process struct {
	c      *conn
	left   uint32 // of the frame of output being read
	exit   int
	ended  bool
	errors []byte
}

// Start runs a command line on the device's shell, without a terminal, output and errors apart (shell protocol v2, Android 7 and later). It
// ends with ctx or Close; whether the command on the device ends then too is the device's business.
func (p *Phone) Start(ctx context.Context, command string) (*Process, error) {
	c, err := p.open(ctx, "shell,v2,raw:"+command)
	if err != nil {
		return nil, err
	}
	return &Process{c: c}, nil
}

func (p *Process) Read(b []byte) (int, error) {
	for p.left == 0 {
		if p.ended {
			return 0, io.EOF
		}
		if err := p.frame(); err != nil {
			return 0, noEOF(err)
		}
	}
	if uint32(len(b)) > p.left {
		b = b[:p.left]
	}
	n, err := p.c.Read(b)
	p.left -= uint32(n)
	if err != nil {
		return n, noEOF(err)
	}
	return n, nil
}

// frame reads the head of a frame, and the whole frame unless it is output.
func (p *Process) frame() error {
	var head [5]byte
	if _, err := io.ReadFull(p.c, head[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(head[1:])
	if n > MaxFrame {
		return fmt.Errorf("read shell: a frame of %d bytes", n)
	}
	if head[0] == frameStdout {
		p.left = n
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(p.c, b); err != nil {
		return noEOF(err)
	}
	switch head[0] {
	case frameStderr:
		p.errors = append(p.errors, b...)
		p.errors = p.errors[max(0, len(p.errors)-MaxErrors):]
	case frameExit:
		if n != 1 {
			return fmt.Errorf("read shell: an exit code of %d bytes", n)
		}
		p.exit, p.ended = int(b[0]), true
	}
	return nil // frames of other kinds are not for us
}

// CloseInput ends the command's input, which is otherwise open and empty until the connection ends. It may be called while Read runs.
func (p *Process) CloseInput() error {
	_, err := p.c.Write([]byte{frameCloseStdin, 0, 0, 0, 0})
	return err
}

// Exit returns the command's exit code; valid iff Read has returned io.EOF.
func (p *Process) Exit() int { return p.exit }

// Errors returns the end of what the command wrote to its error stream so far. Not to be called while Read runs.
func (p *Process) Errors() string { return string(p.errors) }

// Close ends the connection. A Read that waits returns.
func (p *Process) Close() error { return p.c.Close() }

// An ExitError is a command that ended with another code than 0.
type ExitError struct {
	Command string
	Code    int
	Errors  string
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("run %q on the device: exit code %d: %q", clip(e.Command), e.Code, clip(strings.TrimSpace(e.Errors)))
}

// Run runs a command to its end and returns its output. An exit code other than 0 is an *ExitError, besides the output.
func (p *Phone) Run(ctx context.Context, command string) (string, error) {
	return p.run(ctx, command, command)
}

// RunSecret is Run for a command line that holds a secret: neither the output nor an error shows it.
func (p *Phone) RunSecret(ctx context.Context, command, secret string) (string, error) {
	hide := func(s string) string {
		if secret == "" {
			return s
		}
		return strings.ReplaceAll(s, secret, "SECRET")
	}
	out, err := p.run(ctx, hide(command), command)
	if e, ok := errors.AsType[*ExitError](err); ok {
		e.Errors = hide(e.Errors)
	}
	if e, ok := errors.AsType[*RefusedError](err); ok {
		e.Reason = hide(e.Reason)
	}
	return hide(out), err
}

func (p *Phone) run(ctx context.Context, label, command string) (string, error) {
	proc, err := p.Start(ctx, command)
	if err != nil {
		return "", err
	}
	defer proc.Close()
	out, err := io.ReadAll(io.LimitReader(proc, MaxOutput+1))
	if err != nil {
		return "", fmt.Errorf("run %q on the device: %w", clip(label), err)
	}
	if len(out) > MaxOutput {
		return "", fmt.Errorf("run %q on the device: more than %d bytes of output", clip(label), MaxOutput)
	}
	if proc.Exit() != 0 {
		return string(out), &ExitError{label, proc.Exit(), proc.Errors()}
	}
	return string(out), nil
}

// Exec runs a command and gives its output alone, byte by byte as the command writes it; what it complains of is mixed in and its exit code is
// lost (the exec service), so this is for reading files of devices older than Android 7.
func (p *Phone) Exec(ctx context.Context, command string) (io.ReadCloser, error) {
	return p.open(ctx, "exec:"+command)
}

// Quote makes one word of s for the device's shell.
func Quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
