package reports

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// exact are members that hold no address even where they look like one.
var exact = []string{"version", "version_code", "schema", "sha256", "root", "signed", "signer", "app_ids"}

// references are members that hold ids.
var references = []string{"id", "flow", "endpoint", "endpoints", "because", "claim", "applies", "hosts", "host"}

// learn gathers what belongs to the device and its network.
func (c *copying) learn(a *audit.Audit) {
	c.device, c.nets, c.names = map[string]bool{}, map[string]bool{}, map[string]bool{}
	note := func(addr netip.Addr) {
		addr = addr.Unmap()
		if !addr.IsValid() || addr.IsLoopback() || addr.IsMulticast() || addr.IsUnspecified() {
			return
		}
		c.device[addr.WithZone("").String()] = true
		if addr.Is6() && !addr.IsLinkLocalUnicast() {
			net, _ := addr.WithZone("").Prefix(64)
			c.nets[net.String()] = true
		}
	}
	for i := range a.Recordings {
		for _, addr := range a.Recordings[i].Device.Addresses {
			note(addr)
		}
	}
	for _, f := range a.Flows {
		if f.Device {
			note(f.A.Addr())
		}
		e := at(a.Endpoints, c.ids[f.Endpoint], audit.KindEndpoint) // the list has its new places, the flow its old number
		if e != nil && home(e.Class) {
			for i := range f.Names {
				c.names[strings.ToLower(f.Names[i].Name)] = true
			}
		}
	}
	for i := range a.Observations {
		o := &a.Observations[i]
		if o.Kind != audit.SeenQuery || o.By != "llmnr" && o.By != "mdns" {
			continue
		}
		name, _, _ := strings.Cut(o.Value, " ") // of one label: no suffix tells that it is of the network
		if !strings.Contains(name, ".") && len(name) > 2 {
			c.names[strings.ToLower(name)] = true
		}
	}
	if addr, err := netip.ParseAddr(a.Options.Device); err == nil {
		note(addr)
	}
}

// home reports whether addresses of this class are those of the device's own network.
func home(class audit.Class) bool {
	return class == audit.ClassPrivate || class == audit.ClassLinkLocal || class == audit.ClassCGNAT
}

// local reports whether an address would tell about the device or its network.
func (c *copying) local(addr netip.Addr) bool {
	addr = addr.Unmap()
	bare := addr.WithZone("")
	if c.device[bare.String()] || addr.IsPrivate() || addr.IsLinkLocalUnicast() || carrier.Contains(bare) {
		return true
	}
	if bare.Is6() {
		net, _ := bare.Prefix(64)
		return c.nets[net.String()]
	}
	return false
}

var carrier = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598

// walk changes a decoded document: ids get their new numbers, what they named and is gone is dropped, text loses what is private.
func (c *copying) walk(member string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = c.walk(k, x)
			if s, ok := v[k].(string); ok && s == "" && slices.Contains(references, k) {
				delete(v, k)
			}
		}
		return v
	case []any:
		list := make([]any, 0, len(v))
		for _, x := range v {
			x = c.walk(member, x)
			if s, ok := x.(string); ok && s == "" && slices.Contains(references, member) {
				continue
			}
			if m, ok := x.(map[string]any); ok && member == "rejected" && m["claim"] == nil {
				continue
			}
			list = append(list, x)
		}
		return list
	case string:
		if slices.Contains(references, member) {
			if id, err := audit.ParseID(v); err == nil {
				if to, known := c.ids[id]; known {
					return to.String()
				}
				return v
			}
		}
		if slices.Contains(exact, member) {
			return v
		}
		return c.redact(v)
	}
	return v
}

// redact replaces every word that is an address of the device or its network, a hardware address, or a name of that network.
func (c *copying) redact(s string) string {
	var b strings.Builder
	for s != "" {
		n := 0
		for n < len(s) && wordByte(s[n]) {
			n++
		}
		if n == 0 {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		word, rest := s[:n], s[n:]
		b.WriteString(c.word(word, rest))
		s = rest
	}
	return b.String()
}

func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80 || strings.IndexByte(".:-_%[]", b) >= 0
}

// word returns what stands for a word. A comma, a full stop or a colon may end a sentence behind it; a prefix so short that everybody has it
// ("10.0.0.0/8") stays.
func (c *copying) word(word, rest string) string {
	bare := strings.TrimRight(word, ".:-")
	tail := word[len(bare):]
	if addr, err := netip.ParseAddr(bare); err == nil {
		if !c.local(addr) || wellKnown(addr, rest) {
			return word
		}
		return c.address(addr).String() + tail
	}
	if addr, err := netip.ParseAddr(word); err == nil { // "fe80::"
		if !c.local(addr) || wellKnown(addr, rest) {
			return word
		}
		return c.address(addr).String()
	}
	if pair, err := netip.ParseAddrPort(bare); err == nil {
		if !c.local(pair.Addr()) {
			return word
		}
		return netip.AddrPortFrom(c.address(pair.Addr()), pair.Port()).String() + tail
	}
	if mac, err := net.ParseMAC(bare); err == nil && len(mac) == 6 {
		if mac[0]&1 == 1 {
			return word // to a group of all
		}
		return c.hardware(mac.String()) + tail
	}
	lower := strings.ToLower(bare)
	if c.names[lower] || ofHome(lower) || c.reversed(lower) {
		return c.hostName(lower) + tail
	}
	return word
}

// wellKnown reports whether what follows makes a network of an address that everybody has.
func wellKnown(addr netip.Addr, rest string) bool {
	bits, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return false
	}
	n := 0
	for i := 0; i < len(bits) && bits[i] >= '0' && bits[i] <= '9' && n < 1000; i++ {
		n = 10*n + int(bits[i]-'0')
	}
	return n > 0 && n <= 16 && netip.PrefixFrom(addr, n).Masked().Addr() == addr
}

// ofHome reports whether a name is one that only a home network gives.
func ofHome(name string) bool {
	for _, suffix := range []string{".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa", ".fritz.box"} {
		if strings.HasSuffix(name, suffix) && !strings.HasPrefix(name, "_") {
			return true
		}
	}
	return false
}

// reversed reports whether a name asks for the name of an address of the device's network; names of IPv6 addresses all count.
func (c *copying) reversed(name string) bool {
	if strings.HasSuffix(name, ".ip6.arpa") {
		return true
	}
	parts, ok := strings.CutSuffix(name, ".in-addr.arpa")
	if !ok {
		return false
	}
	labels := strings.Split(parts, ".")
	slices.Reverse(labels)
	for len(labels) < 4 {
		labels = append(labels, "0")
	}
	addr, err := netip.ParseAddr(strings.Join(labels, "."))
	return err == nil && c.local(addr)
}

// sum is the keyed hash of what a word was.
func (c *copying) sum(kind, what string) []byte {
	h := hmac.New(sha256.New, c.Key)
	h.Write([]byte(kind + "\x00" + what))
	return h.Sum(nil)
}

// address is a unique local address (RFC 4193) made of the keyed hash: what it stands for has no place in a routing table either.
func (c *copying) address(addr netip.Addr) netip.Addr {
	what := addr.Unmap().WithZone("").String()
	c.count(outAddress, what)
	var b [16]byte
	copy(b[:], c.sum("address", what))
	b[0] = 0xfd
	return netip.AddrFrom16(b)
}

func (c *copying) hardware(mac string) string {
	c.count(outMAC, mac)
	b := c.sum("mac", mac)[:6]
	b[0] = b[0]&^1 | 2 // administered locally, for one
	return net.HardwareAddr(b).String()
}

func (c *copying) hostName(name string) string {
	c.count(outName, name)
	return "name-" + hex.EncodeToString(c.sum("name", name)[:6]) + ".local"
}
