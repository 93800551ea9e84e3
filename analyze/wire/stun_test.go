package wire

import (
	"errors"
	"io"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// stunResponse is the sample response of RFC 5769, section 2.2, for IPv4.
const stunResponse = `0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a64300080014
	2b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96`

// stunResponse6 is the one of section 2.3, for IPv6.
const stunResponse6 = `010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179
	bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c`

// stunMessage makes a message with attributes.
func stunMessage(typ uint16, attributes ...[]byte) []byte {
	n := 0
	for _, a := range attributes {
		n += len(a)
	}
	b := []byte{byte(typ >> 8), byte(typ), byte(n >> 8), byte(n), 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, a := range attributes {
		b = append(b, a...)
	}
	return b
}

func TestParseSTUN(t *testing.T) {
	m, err := ParseSTUN(unhex(t, stunResponse))
	if err != nil || m.Class != STUNSuccess || m.Method != STUNBinding || m.Mapped != netip.MustParseAddrPort("192.0.2.1:32853") || m.Software.Value != "test vector" || m.Len != 80 {
		t.Errorf("%+v, %v", m, err)
	}
	holds(t, unhex(t, stunResponse), m.Software)
	m, err = ParseSTUN(unhex(t, stunResponse6))
	if err != nil || m.Mapped != netip.MustParseAddrPort("[2001:db8:1234:5678:11:2233:4455:6677]:32853") {
		t.Errorf("%+v, %v", m, err)
	}
	cutEverywhere(t, unhex(t, stunResponse), func(b []byte) error {
		part, err := ParseSTUN(b)
		if part.Mapped.IsValid() && part.Mapped != netip.MustParseAddrPort("192.0.2.1:32853") {
			t.Fatalf("cut at %d: %v", len(b), part.Mapped)
		}
		return err
	})
}

func TestParseTURN(t *testing.T) {
	peer := []byte{0, 0x12, 0, 8, 0, 1, 0x21 ^ 0x12, 0x12 ^ 0x34, 0x21 ^ 192, 0x12, 0xa4 ^ 2, 0x42 ^ 7}
	relayed := append([]byte{0, 0x16, 0, 8}, peer[4:]...)
	realm := []byte("\x00\x14\x00\x05a.exa\x00\x00\x00")
	other := []byte{0x80, 0x23, 0, 8, 0, 1, 0x12, 0x34, 192, 0, 2, 9}
	m, err := ParseSTUN(stunMessage(0x0103, relayed, realm, other))
	want := STUN{
		Class: STUNSuccess, Method: TURNAllocate, Relayed: netip.MustParseAddrPort("192.0.2.7:4660"), Alternate: netip.MustParseAddrPort("192.0.2.9:4660"), Realm: Text{"a.exa", Span{36, 5}}, Len: 56,
	}
	if diff := cmp.Diff(want, m, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
	m, err = ParseSTUN(stunMessage(0x0016, peer, peer))
	if err != nil || m.Class != STUNIndication || m.Method != TURNSend || len(m.Peers) != 2 || m.Peers[1] != (Peer{netip.MustParseAddrPort("192.0.2.7:4660"), Span{36, 8}}) {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := ParseSTUN(stunMessage(0x0113)); err != nil || m.Class != STUNError || m.Method != TURNAllocate {
		t.Errorf("%+v, %v", m, err)
	}
	long := append([]byte{}, realm...)
	long[3] = 99
	if m, err := ParseSTUN(stunMessage(0x0103, relayed, long)); !errors.Is(err, ErrMalformed) || !m.Relayed.IsValid() {
		t.Errorf("an attribute past the end: %+v, %v", m, err)
	}
	short := append([]byte{}, relayed...)
	short[5] = 2 // an IPv6 address of four bytes
	if m, err := ParseSTUN(stunMessage(0x0103, short)); err != nil || m.Relayed.IsValid() {
		t.Errorf("half an address: %+v, %v", m, err)
	}
}

func TestParseClassicSTUN(t *testing.T) {
	request := append([]byte{0, 1, 0, 8}, make([]byte, 16)...)
	request = append(request, 0, 3, 0, 4, 0, 0, 0, 6) // CHANGE-REQUEST
	if m, err := ParseSTUN(request); err != nil || !m.Classic || m.Class != STUNRequest {
		t.Errorf("%+v, %v", m, err)
	}
	for _, i := range []int{0, 1, 3, 23} { // type, length, attribute's length
		twin := append([]byte{}, request...)
		twin[i] ^= 0x10
		if m, err := ParseSTUN(twin); !errors.Is(err, ErrOther) {
			t.Errorf("byte %d changed: %+v, %v", i, m, err)
		}
	}
	if _, err := ParseSTUN(append(request, 0)); !errors.Is(err, ErrOther) {
		t.Errorf("bytes behind it: %v", err)
	}
	for _, s := range []string{"\x40\x01", "\x80", "\xff\xff\xff\xff"} {
		if _, err := ParseSTUN([]byte(s)); !errors.Is(err, ErrOther) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestParseMicrosoftTURN(t *testing.T) {
	peer := "\x00\x12\x00\x08\x00\x01\x12\x34\xc0\x00\x02\x07"
	old := []byte("\x01\x15\x00\x14" + "0123456789abcdef" + microsoftCookie + peer)
	if m, err := ParseSTUN(old); err != nil || !m.Classic || m.Class != STUNIndication || m.Method != TURNData || len(m.Peers) != 1 || m.Peers[0].Addr != netip.MustParseAddrPort("192.0.2.7:4660") {
		t.Errorf("%+v, %v", m, err)
	}
	name := "\x00\x06\x00\x05aname" // not padded
	unpadded := stunMessage(0x0103, []byte(microsoftCookie), []byte(name), []byte(peer))
	if m, err := ParseSTUN(unpadded); err != nil || m.Classic || m.Len != len(unpadded) || len(m.Peers) != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	old[27]++ // the cookie
	if m, err := ParseSTUN(old); !errors.Is(err, ErrOther) {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := ParseSTUN(append(unpadded, 0)); !errors.Is(err, ErrOther) {
		t.Errorf("an odd length, and not the datagram's: %+v, %v", m, err)
	}
}

func TestParseChannelData(t *testing.T) {
	if channel, n, err := ParseChannelData([]byte("\x40\x01\x00\x05hello")); channel != 0x4001 || n != 5 || err != nil {
		t.Errorf("%#x, %d, %v", channel, n, err)
	}
	if _, _, err := ParseChannelData([]byte("\x50\x01\x00\x05")); !errors.Is(err, ErrOther) {
		t.Error(err)
	}
	if _, _, err := ParseChannelData([]byte("\x4f\xff")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzParseSTUN(f *testing.F) {
	f.Add(unhex(f, stunResponse), 30)
	f.Add(unhex(f, stunResponse6), 60)
	f.Add(append([]byte{0, 1, 0, 8}, make([]byte, 24)...), 20)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		whole, werr := ParseSTUN(b)
		part, perr := ParseSTUN(b[:at:at])
		if werr == nil && (whole.Len < 20 || whole.Len > len(b)) {
			t.Fatalf("%+v", whole)
		}
		holds(t, b, whole.Realm)
		holds(t, b, whole.Software)
		if errors.Is(perr, io.ErrUnexpectedEOF) && Need(perr) <= at {
			t.Fatalf("needs %d, has %d", Need(perr), at)
		}
		if len(part.Peers) > len(whole.Peers) && !part.Classic {
			t.Fatalf("part %+v, whole %+v", part, whole)
		}
		for i, p := range whole.Peers {
			if p.At.End() > len(b) || !p.Addr.IsValid() || !part.Classic && i < len(part.Peers) && part.Peers[i] != p {
				t.Fatalf("%+v", whole)
			}
		}
	})
}
