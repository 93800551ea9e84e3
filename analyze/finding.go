package analyze

import (
	"fmt"

	"abroad/analyze/audit"
)

// maxEvidence is how many ids a finding lists; it says how many flows there are in all.
const maxEvidence = 100

// A rule asks one question of the whole audit. It returns what it concludes, or a Finding without Says for nothing.
type rule struct {
	name string
	ask  func(b *builder) audit.Finding
}

// rules lists every rule, in the order of the report.
var rules = []rule{
	{"plaintext", plaintext},
	{"device-unknown", deviceUnknown},
	{"device-level", deviceLevel},
	{"losses", losses},
	{"ech", ech},
	{"encrypted-dns", encryptedDNS},
	{"no-name", noName},
	{"proxied", proxied},
	{"one-database", oneDatabase},
	{"owners", ownersKnown},
}

func (b *builder) findings() {
	for _, r := range rules {
		f := r.ask(b)
		if f.Says == "" {
			continue
		}
		f.ID = audit.ID{Kind: audit.KindFinding, N: uint32(len(b.audit.Findings) + 1)}
		f.Rule = r.name
		b.audit.Findings = append(b.audit.Findings, f)
	}
}

// device lists the flows that the audit is about.
func (b *builder) device(yield func(*audit.Flow) bool) {
	for _, r := range b.recs {
		for _, f := range r.flows {
			if (f.Device || len(r.device.Addresses) == 0) && !yield(&f.Flow) {
				return
			}
		}
	}
}

// flagged counts the flows to the outside with a flag and without others, and lists the first of them.
func (b *builder) flagged(flag, without audit.Flags) (n uint32, because []audit.ID) {
	for f := range b.device {
		if !f.Flags.Has(flag) || f.Flags&(without|audit.LocalOnly) != 0 {
			continue
		}
		n++
		if len(because) < maxEvidence {
			because = append(because, f.ID)
		}
	}
	return n, because
}

func flows(n uint32) string { return number(uint64(n), "flow") }

func number(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// verb is the form for n things, such as "has" and "have".
func verb(n uint64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func plaintext(b *builder) audit.Finding {
	n, because := b.flagged(audit.Plaintext, audit.Upgraded) // before STARTTLS only a greeting is in the clear
	if n == 0 {
		return audit.Finding{}
	}
	return audit.Finding{Outcome: audit.Yes, Flows: n, Because: because,
		Says: flows(n) + " carried application data without encryption: anyone on the path can read and change it."}
}

func deviceUnknown(b *builder) audit.Finding {
	if b.audit.Coverage.DeviceSure {
		return audit.Finding{}
	}
	f := audit.Finding{Outcome: audit.Unknown, Says: "It is not known which address is the device under test; every flow is counted, and up means from the side that began it.",
		Missing: []string{"the device's address or MAC: --device ADDR|MAC"}}
	for i, r := range b.recs {
		if len(r.device.Addresses) == 0 {
			f.Because = append(f.Because, b.audit.Recordings[i].ID)
		}
	}
	return f
}

func deviceLevel(b *builder) audit.Finding {
	total, named := b.audit.Coverage.Total.Flows, b.audit.Coverage.Attributed.Flows
	if total == 0 || named == total {
		return audit.Finding{}
	}
	f := audit.Finding{Outcome: audit.Unknown, Flows: total - named, Missing: []string{"a recording that maps flows to apps (PCAPdroid, NFLOG by uid, PKTAP), or baselines of an isolated device"}}
	if named == 0 {
		f.Says = "Device level: the recording does not say which app sent a flow. Traffic of the system and of other apps is in these numbers."
	} else {
		f.Says = fmt.Sprintf("%s of %d %s not mapped to an app by the operating system.", flows(total-named), total, verb(uint64(total-named), "is", "are"))
	}
	return f
}

func losses(b *builder) audit.Finding {
	var lost uint64
	f := audit.Finding{Outcome: audit.Yes}
	for i := range b.audit.Recordings {
		if r := &b.audit.Recordings[i]; r.Lost > 0 {
			lost += r.Lost
			f.Because = append(f.Because, r.ID)
		}
	}
	if lost > 0 {
		f.Says = "The recorder lost " + number(lost, "packet") + ": a destination that is not listed may have been missed."
	}
	return f
}

func ech(b *builder) audit.Finding {
	n, because := b.flagged(audit.ECHOffered, 0)
	if n == 0 {
		return audit.Finding{}
	}
	return audit.Finding{Outcome: audit.Unknown, Flows: n, Because: because,
		Says:    flows(n) + " offered Encrypted Client Hello, real or as a decoy: the server name seen may be a cover name.",
		Missing: []string{"the key log of the connection"}}
}

func encryptedDNS(b *builder) audit.Finding {
	n, because := b.flagged(audit.EncryptedDNS, 0)
	if n == 0 {
		return audit.Finding{}
	}
	return audit.Finding{Outcome: audit.Yes, Flows: n, Because: because,
		Says:    flows(n) + " carried encrypted DNS: names looked up there are not in the recording.",
		Missing: []string{"a recording with encrypted DNS switched off on the device"}}
}

func noName(b *builder) audit.Finding {
	f := audit.Finding{Outcome: audit.Unknown, Missing: []string{"a recording that begins before the app asks for its names"}}
	for flow := range b.device {
		if len(flow.Names) > 0 || flow.Flags.Has(audit.LocalOnly) {
			continue
		}
		f.Flows++
		if len(f.Because) < maxEvidence {
			f.Because = append(f.Because, flow.ID)
		}
	}
	if f.Flows > 0 {
		f.Says = flows(f.Flows) + " to outside addresses " + verb(uint64(f.Flows), "has", "have") + " no name: the recording shows the address only."
	}
	return f
}

func proxied(b *builder) audit.Finding {
	n, because := b.flagged(audit.Proxied, 0)
	if n == 0 {
		return audit.Finding{}
	}
	return audit.Finding{Outcome: audit.Yes, Flows: n, Because: because,
		Says: flows(n) + " went through a proxy: the endpoint's place is the proxy's, not the destination's."}
}

func oneDatabase(b *builder) audit.Finding {
	f := audit.Finding{Outcome: audit.Unknown}
	var n uint64
	for i := range b.audit.Endpoints {
		e := &b.audit.Endpoints[i]
		if e.Place.Grade != audit.L1 || e.Place.Country == "" {
			continue
		}
		n++
		if len(f.Because) < maxEvidence {
			f.Because = append(f.Because, e.ID)
		}
		if len(f.Missing) == 0 {
			f.Missing = e.Place.Missing
		}
	}
	if n > 0 {
		f.Says = fmt.Sprintf("%s %s placed by one database alone. Such a database is wrong for several percent of addresses: treat %s.",
			number(n, "endpoint"), verb(n, "is", "are"), verb(n, "this country as a claim", "these countries as claims"))
	}
	return f
}
