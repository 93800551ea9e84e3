package capture

// A Code names one kind of anomaly: stable, kebab-case, documented here and nowhere else.
//
// "cut-short" is the recording's fault (a snap length, a full disk, a kill), "malformed" the sender's.
type Code string

// The codes.
const (
	CutShort        Code = "cut-short"         // the file, or the captured part of a packet, ends before the format says
	Malformed       Code = "malformed"         // the sender's bytes do not follow the protocol they claim
	BadBlock        Code = "bad-block"         // a pcapng block or pcap record header is impossible; nothing after it can be trusted
	OddFormat       Code = "odd-format"        // the file breaks a rule of its format, and was read all the same
	BadOption       Code = "bad-option"        // an option of a pcapng block is impossible; the block was still read
	CapLenLies      Code = "caplen-lies"       // a record claims more bytes than its block or the file holds
	UnknownBlock    Code = "unknown-block"     // a pcapng block type we do not know; skipped
	UnknownIface    Code = "unknown-interface" // a packet names an interface that the section did not describe
	TimeRange       Code = "time-range"        // a time stamp lies outside the years 1678-2262, or its resolution is impossible
	TimeBackwards   Code = "time-backwards"    // packets stand in the file before earlier ones by more than a second
	UnknownLink     Code = "unknown-link"      // a link type we do not decode
	NotIP           Code = "not-ip"            // a frame without IP: ARP, LLDP, 802.11 management …
	Encrypted80211  Code = "encrypted-802.11"  // an 802.11 data frame whose body is encrypted
	UnknownNetwork  Code = "unknown-transport" // IP with a transport protocol that is only counted
	FragmentLost    Code = "fragment-lost"     // a fragmented datagram was never completed
	FragmentOverlap Code = "fragment-overlap"  // fragments disagree about the same bytes
	TunnelDepth     Code = "tunnel-depth"      // more tunnels inside each other than are opened
	StreamGap       Code = "stream-gap"        // bytes of a TCP stream's head were never captured
	StreamOverlap   Code = "stream-overlap"    // retransmitted bytes differ from the first ones
	Limit           Code = "limit"             // a limit of architecture section 8 was reached
	TrailerDamaged  Code = "trailer-damaged"   // a PCAPdroid trailer whose checksum is wrong
	DissectorPanic  Code = "dissector-panic"   // a bug of ours, kept from stopping the audit
	Decompress      Code = "decompress"        // the compressed stream is damaged from here on
)
