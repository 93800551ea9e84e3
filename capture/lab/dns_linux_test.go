package lab

import (
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func question(t testing.TB, name string, kind dnsmessage.Type) []byte {
	t.Helper()
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 7, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET}}}
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDNSReply(t *testing.T) {
	for _, c := range []struct {
		name    string
		kind    dnsmessage.Type
		code    dnsmessage.RCode
		answers int
	}{
		{"API.practice.example.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, 1},
		{"api.practice.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, 1},
		{"upload.practice.example.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, 0},
		{"api.practice.example.", dnsmessage.TypeTXT, dnsmessage.RCodeSuccess, 0},
		{"nowhere.example.", dnsmessage.TypeA, dnsmessage.RCodeNameError, 0},
	} {
		q := question(t, c.name, c.kind)
		b, err := dnsReply(q)
		if err != nil {
			t.Fatal(err)
		}
		var m dnsmessage.Message
		if err := m.Unpack(b); err != nil || m.ID != 7 || !m.Response || m.RCode != c.code || len(m.Answers) != c.answers {
			t.Errorf("%s %s: %+v, %v", c.name, c.kind, m, err)
		}
		for i := range q {
			if b, err := dnsReply(q[:i]); err == nil {
				t.Errorf("cut at %d: %x", i, b)
			}
		}
	}
}

func FuzzDNSReply(f *testing.F) {
	f.Add(question(f, "api.practice.example.", dnsmessage.TypeA))
	f.Add(question(f, ".", dnsmessage.TypeNS))
	f.Fuzz(func(t *testing.T, q []byte) {
		b, err := dnsReply(q)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if err := m.Unpack(b); err != nil || !m.Response || len(m.Questions) != 1 || m.ID != uint16(q[0])<<8|uint16(q[1]) {
			t.Fatalf("%x is answered with %x: %v", q, b, err)
		}
	})
}
