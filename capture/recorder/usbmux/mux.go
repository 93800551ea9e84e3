package usbmux

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"strings"
	"time"

	"howett.net/plist"
)

// Limits of what is read.
const (
	MaxMessage = 1 << 20 // bytes of one property list
	MaxDevices = 64
)

// dialTimeout bounds the wait for usbmuxd; what follows is bounded by the caller's context.
const dialTimeout = 5 * time.Second

// A Mux is where usbmuxd listens.
type Mux struct{ Network, Address string }

// FromEnvironment finds usbmuxd as libusbmuxd does: USBMUXD_SOCKET_ADDRESS ("UNIX:PATH", in any case and also with "//", or "HOST:PORT"), else
// /var/run/usbmuxd.
func FromEnvironment(getenv func(string) string) Mux {
	spec := getenv("USBMUXD_SOCKET_ADDRESS")
	if spec == "" {
		return Mux{"unix", "/var/run/usbmuxd"}
	}
	if len(spec) > 5 && strings.EqualFold(spec[:5], "unix:") {
		return Mux{"unix", strings.TrimPrefix(spec[5:], "//")}
	}
	if strings.HasPrefix(spec, "/") {
		return Mux{"unix", spec}
	}
	return Mux{"tcp", spec}
}

// A Device is one that usbmuxd knows.
type Device struct {
	ID         int
	UDID       string // names the device for good; as it says itself
	Connection string // "USB" or "Network"
}

// A ResultError is usbmuxd's refusal.
type ResultError struct {
	Request string
	Number  int
}

func (e *ResultError) Error() string {
	words := map[int]string{1: "bad command", 2: "no such device, or it is not paired", 3: "the device refuses the connection", 6: "bad version"}[e.Number]
	if words == "" {
		words = "unknown"
	}
	return fmt.Sprintf("ask usbmuxd for %s: result %d: %s", e.Request, e.Number, words)
}

// ErrNoDevice says that no device is connected.
var ErrNoDevice = errors.New("no iPhone or iPad is connected")

// ErrUnpaired says that usbmuxd keeps no pairing with a device.
var ErrUnpaired = errors.New("the device is not paired with this computer")

// dial connects to usbmuxd. The connection ends when ctx does.
func (m Mux) dial(ctx context.Context) (*conn, error) {
	d := net.Dialer{Timeout: dialTimeout}
	c, err := d.DialContext(ctx, m.Network, m.Address)
	if err != nil {
		return nil, fmt.Errorf("connect to usbmuxd: %w", err)
	}
	return &conn{c, context.AfterFunc(ctx, func() { c.Close() })}, nil
}

// conn is a connection that ends when its context does.
type conn struct {
	net.Conn
	release func() bool
}

func (c *conn) Close() error {
	c.release()
	return c.Conn.Close()
}

// muxAnswer is what usbmuxd says; which members are there depends on the request.
type muxAnswer struct {
	MessageType    string
	Number         int
	DeviceList     []muxDevice
	PairRecordData []byte
}

type muxDevice struct {
	DeviceID   int
	Properties struct {
		SerialNumber   string
		ConnectionType string
	}
}

// ask makes a request on c and reads the answer.
func (m Mux) ask(c net.Conn, request string, more map[string]any) (*muxAnswer, error) {
	message := map[string]any{"MessageType": request, "ProgName": "abroad", "ClientVersionString": "abroad", "kLibUSBMuxVersion": 3}
	for k, v := range more {
		message[k] = v
	}
	body, err := plist.Marshal(message, plist.XMLFormat)
	if err != nil {
		return nil, fmt.Errorf("ask usbmuxd for %s: %w", request, err)
	}
	var head []byte
	for _, word := range [...]uint32{uint32(16 + len(body)), 1, 8, 1} {
		head = binary.LittleEndian.AppendUint32(head, word)
	}
	if _, err := c.Write(append(head, body...)); err != nil {
		return nil, fmt.Errorf("ask usbmuxd for %s: %w", request, err)
	}
	var got [16]byte
	if _, err := io.ReadFull(c, got[:]); err != nil {
		return nil, fmt.Errorf("ask usbmuxd for %s: %w", request, noEOF(err))
	}
	n := binary.LittleEndian.Uint32(got[:])
	if n < 16 || n > MaxMessage || binary.LittleEndian.Uint32(got[8:]) != 8 {
		return nil, fmt.Errorf("ask usbmuxd for %s: a message of type %d and %d bytes", request, binary.LittleEndian.Uint32(got[8:]), n)
	}
	b := make([]byte, n-16)
	if _, err := io.ReadFull(c, b); err != nil {
		return nil, fmt.Errorf("ask usbmuxd for %s: %w", request, noEOF(err))
	}
	var answer muxAnswer
	if err := decode(b, &answer); err != nil {
		return nil, fmt.Errorf("ask usbmuxd for %s: %w", request, err)
	}
	if answer.Number != 0 {
		return nil, &ResultError{request, answer.Number}
	}
	return &answer, nil
}

// listTimeout bounds the wait for the list of devices, which usbmuxd has at hand: something else may listen at its address.
const listTimeout = 10 * time.Second

// Devices lists what is connected, devices by cable first.
func (m Mux) Devices(ctx context.Context) ([]Device, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return nil, err
	}
	return m.list(c)
}

func (m Mux) list(c *conn) ([]Device, error) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(listTimeout))
	answer, err := m.ask(c, "ListDevices", nil)
	if err != nil {
		return nil, err
	}
	var cable, other []Device
	for _, d := range answer.DeviceList[:min(len(answer.DeviceList), MaxDevices)] {
		one := Device{d.DeviceID, d.Properties.SerialNumber, d.Properties.ConnectionType}
		if one.Connection == "USB" {
			cable = append(cable, one)
		} else {
			other = append(other, one)
		}
	}
	return append(cable, other...), nil
}

// Find returns the device with that UDID, by cable if it is there twice, or the only one if udid is empty.
func Find(list []Device, udid string) (Device, error) {
	var found []Device
	for _, d := range list {
		known := false
		for _, f := range found {
			known = known || f.UDID == d.UDID
		}
		if !known && (udid == "" || d.UDID == udid) {
			found = append(found, d)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Device{}, fmt.Errorf("find device: %d are connected, name one, as %q", len(found), found[0].UDID)
	case udid != "":
		return Device{}, fmt.Errorf("find device %q: it is not connected", udid)
	}
	return Device{}, ErrNoDevice
}

// connect opens a connection to a port of the device.
func (m Mux) connect(ctx context.Context, d Device, port int) (*conn, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return nil, err
	}
	// The port goes in network byte order inside a number of the host's.
	if _, err := m.ask(c, "Connect", map[string]any{"DeviceID": d.ID, "PortNumber": bits.ReverseBytes16(uint16(port))}); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// A pairRecord is what usbmuxd keeps of a pairing. The key in it opens the device: it is never written or shown.
type pairRecord struct {
	HostID            string
	SystemBUID        string
	HostCertificate   []byte // PEM
	HostPrivateKey    []byte // PEM
	DeviceCertificate []byte // PEM
}

func (m Mux) pairRecord(ctx context.Context, udid string) (*pairRecord, error) {
	c, err := m.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	answer, err := m.ask(c, "ReadPairRecord", map[string]any{"PairRecordID": udid})
	if _, refused := errors.AsType[*ResultError](err); refused {
		return nil, ErrUnpaired
	}
	if err != nil {
		return nil, err
	}
	var r pairRecord
	if err := decode(answer.PairRecordData, &r); err != nil {
		return nil, fmt.Errorf("read pair record: %w", err)
	}
	if r.HostID == "" || len(r.HostCertificate) == 0 || len(r.HostPrivateKey) == 0 {
		return nil, ErrUnpaired
	}
	return &r, nil
}

// decode reads a property list from a stranger.
func decode(b []byte, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read property list: %v", p)
		}
	}()
	if _, err := plist.Unmarshal(b, v); err != nil {
		return fmt.Errorf("read property list: %w", err)
	}
	return nil
}

// noEOF turns an end in the middle of something into what it is.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
