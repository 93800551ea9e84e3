package online

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

// answerOf makes an answer to a question out of records in the form of zone files.
func answerOf(t *testing.T, name string, kind uint16, lines ...string) *dns.Msg {
	t.Helper()
	m := new(dns.Msg)
	m.SetQuestion(name, kind)
	m.Response = true
	for _, line := range lines {
		rr, err := dns.NewRR(line)
		if err != nil {
			t.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	return m
}

func TestRecords(t *testing.T) {
	var many []string
	for i := range maxRecords + 3 {
		many = append(many, fmt.Sprintf("a.net. 60 IN A 46.4.0.%d", i))
	}
	inIPv4 := answerOf(t, "a.net.", dns.TypeAAAA, "a.net. 60 IN AAAA 2a01:db8::1", "a.net. 60 IN AAAA 2a01:db8::2")
	inIPv4.Answer[0].(*dns.AAAA).AAAA = []byte{10: 0xff, 11: 0xff, 12: 46, 13: 4, 15: 1}
	for _, c := range []struct {
		name          string
		answer        *dns.Msg
		kept, dropped int
		first         string
	}{
		{"of another class", answerOf(t, "a.net.", dns.TypeA, "a.net. 60 CH A 46.4.0.1", "a.net. 60 IN A 46.4.0.2"), 1, 1, "46.4.0.2"},
		{"too many", answerOf(t, "a.net.", dns.TypeA, many...), maxRecords, 3, "46.4.0.0"},
		{"IPv4 in IPv6 form", inIPv4, 1, 1, "2a01:db8::2"},
		{"of another name", answerOf(t, "a.net.", dns.TypeA, "b.net. 60 IN A 46.4.0.1", "A.NET. 60 IN A 46.4.0.2"), 1, 1, "46.4.0.2"},
		{"long", answerOf(t, "a.net.", dns.TypeHTTPS, `a.net. 60 IN HTTPS 1 . alpn="`+strings.Repeat("h2,", 500)+`h3"`), 1, 0, ""},
	} {
		list, dropped := records(c.answer, c.answer.Question[0])
		if len(list) != c.kept || dropped != c.dropped || len(list) > 0 && c.first != "" && list[0].Value != c.first {
			t.Errorf("%s: %d kept, %d dropped: %+v", c.name, len(list), dropped, list)
		}
		for _, r := range list {
			if len(r.Value) > maxValue {
				t.Errorf("%s: a value of %d bytes", c.name, len(r.Value))
			}
		}
	}
}

// An answer is believed only if it is one, and to this question.
func TestCheckAnswer(t *testing.T) {
	question := new(dns.Msg)
	question.SetQuestion("a.net.", dns.TypeA)
	for name, change := range map[string]func(*dns.Msg){
		"":                   func(*dns.Msg) {},
		"in other letters":   func(m *dns.Msg) { m.Question[0].Name = "A.net." },
		"no answer":          func(m *dns.Msg) { m.Response = false },
		"not of a query":     func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify },
		"without a question": func(m *dns.Msg) { m.Question = nil },
		"with two":           func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) },
		"to another name":    func(m *dns.Msg) { m.Question[0].Name = "b.net." },
		"to another type":    func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAAAA },
		"to another class":   func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS },
		"cut short":          func(m *dns.Msg) { m.Truncated = true },
	} {
		answer := answerOf(t, "a.net.", dns.TypeA)
		change(answer)
		if err := check(question, answer, nil); (err == nil) != (name == "" || name == "in other letters") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Reverse names are confirmed in the family of their address; what was asked is not asked again, and few names of one address are believed.
func TestBack(t *testing.T) {
	reverse := func(address string, names ...string) Answer {
		a := Answer{Question: Question{address, "PTR"}}
		for _, name := range names {
			a.Records = append(a.Records, Record{Type: "PTR", Value: name})
		}
		return a
	}
	asked := []Question{{"old.net", "A"}, {"old.net", "HTTPS"}}
	got := back([]Answer{
		reverse("46.4.0.1", "Host.net.", "old.net", "printer.local"),
		reverse("2a01:db8::1", "host.net", "old.net"),
		reverse("46.4.0.2", "a.net", "b.net", "c.net", "d.net", "e.net"),
		{Question: Question{"x.net", "A"}, Records: []Record{{Type: "A", Value: "46.4.0.1"}}},
	}, asked)
	want := []Question{{"a.net", "A"}, {"b.net", "A"}, {"c.net", "A"}, {"d.net", "A"}, {"host.net", "A"}, {"host.net", "AAAA"}, {"old.net", "AAAA"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A server that answered once is asked on, however long it is silent; one that never did is left.
func TestFallen(t *testing.T) {
	var never, once state
	once.told(true)
	for i := range 2 * fallen {
		if never.dead() != (i >= fallen) || once.dead() {
			t.Errorf("after %d: %v, %v", i, never.dead(), once.dead())
		}
		never.told(false)
		once.told(false)
	}
}

func TestSubnetOption(t *testing.T) {
	for _, c := range []struct {
		subnet, kind string
		family       uint16
		address      string
	}{{"192.0.2.77/24", "A", 1, "192.0.2.0"}, {"2001:db8::77/56", "HTTPS", 2, "2001:db8::"}, {"192.0.2.0/24", "PTR", 0, ""}} {
		r := &Resolver{Subnet: netip.MustParsePrefix(c.subnet)}
		name := map[bool]string{true: "46.4.0.1", false: "a.net"}[c.kind == "PTR"]
		m, err := r.message(Question{name, c.kind})
		if err != nil {
			t.Fatal(err)
		}
		options := m.IsEdns0().Option
		if c.family == 0 {
			if len(options) > 0 {
				t.Errorf("%s: told %v", c.kind, options)
			}
			continue
		}
		if o, ok := options[0].(*dns.EDNS0_SUBNET); !ok || o.Family != c.family || o.Address.String() != c.address || int(o.SourceNetmask) != r.Subnet.Bits() {
			t.Errorf("%s: told %v", c.subnet, options)
		}
	}
}

// Each try waits for its turn, and there are three.
func TestTries(t *testing.T) {
	var came atomic.Int32
	other := listen(t, nil, func(q asking) *dns.Msg {
		came.Add(1)
		r := known(q.Msg)
		r.Question[0].Name = "other.net."
		return r
	})
	s := server(t, other, UDP)
	r := resolver(nil, s)
	turns := make(chan time.Time, 10)
	for range cap(turns) {
		turns <- time.Time{}
	}
	a := r.ask(context.Background(), &state{server: &s, tick: &time.Ticker{C: turns}}, Question{"api.app.net", "A"})
	if came.Load() != 3 || len(turns) != cap(turns)-3 || !strings.HasPrefix(a.Code, "no answer: ") {
		t.Errorf("%d questions came, %d turns are left: %q", came.Load(), len(turns), a.Code)
	}
}

// Over HTTPS only a page of the right kind, from where it was asked, is an answer.
func TestDoHRefuses(t *testing.T) {
	right := post(t, func(q asking) *dns.Msg { return known(q.Msg) })
	_, trust := authority(t)
	for want, handler := range map[string]http.HandlerFunc{
		"NOERROR": right,
		"no answer: status 500": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/dns-message")
			w.WriteHeader(http.StatusInternalServerError)
			right(w, r)
		},
		"no answer: content type": func(w http.ResponseWriter, r *http.Request) { right(&typed{w}, r) },
		"no answer: redirect refused": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/dns-query" {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
				return
			}
			right(w, r)
		},
	} {
		s := server(t, doh(t, handler), DoH)
		answers, err := resolver(trust, s).Run(context.Background(), []Question{{"api.app.net", "A"}})
		if err != nil || len(answers) != 1 || !strings.HasPrefix(answers[0].Code, want) {
			t.Errorf("%+v, %v: want %q", answers, err, want)
		}
	}
}

// typed says that what it writes is a page for people.
type typed struct{ http.ResponseWriter }

func (w *typed) Write(b []byte) (int, error) {
	w.Header().Set("Content-Type", "text/html")
	return w.ResponseWriter.Write(b)
}
