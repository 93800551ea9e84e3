package reports

import (
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// title names the subject, or the first recording where none was declared.
func title(a *audit.Audit) foreign {
	name := strings.TrimSpace(a.Subject.App + " " + a.Subject.Version)
	if name == "" && len(a.Recordings) > 0 {
		name = a.Recordings[0].Name
		if n := len(a.Recordings) - 1; n > 0 {
			name += " and " + plural(n, "more recording")
		}
	}
	if name == "" {
		name = "empty audit"
	}
	return clip(name, 200)
}

// level says about whom the report speaks. A gateway sees a device, not an app, and page one has to say so.
func level(a *audit.Audit) []string {
	c := &a.Coverage
	var says []string
	switch {
	case c.Total.Flows == 0:
		says = append(says, "Device level: there is no flow that could be mapped to an app.")
	case c.Attributed.Flows == 0:
		says = append(says, "Device level, as in every gateway capture: the recording does not say which app sent a flow, so nothing below is about one app alone.")
	case c.Attributed.Flows < c.Total.Flows:
		says = append(says, "App level for "+percent(uint64(c.Attributed.Flows), uint64(c.Total.Flows))+" of flows and "+
			percent(c.Attributed.BytesUp, c.Total.BytesUp)+" of bytes up: there the operating system named the sending app (A3). The rest is device level: which app sent it is not known.")
	default:
		says = append(says, "App level: the operating system named the sending app of every flow (A3).")
	}
	if a.Subject.App != "" && c.Attributed.Flows < c.Total.Flows {
		says = append(says, "The name on this card was declared by the user, not read from the recording.")
	}
	if c.Total.Flows > 0 && !c.DeviceSure {
		says = append(says, "In some recordings the device under test is not known: there, up means from the side that began a flow, as far as it was seen.")
	}
	return says
}

// card is the head of a report: what was recorded, when, by what, and with which tool it was read.
func card(a *audit.Audit) []fact {
	var facts []fact
	say := func(label, value string) { facts = append(facts, fact{label, clip(value, 300)}) }
	say("App", orElse(strings.TrimSpace(a.Subject.App+" "+a.Subject.Version), "not declared"))
	say("Platform", orElse(distinct(a, func(s *audit.Session) string {
		return strings.Join(strings.Fields(s.Platform+" "+s.OS+" "+s.Device), " ")
	}), "not declared"))
	say("Recorded", period(a))
	say("Sessions", plural(len(a.Sessions), "session")+failed(a)+" on "+plural(days(a), "day")+" (UTC), "+plural(len(a.Recordings), "recording"))
	say("Sender", "named by the operating system (A3) for "+count(uint64(a.Coverage.Attributed.Flows))+" of "+plural(a.Coverage.Total.Flows, "flow"))
	say("Vantage", wherefrom(a))
	if a.Options.VPN {
		say("VPN", "declared: a VPN was on while recording")
	}
	say("Device", device(a))
	for i := range a.Promises {
		v := &a.Promises[i]
		say("Promise file", v.File+", compiled on "+v.Compiled+", SHA-256 "+v.SHA256.Short()+"…")
	}
	say("Datasets", datasetDays(a))
	say("Root hash", roots(a))
	for _, r := range a.Public {
		if r.Count > 0 {
			say("Left out", r.What+": "+count(r.Count))
		}
	}
	if len(a.Public) > 0 {
		say("Public copy", "the audit itself has all of it, and other numbers of ids")
	}
	say("Made by", orElse(strings.TrimSpace(a.Tool.Name+" "+a.Tool.Version), "unknown tool")+", "+a.Schema)
	return facts
}

// distinct lists what the sessions say of something, each once, at most three.
func distinct(a *audit.Audit, say func(*audit.Session) string) string {
	const most = 3
	var list []string
	for i := range a.Sessions {
		if s := say(&a.Sessions[i]); s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	if n := len(list) - most; n > 0 {
		list = append(list[:most], count(uint64(n))+" more")
	}
	return strings.Join(list, "; ")
}

func failed(a *audit.Audit) string {
	n := 0
	for i := range a.Sessions {
		if a.Sessions[i].Failed != "" {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return " (" + count(uint64(n)) + " failed)"
}

// wherefrom lists the vantages: of the audit, or of its sessions where these declare their own.
func wherefrom(a *audit.Audit) string {
	own := distinct(a, func(s *audit.Session) string {
		if s.Vantage == nil {
			return ""
		}
		return vantage(s.Vantage)
	})
	if a.Options.Vantage != nil || own == "" {
		return vantage(a.Options.Vantage)
	}
	return own
}

// datasetDays counts the datasets and says from when they are; the list with hashes stands below.
func datasetDays(a *audit.Audit) string {
	first, last := "", ""
	for i := range a.Datasets {
		if d := a.Datasets[i].AsOf; d != "" {
			if first == "" || d < first {
				first = d
			}
			last = max(last, d)
		}
	}
	says := plural(len(a.Datasets), "dataset")
	switch {
	case first == "":
	case first == last:
		says += ", as of " + first
	default:
		says += ", as of " + first + " to " + last
	}
	return says
}

// roots says what the sessions are sealed with: each root hash is that of a session's manifest.
func roots(a *audit.Audit) string {
	var sealed []string
	for i := range a.Sessions {
		if r := a.Sessions[i].Root; !r.IsZero() {
			sealed = append(sealed, r.String())
		}
	}
	switch {
	case len(sealed) == 0:
		return "none: bare recordings, each with its SHA-256 below"
	case len(a.Sessions) == 1:
		return sealed[0]
	}
	return "of " + count(uint64(len(sealed))) + " of " + plural(len(a.Sessions), "session") + ", under Sessions"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// period is the time between the first and the last packet of all recordings.
func period(a *audit.Audit) string {
	first, last := capture.NoTime, capture.NoTime
	for i := range a.Recordings {
		r := &a.Recordings[i]
		if r.First != capture.NoTime && (first == capture.NoTime || r.First < first) {
			first = r.First
		}
		if r.Last != capture.NoTime && r.Last > last {
			last = r.Last
		}
	}
	if first == capture.NoTime || last == capture.NoTime {
		return "no packet carries a time"
	}
	return minute(first) + " to " + minute(last) + " UTC"
}

// minute writes t as "2026-11-03 10:00".
func minute(t capture.Time) string {
	s := t.String()
	if len(s) < 16 {
		return s
	}
	return s[:10] + " " + s[11:16]
}

func days(a *audit.Audit) int {
	seen := map[string]bool{}
	for i := range a.Sessions {
		if d := a.Sessions[i].Day; d != "" {
			seen[d] = true
		}
	}
	return len(seen)
}

func vantage(v *audit.Vantage) string {
	switch {
	case v == nil:
		return "not declared"
	case v.Country != "":
		return "declared as " + v.Country
	}
	return "declared as " + degrees(v.Lat) + ", " + degrees(v.Lon) + " within " + degrees(v.Radius) + " km"
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// device says which addresses are the device's, once where every recording agrees.
func device(a *audit.Audit) string {
	const shown = 6
	var parts, reasons []string
	seen := map[string]bool{}
	for i := range a.Recordings {
		d := &a.Recordings[i].Device
		for _, addr := range d.Addresses {
			if s := addr.String(); !seen[s] {
				seen[s] = true
				parts = append(parts, s)
			}
		}
		for _, mac := range d.MACs {
			if !seen[mac] {
				seen[mac] = true
				parts = append(parts, mac)
			}
		}
		if key := "reason " + d.Reason; !seen[key] {
			seen[key] = true
			reasons = append(reasons, orElse(d.Reason, "unknown"))
		}
	}
	if len(parts) == 0 {
		return "not known"
	}
	more := ""
	if n := len(parts) - shown; n > 0 {
		parts, more = parts[:shown], " and "+count(uint64(n))+" more"
	}
	return strings.Join(parts, ", ") + more + " (decided by: " + strings.Join(reasons, ", ") + ")"
}

// A recording is one capture file as the reports list it.
type recording struct {
	ID      audit.ID
	Name    foreign
	Format  foreign
	SHA256  string
	Size    uint64
	Packets uint32
	Period  foreign
	Written foreign // by which program, as the file says
	Lost    string
	Links   foreign
}

func recordings(a *audit.Audit, b bounds) (rows []recording, more int) {
	for i := range a.Recordings {
		if len(rows) == b.recordings {
			return rows, len(a.Recordings) - i
		}
		r := &a.Recordings[i]
		row := recording{
			ID: r.ID, Name: clip(r.Name, 120), Format: clip(strings.TrimSpace(r.Format+" "+r.Compression), 40), SHA256: r.SHA256.String(),
			Size: uint64(max(r.Size, 0)), Packets: r.Records, Written: clip(r.Application, 120), Lost: lost(r),
		}
		if r.First != capture.NoTime {
			row.Period = foreign(r.First.String() + " to " + r.Last.String())
		}
		var links []string
		for _, n := range r.Interfaces {
			if len(links) == 8 {
				links = append(links, "…")
				break
			}
			links = append(links, n.Link)
		}
		row.Links = clip(strings.Join(links, ", "), 120)
		rows = append(rows, row)
	}
	return rows, 0
}

func lost(r *audit.Recording) string {
	switch {
	case r.LostKnown && r.Lost == 0:
		return "none, says the recorder"
	case r.LostKnown:
		return plural(r.Lost, "packet") + ", says the recorder"
	}
	return "not known"
}
