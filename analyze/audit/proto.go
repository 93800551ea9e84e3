package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// A Proto is an IP protocol number (IANA "Assigned Internet Protocol Numbers"); as text "tcp", "udp", "icmp", "icmpv6", "sctp" or "ip-N".
type Proto uint8

// The protocols with names.
const (
	ICMP   Proto = 1
	TCP    Proto = 6
	UDP    Proto = 17
	ICMPv6 Proto = 58
	SCTP   Proto = 132
)

var protoNames = map[Proto]string{ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPv6: "icmpv6", SCTP: "sctp"}

// String returns the protocol's name, or "ip-N".
func (p Proto) String() string {
	if name, ok := protoNames[p]; ok {
		return name
	}
	return "ip-" + strconv.Itoa(int(p))
}

// MarshalText implements encoding.TextMarshaler.
func (p Proto) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Proto) UnmarshalText(text []byte) error {
	for number, name := range protoNames {
		if name == string(text) {
			*p = number
			return nil
		}
	}
	if digits, ok := strings.CutPrefix(string(text), "ip-"); ok {
		if n, err := strconv.ParseUint(digits, 10, 8); err == nil {
			*p = Proto(n)
			return nil
		}
	}
	return fmt.Errorf("protocol %q: want tcp, udp or ip-N", text)
}
