package analyze

import (
	"net/netip"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/dissect"
	"abroad/capture"
)

const (
	maxNames   = 64 // names bound to one flow; a certificate may list hundreds
	maxBecause = 4  // observations kept for one name
)

// told is an answer that gave an address to a device: names[0] is what was asked for, the last one had the address.
type told struct {
	at      capture.Time
	how     audit.How
	names   []string
	because []audit.ID
}

// asker is who was told about which address. The zero client is the device, whichever of its addresses asked, or everybody (mDNS).
type asker struct{ client, address netip.Addr }

// bind gives the flows of a session their names, strongest way first (architecture section 5). What was answered in one recording of a session
// counts in the later ones.
func (b *builder) bind(s session) {
	answers := map[asker][]told{}
	for _, r := range s.recs {
		b.answersOf(r, answers)
		b.bindOne(r, answers)
	}
}

// bindOne gives the flows of r their names.
func (b *builder) bindOne(r *recording, answers map[asker][]told) {
	b.bindSeen(r)
	for _, f := range r.flows {
		client, server := r.client(f.A.Addr()), f.B.Addr()
		b.bindTold(r, &f.Flow, answers[asker{client, server}])
		if client.IsValid() {
			b.bindTold(r, &f.Flow, answers[asker{netip.Addr{}, server}])
		}
		slices.SortStableFunc(f.Names, func(x, y audit.Name) int { return x.How.Rank() - y.How.Rank() })
	}
}

// client is who asks, as far as binding goes: all addresses of the device are one.
func (r *recording) client(a netip.Addr) netip.Addr {
	if r.device.Has(a) {
		return netip.Addr{}
	}
	return a
}

// bindSeen binds what the flows themselves show.
func (b *builder) bindSeen(r *recording) {
	for i := range b.audit.Observations {
		o := &b.audit.Observations[i]
		if o.Flow.N <= r.base || o.Flow.N > r.base+uint32(len(r.flows)) {
			continue
		}
		f := b.audit.Flows[o.Flow.N-1]
		switch o.Kind {
		case audit.SeenSNI:
			addName(f, audit.Name{Name: hostName(o.Value), How: audit.BySNI, Because: []audit.ID{o.ID}})
		case audit.SeenHost:
			if name := hostName(o.Value); !isAddress(name) {
				addName(f, audit.Name{Name: name, How: audit.ByHTTP, Because: []audit.ID{o.ID}})
			}
		case audit.SeenCertName:
			b.bindCertificate(f, o)
		case audit.SeenApp:
			if f.Attribution != nil {
				f.Attribution.Because = append(f.Attribution.Because, o.ID)
			}
		}
	}
}

// bindCertificate binds the names of a certificate. A certificate may list hundreds of customers of one front: when the flow itself shows
// a name, only the certificate name that covers it is bound, as its confirmation; the observation keeps them all.
func (b *builder) bindCertificate(f *audit.Flow, o *audit.Observation) {
	shown := ""
	for i := range f.Names {
		if how := f.Names[i].How; how == audit.BySNI || how == audit.ByHTTP {
			shown = f.Names[i].Name
			break
		}
	}
	n := 0
	for name := range strings.FieldsSeq(o.Value) {
		name = hostName(name)
		if shown != "" && !covers(name, shown) {
			continue
		}
		if n++; n > maxCertNames {
			return
		}
		addName(f, audit.Name{Name: b.word(name), How: audit.ByCert, Because: []audit.ID{o.ID}})
	}
}

// maxCertNames is how many names of a certificate are bound to a flow that shows no name of its own.
const maxCertNames = 16

// covers reports whether a certificate name stands for host (RFC 9525 section 6.3: a wildcard is the whole first label).
func covers(name, host string) bool {
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && parent == rest
	}
	return name == host
}

// addName adds n, or its reason to the same name learned the same way.
func addName(f *audit.Flow, n audit.Name) {
	if n.Name == "" {
		return
	}
	for i := range f.Names {
		if old := &f.Names[i]; old.Name == n.Name && old.How == n.How {
			if len(old.Because) < maxBecause {
				old.Because = append(old.Because, n.Because...)
			}
			return
		}
	}
	if len(f.Names) < maxNames {
		f.Names = append(f.Names, n)
	}
}

// hostName returns a host as names are compared: lower case, without port and final dot.
func hostName(s string) string {
	s = strings.ToLower(s)
	if i := strings.LastIndexByte(s, ':'); i >= 0 && digits(s[i+1:]) && (strings.IndexByte(s, ':') == i || strings.HasSuffix(s[:i], "]")) {
		s = s[:i]
	}
	return strings.TrimSuffix(s, ".")
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}

// answersOf adds the answers of r to those by who was told about which address, earliest first.
func (b *builder) answersOf(r *recording, index map[asker][]told) {
	list := b.audit.Answers
	from, _ := slices.BinarySearchFunc(list, r.base+1, func(a audit.Answer, n uint32) int { return int(a.Flow.N) - int(n) })
	to, _ := slices.BinarySearchFunc(list, r.base+uint32(len(r.flows))+1, func(a audit.Answer, n uint32) int { return int(a.Flow.N) - int(n) })
	list = list[from:to]
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Seen.Record == list[0].Seen.Record && list[n].Question == list[0].Question && list[n].Flow == list[0].Flow {
			n++
		}
		b.message(r, list[:n], index)
		list = list[n:]
	}
	for _, l := range index {
		slices.SortStableFunc(l, func(x, y told) int { return compareTimes(x.at, y.at) })
	}
}

func compareTimes(a, b capture.Time) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// message reads one response: the addresses in it, each with the chain of names that led there.
func (b *builder) message(r *recording, list []audit.Answer, index map[asker][]told) {
	for i := range list {
		v := &list[i]
		how, client := audit.ByDNS, r.client(v.Client)
		if v.By != "dns" {
			how, client = audit.ByMDNS, netip.Addr{}
		}
		for _, address := range addressesIn(v) {
			names, because := chain(list, v)
			for k, name := range names {
				names[k] = b.word(hostName(name))
			}
			key := asker{client, address}
			index[key] = append(index[key], told{v.Time, how, names, because})
		}
	}
}

// addressesIn returns the addresses that a record gives: of an A or AAAA its value, of HTTPS and SVCB the hints (RFC 9460 section 7.3).
func addressesIn(v *audit.Answer) []netip.Addr {
	switch v.Type {
	case "A", "AAAA":
		if a, err := netip.ParseAddr(v.Value); err == nil {
			return []netip.Addr{a}
		}
	case "HTTPS", "SVCB":
		_, list := dissect.Hints(v.Value)
		return list
	}
	return nil
}

// chain walks back from record v to the question over the CNAMEs of the same message.
func chain(list []audit.Answer, v *audit.Answer) (names []string, because []audit.ID) {
	names, because = []string{v.Name}, []audit.ID{v.ID}
	for range list { // each CNAME is used once at most
		first := names[0]
		if v.Question == "" || first == v.Question {
			break
		}
		found := false
		for i := range list {
			if c := &list[i]; c.Type == "CNAME" && c.Value == first && !slices.Contains(names, c.Name) {
				names, because = append([]string{c.Name}, names...), append([]audit.ID{c.ID}, because...)
				found = true
				break
			}
		}
		if !found {
			break
		}
	}
	return names, because
}

// bindTold binds the name that the most recent answer before the flow gave for its address.
func (b *builder) bindTold(r *recording, f *audit.Flow, list []told) {
	n, _ := slices.BinarySearchFunc(list, f.First, func(t told, at capture.Time) int {
		if t.at <= at {
			return -1
		}
		return 1
	})
	if n == 0 {
		return
	}
	t := &list[n-1]
	name := audit.Name{Name: t.names[0], How: t.how, Because: t.because}
	if len(t.names) > 1 {
		name.Via = t.names
	}
	addName(f, name)
}
