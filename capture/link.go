package capture

import "strconv"

// A LinkType is a LINKTYPE_ value as files store it (https://www.tcpdump.org/linktypes.html). It needs more than 8 bits.
type LinkType uint32

// The link types the toolkit decodes.
const (
	LinkNull       LinkType = 0   // BSD loopback, host byte order
	LinkEthernet   LinkType = 1   //
	LinkPPP        LinkType = 9   // PPP, with or without HDLC framing
	LinkRawBSD     LinkType = 12  // raw IP (DLT_RAW on most systems)
	LinkRawOpenBSD LinkType = 14  // raw IP (DLT_RAW on OpenBSD)
	LinkPPPHDLC    LinkType = 50  //
	LinkPPPoE      LinkType = 51  //
	LinkRaw        LinkType = 101 // raw IP
	LinkIEEE80211  LinkType = 105 //
	LinkLoop       LinkType = 108 // OpenBSD loopback, network byte order
	LinkLinuxSLL   LinkType = 113 //
	LinkRadiotap   LinkType = 127 // 802.11 behind a radiotap header
	LinkUser2      LinkType = 149 // PKTAP in files written by Apple's tools
	LinkIPv4       LinkType = 228 //
	LinkIPv6       LinkType = 229 //
	LinkNFLOG      LinkType = 239 //
	LinkPKTAP      LinkType = 258 //
	LinkLinuxSLL2  LinkType = 276 //
)

var linkNames = map[LinkType]string{
	LinkNull: "null", LinkEthernet: "ethernet", LinkPPP: "ppp", LinkRawBSD: "raw", LinkRawOpenBSD: "raw", LinkPPPHDLC: "ppp-hdlc",
	LinkPPPoE: "pppoe", LinkRaw: "raw", LinkIEEE80211: "802.11", LinkLoop: "loop", LinkLinuxSLL: "linux-sll", LinkRadiotap: "802.11-radiotap",
	LinkUser2: "user2", LinkIPv4: "ipv4", LinkIPv6: "ipv6", LinkNFLOG: "nflog", LinkPKTAP: "pktap", LinkLinuxSLL2: "linux-sll2",
}

// String returns a short name, or "link-N" for a type without one.
func (l LinkType) String() string {
	if name, ok := linkNames[l]; ok {
		return name
	}
	return "link-" + strconv.FormatUint(uint64(l), 10)
}
