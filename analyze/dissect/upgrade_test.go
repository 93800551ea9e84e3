package dissect

import (
	"crypto/tls"
	"slices"
	"testing"

	"abroad/analyze/audit"
)

func tlsConfig(name string) *tls.Config { return &tls.Config{ServerName: name} }

// TestStartTLS plays plaintext starts that turn into TLS, each with a twin that does not.
func TestStartTLS(t *testing.T) {
	hello := handshake(t, tlsConfig("mail.example"), 0)
	for _, c := range []struct {
		name  string
		port  uint16
		flags audit.Flags
		start []packet
		said  string
		app   string
	}{
		{"smtp", 25, audit.Plaintext, []packet{down("220 mail.example ESMTP\r\n"), up("EHLO me\r\n"), down("250-mail.example\r\n250 STARTTLS\r\n"), up("STARTTLS\r\n"), down("220 go\r\n")}, "smtp starttls", "starttls-smtp"},
		{"smtp", 4025, audit.Plaintext, []packet{down("220 mail.example ESMTP\r\n"), up("EHLO me\r\n"), down("250 STARTTLS\r\n"), up("starttls\r\n"), down("220 go\r\n")}, "smtp starttls", "starttls-smtp"},
		{"imap", 143, audit.Plaintext, []packet{down("* OK ready\r\n"), up("a1 CAPABILITY\r\n"), down("a1 OK\r\n"), up("a2 STARTTLS\r\n"), down("a2 OK\r\n")}, "imap starttls", "starttls-imap"},
		{"pop3", 110, audit.Plaintext, []packet{down("+OK ready\r\n"), up("CAPA\r\n"), down("+OK\r\nSTLS\r\n.\r\n"), up("STLS\r\n"), down("+OK\r\n")}, "pop3 starttls", "starttls-pop3"},
		{"ftp", 21, audit.Plaintext, []packet{down("220 ready\r\n"), up("AUTH TLS\r\n"), down("234 go\r\n")}, "ftp starttls", "starttls-ftp"},
		{"xmpp", 5222, audit.Plaintext, []packet{
			up("<?xml version='1.0'?><stream:stream to='Chat.Example' version='1.0'>"), down("<stream:stream><stream:features/>"),
			up("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), down("<proceed/>"),
		}, "xmpp starttls chat.example", "starttls-xmpp"},
		{"postgres", 5432, 0, []packet{up(sslRequest), down("S")}, "postgres starttls", "starttls-postgres"},
		{"mysql", 3306, 0, []packet{down("J\x00\x00\x00\x0a8.0.33\x00" + string(make([]byte, 66))), up("\x20\x00\x00\x01\x05\xae\xff\x19" + string(make([]byte, 28)))}, "mysql starttls", "starttls-mysql"},
		{"ldap", 389, 0, []packet{up("\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + ldapStartTLS), down("\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00")}, "ldap starttls", "starttls-ldap"},
	} {
		for _, n := range []int{1, 1 << 20} {
			r := play{proto: audit.TCP, port: c.port, packets: split(append(slices.Clone(c.start), hello...), n)}.run(t)
			r.want(t, c.app, c.flags|audit.Upgraded, "upgrade "+c.said, "sni mail.example", "tls-version 1.3")
		}
		// The client goes on in the clear.
		r := play{proto: audit.TCP, port: c.port, packets: append(slices.Clone(c.start), up("this is not TLS\r\n"))}.run(t)
		r.want(t, c.name, audit.Plaintext, "protocol "+c.name)
	}
}

func TestSOCKS(t *testing.T) {
	hello := handshake(t, tlsConfig("inner.example"), 0)
	for _, c := range []struct {
		start []packet
		said  string
	}{
		{[]packet{up("\x05\x01\x00"), down("\x05\x00"), up("\x05\x01\x00\x03\x0dInner.example\x01\xbb"), down("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")}, "socks inner.example:443"},
		{[]packet{up("\x04\x01\x01\xbb\x00\x00\x00\x01me\x00inner.example\x00"), down("\x00\x5a\x00\x00\x00\x00\x00\x00")}, "socks inner.example:443"},
	} {
		for _, port := range []uint16{1080, 9999} {
			for _, n := range []int{1, 1 << 20} {
				r := play{proto: audit.TCP, port: port, packets: split(append(slices.Clone(c.start), hello...), n)}.run(t)
				r.want(t, "tls", audit.Proxied|audit.Upgraded, "upgrade "+c.said, "sni inner.example", "tls-version 1.3")
			}
		}
	}
	// Refused.
	r := play{proto: audit.TCP, port: 1080, packets: []packet{up("\x05\x01\x00"), down("\x05\x00"), up("\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb"), down("\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")}}.run(t)
	r.want(t, "socks", audit.Proxied, "upgrade socks 192.0.2.1:443")
	// Something else that begins with 5.
	play{proto: audit.TCP, port: 9999, packets: []packet{up("\x05\x01\x00"), down("nothing like it")}}.run(t).want(t, "", 0)
}

func TestProxyHeader(t *testing.T) {
	hello := handshake(t, tlsConfig("inner.example"), 0)
	for _, head := range []string{
		"PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n",
		"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x03\xe8\x01\xbb",
	} {
		for _, n := range []int{1, 1 << 20} {
			r := play{proto: audit.TCP, port: 443, packets: split(append([]packet{up(head)}, hello...), n)}.run(t)
			r.want(t, "tls", audit.Upgraded, "upgrade proxy protocol", "sni inner.example", "tls-version 1.3")
		}
	}
}
