package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A clock is the fiction's time of a session, as an offset from its start. The driver sets it; taps stamp what happens with it.
type clock struct {
	mu      sync.Mutex
	now     time.Duration
	touched time.Time // real time of the last event anywhere in the session
}

func (c *clock) set(t time.Duration) {
	c.mu.Lock()
	c.now, c.touched = t, time.Now()
	c.mu.Unlock()
}

func (c *clock) stamp() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.touched = time.Now()
	return c.now
}

// settle waits until nothing happened for the given (real) time, so that late bytes are not stamped with the next step's time.
func (c *clock) settle(quiet time.Duration) {
	for {
		c.mu.Lock()
		rest := quiet - time.Since(c.touched)
		c.mu.Unlock()
		if rest <= 0 {
			return
		}
		time.Sleep(rest)
	}
}

// An event is something that crossed the device's side of a connection: bytes, or the end of one direction.
type event struct {
	up        bool
	data      []byte        // of UDP: one datagram
	end       bool          // no more bytes this way
	notBefore time.Duration // the fiction's time when it happened, as far as the driver set it
}

// A tape keeps the events of one connection in the order in which the device's side saw them.
type tape struct {
	clock  *clock
	mu     sync.Mutex
	events []event
	ended  [2]bool
	sent   time.Time // real time of the last event that went up
}

// hold waits until the device has sent nothing for a moment: on loopback an answer can overtake the rest of what it answers.
func (t *tape) hold() {
	const moment = 2 * time.Millisecond
	for {
		t.mu.Lock()
		rest := moment - time.Since(t.sent)
		t.mu.Unlock()
		if rest <= 0 {
			return
		}
		time.Sleep(rest)
	}
}

func (t *tape) add(up bool, data []byte) {
	at := t.clock.stamp()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event{up: up, data: append([]byte(nil), data...), notBefore: at})
	if up {
		t.sent = time.Now()
	}
}

func (t *tape) end(up bool) {
	at := t.clock.stamp()
	t.mu.Lock()
	defer t.mu.Unlock()
	i := 0
	if up {
		i = 1
	}
	if !t.ended[i] {
		t.ended[i] = true
		t.events = append(t.events, event{up: up, end: true, notBefore: at})
	}
}

func (t *tape) list() []event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]event(nil), t.events...)
}

// A tapConn writes down what crosses a stream connection. Bytes going up are noted before they are sent, so that no answer precedes them.
type tapConn struct {
	net.Conn
	tape *tape
}

func (c *tapConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.tape.hold()
		c.tape.add(false, b[:n])
	}
	if errors.Is(err, io.EOF) {
		c.tape.end(false)
	}
	return n, err
}

func (c *tapConn) Write(b []byte) (int, error) {
	c.tape.add(true, b)
	return c.Conn.Write(b)
}

func (c *tapConn) Close() error {
	c.tape.end(true)
	return c.Conn.Close()
}

// A tapPackets writes down the datagrams of an unconnected socket (quic-go's).
type tapPackets struct {
	net.PacketConn
	tape *tape
}

func (c *tapPackets) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err == nil {
		c.tape.hold()
		c.tape.add(false, b[:n])
	}
	return n, from, err
}

func (c *tapPackets) WriteTo(b []byte, to net.Addr) (int, error) {
	c.tape.add(true, b)
	return c.PacketConn.WriteTo(b, to)
}

// A tapDatagrams writes down the datagrams of a connected socket.
type tapDatagrams struct {
	*net.UDPConn
	tape *tape
}

func (c *tapDatagrams) Read(b []byte) (int, error) {
	n, err := c.UDPConn.Read(b)
	if err == nil {
		c.tape.hold()
		c.tape.add(false, b[:n])
	}
	return n, err
}

func (c *tapDatagrams) Write(b []byte) (int, error) {
	c.tape.add(true, b)
	return c.UDPConn.Write(b)
}
