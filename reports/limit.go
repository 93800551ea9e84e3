package reports

import (
	"cmp"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// notShown stands on page one of every report, whatever was found.
var notShown = []fact{
	{"Where data is kept", "Packets show which server was reached, not where anything is kept afterwards."},
	{"Who can read it", "Access by staff, partners or authorities happens behind the server and leaves no packet here."},
	{"Where it goes next", "What one server passes on to another is outside a recording of this device."},
}

// limits are the blind spots that this very audit has, each with its numbers.
func limits(a *audit.Audit, t *tally, b bounds) []foreign {
	c := &a.Coverage
	var list []foreign
	say := func(when bool, s string) {
		if when {
			list = append(list, foreign(s))
		}
	}
	flows := func(s audit.Share) string { return plural(s.Flows, "flow") }
	say(len(a.Flows) > 0, "Content: this audit reads names, addresses and sizes. It does not decrypt, and it does not say what was sent.")
	say(len(a.Sessions) == 1, "One session: a destination used only now and then may be missing, and one that is here may not recur.")
	say(len(a.Sessions) > 1, "What was not done while recording is not shown: other accounts, places, settings and days may reach other destinations.")
	say(t.claimed > 0, "Places: for "+plural(t.claimed, "destination")+" the place is only claimed (L1, L2). Databases are wrong for several percent of addresses; read “X says”, not “is in”.")
	say(t.edges > 0, "Edges: "+plural(t.edges, "destination")+" on anycast or delivery fronts, which answer near the client. What lies behind them is not visible.")
	say(t.open > 0, "Not placed: "+plural(t.open, "destination")+" for which the evidence names no single country.")
	say(c.None.Flows > 0, "Names: "+flows(c.None)+" without a name, with an address only.")
	say(c.ECH.Flows > 0, "ECH: "+flows(c.ECH)+" with encrypted_client_hello offered. It may be real or a decoy: the name seen may be a cover name.")
	say(c.DoH.Flows > 0, "Encrypted DNS: what was asked in "+flows(c.DoH)+" is hidden, so names learned from answers may be missing.")
	say(t.push > 0, "Push: "+plural(t.push, "flow")+" to a push service of the platform. Who sends through it is not visible.")
	say(t.proxied > 0, "Proxy: "+plural(t.proxied, "flow")+" through a proxy; the place given is the proxy's.")
	say(a.Options.Vantage == nil, "Vantage: none was declared (--vantage), so round-trip times exclude no country.")
	say(a.Options.VPN, "VPN: one was on while recording; places near its exit say little about a connection without it.")
	say(c.Truncated.Flows > 0, "Cut packets: in "+flows(c.Truncated)+" the recorder kept only part of some packets; names may be missing there.")
	say(t.midway > 0, "Mid-stream: "+plural(t.midway, "flow")+" under way when the recording began; a name is known from DNS at best.")
	say(c.NotDevice.Flows > 0 && c.DeviceSure, "Other hosts: "+flows(c.NotDevice)+" not of the device, counted apart.")
	say(c.PastLimit.Flows > 0, "Flow limit: "+count(uint64(a.Options.FlowLimit))+" flows were kept; those past it are counted by address, port and protocol only.")
	recordingLimits(a, say)
	list = append(list, corrections(a)...)
	for i := range a.Datasets {
		d := &a.Datasets[i]
		say(d.Warning != "", "Dataset "+orElse(d.Title, d.Name)+": "+d.Warning+".")
	}
	for i, n := range a.Notes {
		if i == b.limits {
			say(true, "and "+plural(len(a.Notes)-i, "more note")+" in audit.json.")
			break
		}
		list = append(list, clip(n, 400))
	}
	if most := 40 + b.limits; len(list) > most {
		rest := len(list) - most
		list = append(list[:most], foreign("and "+count(uint64(rest))+" more; all are in audit.json."))
	}
	return list
}

// maxCorrections is how many corrections by hand a page lists one by one.
const maxCorrections = 100

// corrections lists the corrections by hand that touched the audit: they are their authors' words, whatever else is said.
func corrections(a *audit.Audit) []foreign {
	var list []foreign
	for i := range a.Overrides {
		if i == maxCorrections {
			return append(list, foreign("Corrected by hand: "+plural(len(a.Overrides)-i, "more correction")+"; all are in audit.json."))
		}
		o := &a.Overrides[i]
		list = append(list, "Corrected by hand ("+foreign(o.ID.String())+"): "+clip(o.Author, 120)+" says "+clip(o.Country, 20)+" for "+clip(o.Prefix, 60)+", on "+clip(o.Date, 20)+
			", because: "+clip(strings.TrimRight(o.Reason, "."), 300)+". It affects "+foreign(plural(len(o.Endpoints), "destination"))+".")
	}
	return list
}

// recordingLimits speaks of the files: what the recorder lost, what it stood in the way of.
func recordingLimits(a *audit.Audit, say func(bool, string)) {
	var dropped uint64
	var unknown, onDevice, secrets, timeless, undecoded, records uint64
	for i := range a.Recordings {
		r := &a.Recordings[i]
		switch {
		case r.LostKnown:
			dropped += r.Lost
		default:
			unknown++
		}
		if r.OnDevice {
			onDevice++
		}
		if r.Secrets > 0 {
			secrets++
		}
		if r.Records > 0 && r.First == capture.NoTime {
			timeless++
		}
		undecoded += uint64(r.Packets.Undecoded)
		records += uint64(r.Records)
	}
	say(dropped > 0, "Lost packets: recorders say that they dropped "+plural(dropped, "packet")+".")
	say(unknown > 0, "Lost packets: not known for "+plural(unknown, "recording")+"; the file does not say.")
	say(onDevice > 0, "On-device recording: in "+plural(onDevice, "recording")+" handshakes may end on the device itself, so round-trip times exclude nothing there.")
	say(secrets > 0, "Keys: decryption keys are in "+plural(secrets, "recording")+". They were not used and are not shown.")
	say(timeless > 0, "Times: none in "+plural(timeless, "recording")+", so the order of names and flows is the file's.")
	say(undecoded > 0, "Not decoded: "+plural(undecoded, "packet")+" ("+percent(undecoded, records)+") that could not become part of a flow, listed by kind.")
}

// A raise is what would raise the grade of some destinations.
type raise struct {
	What         foreign
	Destinations uint64
}

// raises lists what the places say is missing, most wanted first.
func raises(a *audit.Audit, b bounds) []raise {
	const kinds = 10000 // distinct sentences counted; the audit's own lists are far shorter
	wanted := map[string]uint64{}
	for i := range a.Endpoints {
		for _, m := range a.Endpoints[i].Place.Missing {
			if _, ok := wanted[m]; ok || len(wanted) < kinds {
				wanted[m]++
			}
		}
	}
	words := make([]string, 0, len(wanted))
	for m := range wanted {
		words = append(words, m)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(wanted[b], wanted[a]), strings.Compare(a, b)) })
	rows := make([]raise, 0, min(len(words), b.limits))
	for _, m := range words[:min(len(words), b.limits)] {
		rows = append(rows, raise{clip(m, 300), wanted[m]})
	}
	return rows
}
