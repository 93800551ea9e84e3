package adbtest

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The commands of adb's transport protocol.
const (
	cmdCNXN = 0x4e584e43
	cmdOPEN = 0x4e45504f
	cmdOKAY = 0x59414b4f
	cmdCLSE = 0x45534c43
	cmdWRTE = 0x45545257
)

// The version and the largest message that the device announces.
const (
	protocolVersion = 0x01000001
	maxPayload      = 256 << 10
)

// A message is one of the transport's: six little-endian words and data.
type message struct {
	command, arg0, arg1 uint32
	data                []byte
}

func readMessage(r io.Reader) (m message, err error) {
	var head [24]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return m, err
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(head[4*i:]) }
	m = message{word(0), word(1), word(2), nil}
	if word(5) != ^m.command || word(3) > maxPayload {
		return m, fmt.Errorf("a message of command %#x, magic %#x and %d bytes", m.command, word(5), word(3))
	}
	m.data = make([]byte, word(3))
	_, err = io.ReadFull(r, m.data)
	return m, err
}

func writeMessage(w io.Writer, m message) error {
	sum := uint32(0)
	for _, c := range m.data {
		sum += uint32(c)
	}
	var b []byte
	for _, word := range [...]uint32{m.command, m.arg0, m.arg1, uint32(len(m.data)), sum, ^m.command} {
		b = binary.LittleEndian.AppendUint32(b, word)
	}
	_, err := w.Write(append(b, m.data...))
	return err
}
