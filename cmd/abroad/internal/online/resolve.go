package online

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Bounds of a resolution.
const (
	DefaultRate  = 50     // questions a second to one server
	MaxQuestions = 50_000 // to one server
	perServer    = 8      // questions at the same time to one server
	questionTry  = 2      // tries after the first
	fallen       = 6      // questions in a row without an answer, and no answer ever: the server is left
	maxRecords   = 64     // of one answer
	maxBack      = 4      // names of one address that are asked about
	maxValue     = 1000   // bytes of a value
	tryTime      = 3 * time.Second
)

// A Resolver asks the servers that the user named.
type Resolver struct {
	Servers []Server
	Subnet  netip.Prefix // told to servers with address questions (RFC 7871); invalid for none
	Rate    int          // questions a second to one server; 0 is DefaultRate
	Now     func() time.Time

	exchange *exchanger
	asked    atomic.Int64
}

// NewResolver returns a Resolver; config is nil but in tests.
func NewResolver(servers []Server, config *tls.Config) *Resolver {
	return &Resolver{Servers: servers, Rate: DefaultRate, Now: time.Now, exchange: newExchanger(tryTime, config)}
}

// Asked returns how many questions are done.
func (r *Resolver) Asked() int64 { return r.asked.Load() }

// A Question is one name and type; for PTR the name is an address.
type Question struct {
	Name string
	Type string // "A", "AAAA", "HTTPS", "PTR"
}

// An Answer is what one server said to one question.
type Answer struct {
	Question
	Server    string
	Transport string
	Subnet    string
	Time      time.Time
	RTT       time.Duration // 0 if no answer came
	Code      string        // "NOERROR", "NXDOMAIN" …, or why there is no answer
	Records   []Record      // from the name asked for along its CNAMEs; what else the server sent is dropped
	Dropped   int           // records that do not belong to the question
}

// A Record is one record of an answer.
type Record struct {
	Type, Owner, Value string
	TTL                uint32
}

// Questions lists what Run asks first about addresses and names, each once, in a fixed order. Names that no public resolver can know are left out.
func Questions(addresses []netip.Addr, names []string) []Question {
	var list []Question
	for _, a := range addresses {
		list = append(list, Question{a.Unmap().WithZone("").String(), "PTR"})
	}
	for _, name := range names {
		if !Askable(name) {
			continue
		}
		for _, kind := range []string{"A", "AAAA", "HTTPS"} {
			list = append(list, Question{name, kind})
		}
	}
	slices.SortFunc(list, compareQuestions)
	return slices.Compact(list)
}

func compareQuestions(a, b Question) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type))
}

// local lists suffixes that are not for the public DNS (RFC 6761, 6762, 7686, 8375, 9476), or that leak when they are asked for.
var local = []string{"local", "localhost", "test", "invalid", "example", "onion", "internal", "home.arpa", "alt", "lan", "home", "corp", "localdomain", "arpa"}

// Askable reports whether a name may be told to a resolver: one of hosts, with a public suffix.
func Askable(name string) bool {
	if len(name) > 253 || !strings.Contains(name, ".") || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	return !slices.ContainsFunc(local, func(suffix string) bool { return strings.HasSuffix(name, "."+suffix) })
}

// Run asks every server every question, and then for the addresses of the names that addresses gave themselves. Answers come in a fixed
// order. ctx ends it: what was answered until then comes back with the error.
func (r *Resolver) Run(ctx context.Context, questions []Question) ([]Answer, error) {
	if len(questions) > MaxQuestions {
		return nil, fmt.Errorf("%d questions, want at most %d", len(questions), MaxQuestions)
	}
	states := make([]*state, len(r.Servers))
	for i := range states {
		rate := r.Rate
		if rate <= 0 {
			rate = DefaultRate
		}
		states[i] = &state{server: &r.Servers[i], tick: time.NewTicker(time.Second / time.Duration(rate))}
		defer states[i].tick.Stop()
	}
	answers := r.all(ctx, states, questions)
	answers = append(answers, r.all(ctx, states, back(answers, questions))...)
	slices.SortStableFunc(answers, func(a, b Answer) int {
		return cmp.Or(compareQuestions(a.Question, b.Question), strings.Compare(a.Server, b.Server))
	})
	return answers, ctx.Err()
}

// back lists the questions that confirm reverse names: whether the name has the address.
func back(answers []Answer, asked []Question) (list []Question) {
	for i := range answers {
		a := &answers[i]
		if a.Type != "PTR" {
			continue
		}
		kind := "AAAA"
		if address, err := netip.ParseAddr(a.Name); err == nil && address.Is4() {
			kind = "A"
		}
		n := 0
		for _, rec := range a.Records {
			name := strings.ToLower(strings.TrimSuffix(rec.Value, "."))
			if rec.Type != "PTR" || !Askable(name) || n == maxBack {
				continue
			}
			n++
			list = append(list, Question{name, kind})
		}
	}
	slices.SortFunc(list, compareQuestions)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(q Question) bool {
		_, had := slices.BinarySearchFunc(asked, q, compareQuestions)
		return had
	})
}

// A state is what is known of a server.
type state struct {
	server *Server
	tick   *time.Ticker
	mu     sync.Mutex
	silent int  // questions in a row without an answer
	alive  bool // answered once
}

func (s *state) dead() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.alive && s.silent >= fallen
}

func (s *state) told(answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent++; answered {
		s.silent, s.alive = 0, true
	}
}

// all asks every server these questions. Each has its own workers: a slow one does not hold up the others.
func (r *Resolver) all(ctx context.Context, states []*state, questions []Question) []Answer {
	answers := make([]Answer, len(states)*len(questions))
	var wait sync.WaitGroup
	for i, s := range states {
		var next atomic.Int64
		for range min(perServer, len(questions)) {
			wait.Go(func() {
				for {
					n := int(next.Add(1)) - 1
					if n >= len(questions) {
						return
					}
					answers[i*len(questions)+n] = r.ask(ctx, s, questions[n])
					r.asked.Add(1)
				}
			})
		}
	}
	wait.Wait()
	return slices.DeleteFunc(answers, func(a Answer) bool { return a.Code == "" }) // not asked, since ctx ended
}

// ask asks one server one question, several times if need be.
func (r *Resolver) ask(ctx context.Context, s *state, q Question) Answer {
	a := Answer{Question: q, Server: s.server.Name, Transport: s.server.Transport}
	m, err := r.message(q)
	if err != nil {
		a.Time, a.Code = r.Now(), "not asked: "+err.Error()
		return a
	}
	if o := m.IsEdns0(); o != nil && len(o.Option) > 0 {
		a.Subnet = r.Subnet.String()
	}
	for range 1 + questionTry {
		if s.dead() {
			if err != nil {
				break // asked once
			}
			a.Time, a.Code = r.Now(), "not asked: the server answers nothing"
			return a
		}
		select {
		case <-ctx.Done():
			return a
		case <-s.tick.C:
		}
		m.Id = dns.Id()
		a.Time = r.Now()
		var got *dns.Msg
		var rtt time.Duration
		got, rtt, a.Transport, err = r.exchange.exchange(ctx, s.server, m)
		if ctx.Err() != nil {
			return Answer{}
		}
		if err == nil {
			s.told(true)
			a.RTT, a.Code = rtt, rcode(got.Rcode)
			a.Records, a.Dropped = records(got, m.Question[0])
			return a
		}
	}
	s.told(false)
	a.Code = why(err)
	return a
}

// rcode says a response code in a word, also one that has none.
func rcode(code int) string {
	if word, ok := dns.RcodeToString[code]; ok {
		return word
	}
	return fmt.Sprintf("RCODE%d", code)
}

// why says in a few words why there is no answer.
func why(err error) string {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return "timeout"
	}
	text := strings.ToValidUTF8(err.Error(), "?")
	const most = 150
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "no answer: " + text
}

// message makes the question.
func (r *Resolver) message(q Question) (*dns.Msg, error) {
	m := new(dns.Msg)
	name, kind := dns.Fqdn(q.Name), dns.StringToType[q.Type]
	if q.Type == "PTR" {
		var err error
		if name, err = dns.ReverseAddr(q.Name); err != nil {
			return nil, err
		}
	}
	if _, ok := dns.IsDomainName(name); !ok || kind == 0 {
		return nil, fmt.Errorf("%q is no name", q.Name)
	}
	m.SetQuestion(name, kind)
	const size = 1232 // fits every path without fragments
	m.SetEdns0(size, false)
	if r.Subnet.IsValid() && q.Type != "PTR" {
		family := uint16(1)
		if r.Subnet.Addr().Is6() {
			family = 2
		}
		o := m.IsEdns0()
		o.Option = append(o.Option, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: family, SourceNetmask: uint8(r.Subnet.Bits()), Address: r.Subnet.Masked().Addr().AsSlice()})
	}
	return m, nil
}

// records follows CNAMEs from the name asked for. What is not on that way was not asked for, and is counted.
func records(m *dns.Msg, q dns.Question) (list []Record, dropped int) {
	name := q.Name
	used := make([]bool, len(m.Answer))
	for range 1 + len(m.Answer) {
		next := ""
		for i, rr := range m.Answer {
			h := rr.Header()
			if used[i] || h.Class != dns.ClassINET || !strings.EqualFold(h.Name, name) || len(list) == maxRecords {
				continue
			}
			if target, ok := rr.(*dns.CNAME); ok && next == "" {
				next = target.Target
			} else if h.Rrtype != q.Qtype {
				continue
			}
			value := valueOf(rr)
			if value == "" {
				continue
			}
			used[i] = true
			list = append(list, Record{dns.TypeToString[h.Rrtype], plain(h.Name), value, h.Ttl})
		}
		if next == "" {
			break
		}
		name = next
	}
	for _, u := range used {
		if !u {
			dropped++
		}
	}
	return list, dropped
}

func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// valueOf writes what a record says; empty for what cannot be meant.
func valueOf(rr dns.RR) string {
	switch rr := rr.(type) {
	case *dns.A:
		if a, ok := netip.AddrFromSlice(rr.A.To4()); ok {
			return a.String()
		}
	case *dns.AAAA:
		if a, ok := netip.AddrFromSlice(rr.AAAA.To16()); ok && !a.Is4In6() {
			return a.String()
		}
	case *dns.CNAME:
		return plain(rr.Target)
	case *dns.PTR:
		return plain(rr.Ptr)
	case *dns.HTTPS:
		text := strings.TrimSpace(strings.TrimPrefix(rr.String(), rr.Hdr.String()))
		if len(text) > maxValue {
			return text[:maxValue]
		}
		return text
	}
	return ""
}
