package flow

import (
	"encoding/binary"

	"github.com/google/gopacket"

	"abroad/capture"
)

// outerEthernet opens a frame of an Ethernet capture, which in PCAPdroid's files is now and then a bare IP packet instead.
func (d *Decoder) outerEthernet(b []byte, sent int) bool {
	if d.owner.pcapdroid && bareIP(b, sent) {
		return d.ip(b, sent)
	}
	if d.ethernet(b, sent) {
		return true
	}
	if !bareIP(b, sent) {
		return false
	}
	before, found := *d.out, len(d.found)
	*d.out = Packet{Dir: before.Dir, Attribution: before.Attribution, FirstInFrame: true} // its first bytes are no addresses
	if !d.attempt((*Decoder).ip, b, sent) {
		*d.out = before
		return false
	}
	d.found = append(d.found[:0], d.found[found:]...)
	return true
}

// ethernet opens an Ethernet frame.
func (d *Decoder) ethernet(b []byte, sent int) bool {
	if len(b) < 14 {
		return d.cut("link", "ethernet header", b, sent, 14)
	}
	d.macs(b[6:], b)
	return d.etherType(be16(b[12:]), b[14:], sent-14)
}

// macs keeps the frame's addresses if they are the outermost ones.
func (d *Decoder) macs(src, dst []byte) {
	if o := d.out; o.Tunnels == 0 && o.SrcMAC == (MAC{}) && o.DstMAC == (MAC{}) {
		o.SrcMAC, o.DstMAC = MAC(src), MAC(dst)
	}
}

// etherType opens what an EtherType announces (IEEE 802 numbers); below 0x600 it is a length, and LLC follows.
func (d *Decoder) etherType(t int, b []byte, sent int) bool {
	if t == 0x0800 || t == 0x86dd {
		return d.ip(b, sent)
	}
	if !d.deeper() {
		return false
	}
	switch t {
	case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300: // 802.1Q, 802.1ad and what was used before it
		if len(b) < 4 {
			return d.cut("link", "vlan tag", b, sent, 4)
		}
		if err := d.vlan.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
			return d.drop(capture.Malformed, "vlan tag")
		}
		return d.etherType(int(d.vlan.Type), d.vlan.Payload, sent-4)
	case 0x8926: // VN-Tag: four bytes, then an EtherType
		if len(b) < 6 {
			return d.cut("link", "vn-tag", b, sent, 6)
		}
		return d.etherType(be16(b[4:]), b[6:], sent-6)
	case 0x8903: // Cisco's FabricPath: two bytes, then the frame
		if len(b) < 2 {
			return d.cut("link", "fabricpath header", b, sent, 2)
		}
		return d.ethernet(b[2:], sent-2)
	case 0x8847, 0x8848:
		return d.mpls(b, sent)
	case 0x8864:
		return d.pppoe(b, sent)
	case 0x880b:
		return d.ppp(b, sent)
	case 0x6558: // transparent Ethernet bridging
		return d.ethernet(b, sent)
	case 0x8870: // LLC in a jumbo frame
		return d.llcFrame(b, sent)
	}
	if t < 0x600 {
		b, sent = clip(b, sent, t)
		return d.llcFrame(b, sent)
	}
	if name := etherNames[t]; name != "" {
		return d.drop(capture.NotIP, name)
	}
	return d.drop(capture.NotIP, d.kinds.detail("ethertype 0x%04x", t))
}

var etherNames = map[int]string{
	0x0806: "arp", 0x0842: "wake-on-lan", 0x2000: "cdp", 0x22f0: "avtp", 0x6003: "decnet", 0x8035: "rarp", 0x809b: "appletalk", 0x80f3: "aarp",
	0x8137: "ipx", 0x8808: "flow control", 0x8809: "slow protocols", 0x8863: "pppoe discovery", 0x886c: "homepna", 0x886d: "intel ans",
	0x888e: "eapol", 0x8892: "profinet", 0x8899: "realtek", 0x88cc: "lldp", 0x88d9: "lltd", 0x88e1: "homeplug", 0x88e5: "macsec",
	0x88f7: "ptp", 0x8902: "cfm", 0x890d: "tdls", 0x893a: "ieee 1905", 0x9000: "loopback test",
}

// llcFrame opens LLC (IEEE 802.2): SNAP, or IP directly (RFC 948).
func (d *Decoder) llcFrame(b []byte, sent int) bool {
	if len(b) < 3 || len(b) == 3 && b[2]&3 != 3 { // unnumbered control fields have one byte, others two
		return d.cut("link", "llc header", b, sent, len(b)+1)
	}
	if b[0] == 0xff && b[1] == 0xff {
		return d.drop(capture.NotIP, "ipx")
	}
	if err := d.llc.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return d.drop(capture.Malformed, "llc header")
	}
	rest := d.llc.Payload
	sent -= len(d.llc.Contents)
	switch d.llc.DSAP {
	case 0xaa:
		return d.snapFrame(rest, sent)
	case 0x06:
		return d.ip(rest, sent)
	case 0x42:
		return d.drop(capture.NotIP, "stp")
	case 0xe0:
		return d.drop(capture.NotIP, "ipx")
	case 0xf0:
		return d.drop(capture.NotIP, "netbios")
	case 0xfe:
		return d.drop(capture.NotIP, "osi")
	}
	return d.drop(capture.NotIP, d.kinds.detail("llc sap 0x%02x", int(d.llc.DSAP)))
}

// snapFrame opens SNAP: an organisation, then a type that is an EtherType for the organisations 0 (RFC 1042) and 0x0000f8 (802.1H).
func (d *Decoder) snapFrame(b []byte, sent int) bool {
	if len(b) < 5 {
		return d.cut("link", "snap header", b, sent, 5)
	}
	if err := d.snap.DecodeFromBytes(b, gopacket.NilDecodeFeedback); err != nil {
		return d.drop(capture.Malformed, "snap header")
	}
	t := int(d.snap.Type)
	switch oui := d.snap.OrganizationalCode; {
	case oui[0] == 0 && oui[1] == 0 && (oui[2] == 0 || oui[2] == 0xf8):
		if t < 0x600 {
			return d.drop(capture.NotIP, "snap")
		}
		return d.etherType(t, d.snap.Payload, sent-5)
	case oui[0] == 0 && oui[1] == 0 && oui[2] == 0x0c && t == 0x2000:
		return d.drop(capture.NotIP, "cdp")
	}
	return d.drop(capture.NotIP, "snap")
}

// mpls passes over a label stack (RFC 3032). What follows is not announced: IP shows in its first nibble, and a pseudowire's Ethernet
// frame (RFC 4448), with or without its control word of 0, is believed only if a whole IP packet is found in it.
func (d *Decoder) mpls(b []byte, sent int) bool {
	for bottom := false; !bottom; b, sent = b[4:], sent-4 {
		if len(b) < 4 {
			return d.cut("link", "mpls label", b, sent, 4)
		}
		bottom = b[2]&1 != 0
	}
	if len(b) == 0 {
		return d.cut("link", "mpls payload", b, sent, 1)
	}
	nibble := b[0] >> 4
	if (nibble == 4 || nibble == 6) && d.attempt((*Decoder).ip, b, sent) {
		return true
	}
	if nibble == 0 && len(b) > 4 && d.attempt((*Decoder).ethernet, b[4:], sent-4) || d.attempt((*Decoder).ethernet, b, sent) {
		return true
	}
	if nibble == 4 || nibble == 6 {
		return d.ip(b, sent)
	}
	return d.drop(capture.NotIP, "mpls")
}

// bareIP reports whether a frame is one IP packet and nothing else, by its length field.
func bareIP(b []byte, sent int) bool {
	if len(b) < 20 {
		return false
	}
	switch b[0] >> 4 {
	case 4:
		return b[0]&15 >= 5 && be16(b[2:]) == sent
	case 6:
		return be16(b[4:])+40 == sent
	}
	return false
}

// hasTrailer reports whether PCAPdroid's trailer stands at the end of the frame.
func hasTrailer(b []byte) bool {
	return len(b) >= trailerLen && binary.BigEndian.Uint32(b[len(b)-trailerLen:]) == trailerMagic
}
