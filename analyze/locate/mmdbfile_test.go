package locate

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"testing"
)

// A testDB is written as a file in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), small and plain: 24-bit records, no pointers.
type testDB struct {
	kind        string
	description string
	version     uint16 // 4 or 6
	epoch       uint64
	rows        map[string]any // by prefix
}

// bytes writes the file.
func (d testDB) bytes(t testing.TB) []byte {
	t.Helper()
	var data bytes.Buffer
	type node [2]int // child nodes; -1 is nothing, below that a place in data
	nodes := []node{{-1, -1}}
	prefixes := make([]string, 0, len(d.rows))
	for prefix := range d.rows {
		prefixes = append(prefixes, prefix)
	}
	slices.Sort(prefixes)
	for _, text := range prefixes {
		prefix := netip.MustParsePrefix(text)
		bits, length := prefix.Addr().AsSlice(), prefix.Bits()
		if d.version == 6 && prefix.Addr().Is4() { // IPv4 lies under ::/96
			bits, length = append(make([]byte, 12), bits...), length+96
		}
		at := 0
		for i := range length {
			side := bits[i/8] >> (7 - i%8) & 1
			if i == length-1 {
				nodes[at][side] = -2 - data.Len()
				break
			}
			if nodes[at][side] == -1 {
				nodes = append(nodes, node{-1, -1})
				nodes[at][side] = len(nodes) - 1
			}
			at = nodes[at][side]
			if at < 0 {
				t.Fatalf("%s lies in another row", prefix)
			}
		}
		encode(t, &data, d.rows[text])
	}
	var file bytes.Buffer
	for _, n := range nodes {
		for _, child := range n {
			v := child
			switch {
			case child == -1:
				v = len(nodes)
			case child < -1:
				v = len(nodes) + 16 + -2 - child
			}
			file.Write([]byte{byte(v >> 16), byte(v >> 8), byte(v)})
		}
	}
	file.Write(make([]byte, 16))
	file.Write(data.Bytes())
	file.WriteString("\xab\xcd\xefMaxMind.com")
	meta := map[string]any{
		"node_count": uint32(len(nodes)), "record_size": uint16(24), "ip_version": d.version, "database_type": d.kind, "languages": []any{},
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0), "build_epoch": d.epoch,
		"description": map[string]any{"en": d.description},
	}
	encode(t, &file, meta)
	return file.Bytes()
}

// encode writes one value of the data section.
func encode(t testing.TB, b *bytes.Buffer, v any) {
	head := func(kind, size int) {
		extended := kind > 7
		first := kind << 5
		if extended {
			first = 0
		}
		long := size >= 29
		if long {
			first |= 29
		} else {
			first |= size
		}
		b.WriteByte(byte(first))
		if extended {
			b.WriteByte(byte(kind - 7))
		}
		if long {
			if size-29 > 255 {
				t.Fatalf("a value of %d bytes", size)
			}
			b.WriteByte(byte(size - 29))
		}
	}
	number := func(kind int, v uint64) {
		var all [8]byte
		binary.BigEndian.PutUint64(all[:], v)
		used := bytes.TrimLeft(all[:], "\x00")
		head(kind, len(used))
		b.Write(used)
	}
	switch v := v.(type) {
	case string:
		head(2, len(v))
		b.WriteString(v)
	case float64:
		head(3, 8)
		binary.Write(b, binary.BigEndian, math.Float64bits(v))
	case uint16:
		number(5, uint64(v))
	case uint32:
		number(6, uint64(v))
	case uint64:
		number(9, v)
	case bool:
		size := 0
		if v {
			size = 1
		}
		head(14, size)
	case []any:
		head(11, len(v))
		for _, e := range v {
			encode(t, b, e)
		}
	case map[string]any:
		head(7, len(v))
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			encode(t, b, key)
			encode(t, b, v[key])
		}
	default:
		t.Fatalf("cannot encode %T", v)
	}
}

func iso(code string) map[string]any { return map[string]any{"iso_code": code} }
