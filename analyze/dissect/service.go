package dissect

import (
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/wire"
)

// A service is a host name that tells what an encrypted connection is for.
type service struct {
	name   string
	below  bool   // also every name below it
	source string // where the name is published as this service
}

// Sources of the tables below, read in November 2026.
const (
	fromAdGuard  = "https://github.com/AdguardTeam/KnowledgeBaseDNS, docs/general/dns-providers.md"
	fromCurl     = "https://github.com/curl/curl/wiki/DNS-over-HTTPS"
	fromCurlDoH  = "https://github.com/curl/doh, README"
	fromDoHList  = "https://github.com/flo-wer/doh-list, domains.txt"
	fromDallas   = "https://github.com/oneoffdallas/dohservers, list.txt"
	fromWhisper  = "https://github.com/ShadowWhisperer/BlockLists, Lists/DNS"
	fromWranders = "https://github.com/wranders/doh-list, doh-list.txt"
	fromFirebase = "https://firebase.google.com/docs/cloud-messaging/network-configuration"
	fromTN2265   = "https://emm.how/t/apns-ports-hostnames/224, after Apple Technical Note TN2265"
	fromPractice = "capture/lab/practice/README.md: a name of the practice recordings, which nobody can own (RFC 2606)"
	unverified   = "unverified"
)

// resolvers are well-known names of DNS over HTTPS. A name that is not here is not recognised: the connection looks like any other HTTPS.
var resolvers = []service{
	{"doh.beacon.example", false, fromPractice},
	{"dns.google", true, fromCurlDoH},
	{"8888.google", false, fromDoHList},
	{"dns.google.com", false, fromDoHList},
	{"cloudflare-dns.com", true, fromDoHList},
	{"dns.cloudflare.com", false, fromAdGuard},
	{"dns.quad9.net", false, fromDoHList},
	{"dns9.quad9.net", false, fromDoHList},
	{"dns10.quad9.net", false, fromDoHList},
	{"dns11.quad9.net", false, fromDoHList},
	{"dns12.quad9.net", false, fromDoHList},
	{"doh.opendns.com", false, fromAdGuard},
	{"doh.familyshield.opendns.com", false, fromAdGuard},
	{"doh.sandbox.opendns.com", false, fromAdGuard},
	{"doh.umbrella.com", false, unverified},
	{"dns.adguard-dns.com", false, fromAdGuard},
	{"family.adguard-dns.com", false, fromAdGuard},
	{"unfiltered.adguard-dns.com", false, fromAdGuard},
	{"d.adguard-dns.com", true, unverified},
	{"dns.adguard.com", false, fromDallas},
	{"dns-family.adguard.com", false, fromDallas},
	{"dns-unfiltered.adguard.com", false, fromDallas},
	{"dns.nextdns.io", true, fromDoHList},
	{"dns1.nextdns.io", true, fromDoHList},
	{"dns2.nextdns.io", true, fromDoHList},
	{"doh.cleanbrowsing.org", false, fromAdGuard},
	{"doh.dns.apple.com", false, fromDallas},
	{"dns.alidns.com", false, fromAdGuard},
	{"doh.pub", false, unverified},
	{"dns.pub", false, fromWranders},
	{"doh.360.cn", false, fromWhisper},
	{"dns.mullvad.net", true, fromWhisper},
	{"dns.controld.com", true, fromWhisper},
	{"dns.yandex.net", true, fromWhisper},
	{"private.canadianshield.cira.ca", false, fromWranders},
	{"protected.canadianshield.cira.ca", false, unverified},
	{"family.canadianshield.cira.ca", false, unverified},
	{"wikimedia-dns.org", false, fromWranders},
	{"doh.xfinity.com", false, fromDoHList},
	{"doh-01.spectrum.com", false, fromWranders},
	{"doh-02.spectrum.com", false, fromWranders},
	{"dns.digitale-gesellschaft.ch", false, fromDoHList},
	{"doh.dns.sb", false, fromDoHList},
	{"dns.aa.net.uk", false, fromCurl},
}

// pushes are the names to which devices keep their push connections open. Names of the form "alt1-mtalk.google.com" and
// "12-courier.push.apple.com" are matched by isPush.
var pushes = []struct {
	service
	word string
}{
	{service{"mtalk.google.com", false, fromFirebase}, "fcm"},
	{service{"mtalk4.google.com", false, fromFirebase}, "fcm"},
	{service{"mtalk-staging.google.com", false, fromFirebase}, "fcm"},
	{service{"mtalk-dev.google.com", false, fromFirebase}, "fcm"},
	{service{"mobile-gtalk.l.google.com", false, unverified}, "fcm"},
	{service{"courier.push.apple.com", false, fromTN2265}, "apns"},
	{service{"courier.sandbox.push.apple.com", false, unverified}, "apns"},
	{service{"push.services.mozilla.com", false, unverified}, "mozilla-push"},
	{service{"push.pigeon.example", false, fromPractice}, "practice-push"},
}

// isPush returns the word of a push service: "fcm", "apns" …; "" for every other name.
func isPush(sni string, alpn []wire.Text) string {
	host, rest, _ := strings.Cut(sni, ".")
	switch i := strings.IndexByte(host, '-'); {
	case strings.HasPrefix(host, "alt") && strings.HasSuffix(host, "-mtalk"), i > 0 && host[i:] == "-courier" && allDigits(host[:i]):
		sni = host[strings.LastIndexByte(host, '-')+1:] + "." + rest
	}
	for i := range pushes {
		if pushes[i].name == sni {
			return pushes[i].word
		}
	}
	for _, p := range alpn { // seen in recordings of Apple's devices, which show no name then
		if strings.HasPrefix(p.Value, "apns-") {
			return "apns"
		}
	}
	return ""
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// isResolver reports whether name is a well-known resolver's.
func isResolver(name string) bool {
	for i := range resolvers {
		r := &resolvers[i]
		if r.name == name || r.below && strings.HasSuffix(name, r.name) && name[len(name)-len(r.name)-1] == '.' {
			return true
		}
	}
	return false
}

// dnsOverTLS is the port of DNS over TLS (RFC 7858) and of DNS over QUIC (RFC 9250).
const dnsOverTLS = 853

// judge says what an encrypted connection is for, as far as its hello tells.
func (t *tlsNames) judge(v *flow.View, see *Sight) {
	if v.Plain != "" {
		see.Flags |= audit.Upgraded
		if proto, ok := strings.CutSuffix(v.Plain, " starttls"); ok {
			see.App = "starttls-" + proto
		}
	}
	if !t.present {
		return
	}
	offers := func(prefix string) bool {
		for _, p := range t.alpn {
			if strings.HasPrefix(p.Value, prefix) {
				return true
			}
		}
		return false
	}
	word := ""
	switch quic := t.app == "quic"; {
	case quic && (t.port == dnsOverTLS || offers("doq")):
		word = "doq"
	case !quic && t.app == "" && (t.port == dnsOverTLS || offers("dot")):
		word = "dot"
	case quic && isResolver(t.sni):
		word = "doh3"
	case t.app == "" && isResolver(t.sni) && (len(t.alpn) == 0 || offers("h2") || offers("http/1.1")):
		word = "doh"
	}
	if word != "" {
		see.Flags |= audit.EncryptedDNS
		see.App = word
	} else if word = isPush(t.sni, t.alpn); word != "" {
		see.Flags |= audit.Push
	}
	if word != "" {
		see.See(audit.SeenProtocol, word, t.h, t.off, t.n)
	}
}
