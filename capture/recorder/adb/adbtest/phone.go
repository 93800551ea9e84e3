package adbtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Phone is the device. Shell runs a command line until it ends or ctx does, which is when its connection closes or the phone is unplugged.
type Phone struct {
	Shell func(ctx context.Context, line string, stdin io.Reader, stdout, stderr io.Writer) (exit int)
	Model string // of the greeting; letters, digits and "_"

	mu      sync.Mutex
	conn    net.Conn // the transport; nil while it is unplugged
	sending sync.Mutex
	streams map[uint32]*stream
	next    uint32
	tunnels map[string]string // device socket -> host socket
	waiting map[uint32]chan uint32
	reset   bool // unplugged: refuse what connects
}

// serve speaks the transport protocol on one connection.
func (p *Phone) serve(c net.Conn) error {
	defer c.Close()
	hello, err := readMessage(c)
	if err != nil || hello.command != cmdCNXN {
		return fmt.Errorf("no greeting: %w", err)
	}
	p.mu.Lock()
	if p.reset {
		p.mu.Unlock()
		return nil
	}
	p.conn, p.streams, p.tunnels, p.waiting = c, map[uint32]*stream{}, map[string]string{}, map[uint32]chan uint32{}
	p.mu.Unlock()
	banner := fmt.Sprintf("device::ro.product.name=practice;ro.product.model=%s;ro.product.device=practice;features=shell_v2,cmd", p.Model)
	if err := p.send(message{cmdCNXN, protocolVersion, maxPayload, []byte(banner)}); err != nil {
		return err
	}
	defer p.drop(c)
	for {
		m, err := readMessage(c)
		if err != nil {
			return err
		}
		p.handle(m)
	}
}

// drop ends everything that ran over the transport.
func (p *Phone) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != c {
		return
	}
	for _, s := range p.streams {
		s.end()
	}
	for _, w := range p.waiting {
		close(w)
	}
	p.conn, p.streams, p.waiting = nil, nil, nil
}

func (p *Phone) send(m message) error {
	p.mu.Lock()
	c := p.conn
	p.mu.Unlock()
	if c == nil {
		return errors.New("the phone is unplugged")
	}
	p.sending.Lock()
	defer p.sending.Unlock()
	return writeMessage(c, m)
}

func (p *Phone) stream(local uint32) *stream {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.streams[local]
}

func (p *Phone) forget(local uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, local)
}

func (p *Phone) handle(m message) {
	switch m.command {
	case cmdOPEN:
		p.mu.Lock()
		p.next++
		id := p.next
		s := p.newStream(id, m.arg0)
		p.streams[id] = s
		p.mu.Unlock()
		go p.service(s, strings.TrimRight(string(m.data), "\x00"))
	case cmdOKAY:
		p.mu.Lock()
		waiting := p.waiting[m.arg1]
		delete(p.waiting, m.arg1)
		s := p.streams[m.arg1]
		p.mu.Unlock()
		if waiting != nil {
			waiting <- m.arg0
		} else if s != nil {
			select {
			case s.granted <- struct{}{}:
			default:
			}
		}
	case cmdWRTE:
		if s := p.stream(m.arg1); s != nil {
			select {
			case s.feed <- m.data:
			case <-s.over:
			}
		}
	case cmdCLSE:
		p.mu.Lock()
		if w := p.waiting[m.arg1]; w != nil {
			close(w)
			delete(p.waiting, m.arg1)
		}
		p.mu.Unlock()
		if s := p.stream(m.arg1); s != nil {
			p.forget(m.arg1)
			s.end()
		}
	}
}

// service answers an OPEN.
func (p *Phone) service(s *stream, name string) {
	defer s.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { <-s.over; cancel() }()
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case "shell,v2,raw":
		p.send(message{cmdOKAY, s.local, s.remote, nil})
		exit := p.Shell(ctx, rest, input(s), framed{s, 1}, framed{s, 2})
		framed{s, 3}.Write([]byte{byte(exit)})
	case "exec":
		p.send(message{cmdOKAY, s.local, s.remote, nil})
		p.Shell(ctx, rest, s, s, s)
	case "reverse":
		p.send(message{cmdOKAY, s.local, s.remote, nil})
		io.WriteString(s, p.reverse(rest))
	}
}

// input takes a command's input out of its frames. It ends with a frame that says so, or with the connection.
func input(s *stream) io.Reader {
	r, w := io.Pipe()
	go func() {
		defer w.Close()
		var head [5]byte
		for {
			if _, err := io.ReadFull(s, head[:]); err != nil || head[0] == 4 {
				return
			}
			if _, err := io.CopyN(w, s, int64(binary.LittleEndian.Uint32(head[1:]))); err != nil {
				return
			}
		}
	}()
	return r
}

// framed writes frames of the shell protocol.
type framed struct {
	s    *stream
	kind byte
}

func (f framed) Write(b []byte) (int, error) {
	head := binary.LittleEndian.AppendUint32([]byte{f.kind}, uint32(len(b)))
	if _, err := f.s.Write(append(head, b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}

// reverse answers as adbd does: OKAY, for port 0 the chosen one; or FAIL and why.
func (p *Phone) reverse(req string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := func(s string) string { return fmt.Sprintf("%04x%s", len(s), s) }
	switch verb, rest, _ := strings.Cut(req, ":"); verb {
	case "list-forward":
		list := ""
		for _, d := range p.tunnelNames() {
			list += "host-1 " + d + " " + p.tunnels[d] + "\n"
		}
		return text(list)
	case "forward":
		norebind := strings.HasPrefix(rest, "norebind:")
		device, host, ok := strings.Cut(strings.TrimPrefix(rest, "norebind:"), ";")
		if !ok {
			return "FAIL" + text("bad forward: "+rest)
		}
		if _, taken := p.tunnels[device]; taken && norebind {
			return "FAIL" + text("cannot rebind existing socket")
		}
		if device == "tcp:0" {
			port := 30000 + len(p.tunnels)
			p.tunnels["tcp:"+strconv.Itoa(port)] = host
			return "OKAY" + text(strconv.Itoa(port))
		}
		p.tunnels[device] = host
		return "OKAY"
	case "killforward":
		if _, ok := p.tunnels[rest]; !ok {
			return "FAIL" + text(fmt.Sprintf("listener '%s' not found", rest))
		}
		delete(p.tunnels, rest)
		return "OKAY"
	}
	return "FAIL" + text("unknown reverse service")
}

func (p *Phone) tunnelNames() (names []string) {
	for d := range p.tunnels {
		names = append(names, d)
	}
	slices.Sort(names)
	return names
}

// Tunnels lists the sockets of the device that lead to the host.
func (p *Phone) Tunnels() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tunnelNames()
}

// Dial connects from the device to one of its own sockets, "tcp:16000", which must be a tunnel.
func (p *Phone) Dial(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	p.mu.Lock()
	host, ok := p.tunnels[socket]
	if !ok || p.conn == nil {
		p.mu.Unlock()
		return nil, fmt.Errorf("connect to %s: connection refused", socket)
	}
	p.next++
	id, answer := p.next, make(chan uint32, 1)
	s := p.newStream(id, 0)
	p.streams[id], p.waiting[id] = s, answer
	p.mu.Unlock()
	if err := p.send(message{cmdOPEN, id, 0, append([]byte(host), 0)}); err != nil {
		return nil, err
	}
	select {
	case remote, ok := <-answer:
		if !ok {
			return nil, fmt.Errorf("connect to %s: the host refuses", socket)
		}
		s.remote = remote
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Plug lets the server connect again after Unplug (adb.Server.Connect).
func (p *Phone) Plug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reset = false
}

// Unplug ends the transport in the middle of whatever happens, and refuses another one.
func (p *Phone) Unplug() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reset = true
	if p.conn != nil {
		p.conn.Close()
	}
}
