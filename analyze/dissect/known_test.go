package dissect

import (
	"encoding/binary"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

func stunMessage(typ uint16, attributes string) string {
	b := binary.BigEndian.AppendUint16(nil, typ)
	b = binary.BigEndian.AppendUint16(b, uint16(len(attributes)))
	return string(b) + "\x21\x12\xa4\x42transaction!" + attributes[:]
}

func TestSTUN(t *testing.T) {
	ask, answer := stunMessage(0x0001, ""), stunMessage(0x0101, "\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\xba\xa5\x43")
	r := play{proto: audit.UDP, port: 19302, packets: []packet{up(ask), down(answer), up(ask), down(answer)}}.run(t)
	r.want(t, "stun", 0, "protocol stun")
	// DTLS behind it, then media.
	packets := []packet{up(ask), down(answer)}
	for _, d := range dtlsHello(t, "media.example", 5000) {
		packets = append(packets, up(d))
	}
	r = play{proto: audit.UDP, port: 50000, packets: packets}.run(t)
	r.want(t, "dtls", 0, "protocol stun", "sni media.example")
	packets = packets[:2]
	for range 1000 {
		packets = append(packets, up("\x80\x60media"), down("\x80\x60media"))
	}
	r = play{proto: audit.UDP, port: 50000, packets: packets}.run(t)
	r.want(t, "stun", 0, "protocol stun")
	if r.steps > 20 {
		t.Errorf("asked %d times about media", r.steps)
	}
	// A Classic message is one of exact length only.
	play{proto: audit.UDP, port: 50000, packets: []packet{up("\x00\x01\x00\x08junkjunkjunkjunkjunkjunkjunk")}}.run(t).want(t, "", 0)
}

func TestTURN(t *testing.T) {
	peer := "\x00\x12\x00\x08\x00\x01\xa1\x47\xe1\xba\xa5\x43" // 192.0.1... hidden by the cookie
	relayed := "\x00\x16\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x41"
	for _, proto := range []audit.Proto{audit.UDP, audit.TCP} {
		packets := []packet{
			up(stunMessage(0x0003, "\x00\x19\x00\x04\x11\x00\x00\x00")), down(stunMessage(0x0103, relayed)),
			up(stunMessage(0x0008, peer)), down(stunMessage(0x0108, "")),
			up(stunMessage(0x0016, peer+"\x00\x13\x00\x04data")), down(stunMessage(0x0017, peer+"\x00\x13\x00\x04data")),
		}
		r := play{proto: proto, port: 3478, packets: packets}.run(t)
		r.want(t, "turn", 0, "protocol turn", "protocol turn", "relay 192.0.2.3:32853", "relay 192.168.1.1:32853")
	}
}

func TestKnown(t *testing.T) {
	ntpPacket := "\x23\x00\x06\xec" + strings.Repeat("\x00", 36) + "\xe9\x00\x00\x00\x00\x00\x00\x01"
	bootp := make([]byte, 240)
	copy(bootp, "\x01\x01\x06\x00")
	copy(bootp[236:], "\x63\x82\x53\x63")
	for _, c := range []struct {
		name  string
		proto audit.Proto
		port  uint16
		data  string
		flags audit.Flags
		off   int // a byte that makes it something else when it is changed
	}{
		{"ntp", audit.UDP, 123, ntpPacket, 0, 1},
		{"dhcp", audit.UDP, 67, string(bootp), 0, 236},
		{"dhcpv6", audit.UDP, 547, "\x01\x12\x34\x56\x00\x08\x00\x02\x00\x00", 0, 0},
		{"nbns", audit.UDP, 137, "\x12\x34\x01\x10\x00\x01\x00\x00\x00\x00\x00\x00 " + strings.Repeat("CA", 16) + "\x00\x00\x20\x00\x01", 0, 12},
		{"wireguard", audit.UDP, 51820, "\x01\x00\x00\x00" + strings.Repeat("k", 144), 0, 1},
		{"ssh", audit.TCP, 22, "SSH-2.0-OpenSSH_9.6\r\n", 0, 2},
		{"bittorrent", audit.TCP, 6881, "\x13BitTorrent protocol" + strings.Repeat("\x00", 48), 0, 3},
		{"mqtt", audit.TCP, 1883, "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02id", audit.Plaintext, 5},
		{"rtsp", audit.TCP, 554, "OPTIONS rtsp://192.0.2.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n", audit.Plaintext, 28},
		{"sip", audit.UDP, 5060, "REGISTER sip:example.com SIP/2.0\r\n\r\n", audit.Plaintext, 26},
		{"sip", audit.TCP, 5060, "SIP/2.0 200 OK\r\n\r\n", audit.Plaintext, 4},
	} {
		play{proto: c.proto, port: c.port, packets: []packet{up(c.data)}}.run(t).want(t, c.name, c.flags, "protocol "+c.name)
		play{proto: c.proto, port: c.port, packets: []packet{down(c.data)}}.run(t).want(t, c.name, c.flags, "protocol "+c.name)
		if c.proto == audit.TCP {
			play{proto: c.proto, port: c.port, packets: split([]packet{up(c.data)}, 1)}.run(t).want(t, c.name, c.flags, "protocol "+c.name)
		}
		twin := []byte(c.data)
		twin[c.off] ^= 0x78
		play{proto: c.proto, port: c.port, packets: []packet{up(string(twin))}}.run(t).want(t, "", 0)
	}
}

func TestSSDP(t *testing.T) {
	ask := "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n\r\n"
	play{proto: audit.UDP, port: 1900, packets: []packet{up(ask)}}.run(t).want(t, "ssdp", 0, "protocol ssdp", "http-host 239.255.255.250")
	play{proto: audit.UDP, port: 1900, packets: []packet{up(ask[1:])}}.run(t).want(t, "", 0)
}
