package flow

import "abroad/capture"

// sll opens Linux's cooked header, LINKTYPE_LINUX_SLL: packet type, hardware type, address length, address[8], protocol.
func (d *Decoder) sll(b []byte, sent int) bool {
	if len(b) < 16 {
		return d.cut("link", "sll header", b, sent, 16)
	}
	d.cookedDir(be16(b))
	return d.cooked(be16(b[2:]), be16(b[4:]), b[6:14], be16(b[14:]), b[16:], sent-16)
}

// sll2 opens LINKTYPE_LINUX_SLL2: protocol, reserved[2], interface index u32, hardware type, packet type u8, address length u8, address[8].
func (d *Decoder) sll2(b []byte, sent int) bool {
	if len(b) < 20 {
		return d.cut("link", "sll2 header", b, sent, 20)
	}
	d.cookedDir(int(b[10]))
	return d.cooked(be16(b[8:]), int(b[11]), b[12:20], be16(b), b[20:], sent-20)
}

// cookedDir reads a packet type: to us, broadcast, multicast, to another host, sent by us. The direction of another host's is not said.
func (d *Decoder) cookedDir(kind int) {
	switch kind {
	case 0, 1, 2:
		d.out.Dir = capture.DirIn
	case 4:
		d.out.Dir = capture.DirOut
	}
}

// Linux's hardware types (if_arp.h) that change what the protocol field means.
const (
	hardwareEthernet = 1
	hardwareWiFi     = 801
	hardwareRadiotap = 803
	hardwareNetlink  = 824
)

// cooked opens what stands behind a cooked header. addr is the sender's address, 8 bytes of which addrLen are used.
func (d *Decoder) cooked(hardware, addrLen int, addr []byte, protocol int, b []byte, sent int) bool {
	if hardware == hardwareEthernet && addrLen == 6 && d.out.SrcMAC == (MAC{}) {
		d.out.SrcMAC = MAC(addr)
	}
	switch hardware {
	case hardwareNetlink:
		return d.drop(capture.NotIP, "netlink")
	case hardwareRadiotap:
		return d.radiotap(b, sent)
	case hardwareWiFi:
		return d.wifi(b, sent, false)
	}
	switch protocol {
	case 1:
		return d.drop(capture.NotIP, "ipx")
	case 4:
		return d.llcFrame(b, sent)
	case 0x000c, 0x000d:
		return d.drop(capture.NotIP, "can")
	}
	if protocol < 0x600 {
		return d.drop(capture.NotIP, d.kinds.detail("sll protocol 0x%04x", protocol))
	}
	return d.etherType(protocol, b, sent)
}

// null opens BSD's loopback header: an address family in the byte order of the host, or (LINKTYPE_LOOP) of the network. The families of
// IPv6 differ from system to system.
func (d *Decoder) null(b []byte, sent int) bool {
	if len(b) < 4 {
		return d.cut("link", "loopback header", b, sent, 4)
	}
	family := int(b[0]) | int(b[1])<<8 | int(b[2])<<16 | int(b[3])<<24
	if b[0] == 0 && b[1] == 0 {
		family = be16(b[2:])
	}
	switch rest := b[4:]; {
	case family == 2, family == 10, family == 24, family == 28, family == 30:
		return d.ip(rest, sent-4)
	case b[0] == 0xff && b[1] == 3, b[0] == 0x0f && b[1] == 0: // PPP or Cisco's HDLC all the same
		return d.ppp(b, sent)
	case family >= 0x600 && family <= 0xffff: // some writers put an EtherType there
		return d.etherType(family, rest, sent-4)
	case family == 7:
		return d.drop(capture.NotIP, "osi")
	case family == 16:
		return d.drop(capture.NotIP, "appletalk")
	case family == 23:
		return d.drop(capture.NotIP, "ipx")
	}
	return d.drop(capture.NotIP, "loopback of another family")
}
