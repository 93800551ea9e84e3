package locate

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"abroad/analyze/dataset"
)

// ladder is a database of 128 nodes, both records of each of which lead to the next one: 2^128 prefixes. With data, they lead to a row.
func ladder(data bool) []byte {
	const nodes = 128
	var b bytes.Buffer
	text := func(s string) { b.WriteByte(0x40 | byte(len(s))); b.WriteString(s) }
	for i := range nodes {
		next := uint32(i + 1)
		if data && i == nodes-1 {
			next = nodes + 16
		}
		for range 2 {
			b.Write(binary.BigEndian.AppendUint32(nil, next)[1:])
		}
	}
	b.Write(make([]byte, 16))
	b.WriteByte(0xe1)
	text("country")
	b.WriteByte(0xe1)
	text("iso_code")
	text("DE")
	b.WriteString("\xab\xcd\xefMaxMind.com")
	b.WriteByte(0xe7)
	for _, n := range []struct {
		key   string
		value int
	}{{"node_count", nodes}, {"record_size", 24}, {"ip_version", 6}, {"binary_format_major_version", 2}, {"binary_format_minor_version", 0}, {"build_epoch", 1}} {
		text(n.key)
		b.WriteByte(0xa1)
		b.WriteByte(byte(n.value))
	}
	text("database_type")
	text("Country")
	return b.Bytes()
}

// A tree whose nodes are used more than once has prefixes without end, with rows and without.
func TestInspectLadder(t *testing.T) {
	for _, data := range []bool{true, false} {
		db := ladder(data)
		list, _ := Inspect(&dataset.Dataset{Kind: dataset.Databases, Format: formatMMDB}, db)
		if len(list) == 0 || data && !strings.Contains(list[len(list)-1].Says, "128 nodes lead to more than 258 prefixes") {
			t.Errorf("with data %v: %+v", data, list)
		}
	}
}
