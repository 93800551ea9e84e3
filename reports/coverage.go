package reports

import (
	"strings"

	"abroad/analyze/audit"
)

// coverage says how much of the traffic a report can speak about.
type coverage struct {
	Says []string // sentences for page one
	Rows []share
}

// A share is one row of the coverage table.
type share struct {
	Label   string
	Meaning string
	Flows   uint64
	Up      uint64
	Down    uint64
	OfFlows string // share of all flows
	OfUp    string // share of all bytes up
	Apart   bool   // not part of the total
}

func newCoverage(a *audit.Audit) coverage {
	c := &a.Coverage
	var cov coverage
	row := func(s audit.Share, apart bool, label, meaning string) {
		r := share{Label: label, Meaning: meaning, Flows: uint64(s.Flows), Up: s.BytesUp, Down: s.BytesDown, Apart: apart, OfFlows: "–", OfUp: "–"}
		if !apart {
			r.OfFlows, r.OfUp = percent(r.Flows, uint64(c.Total.Flows)), percent(r.Up, c.Total.BytesUp)
		}
		cov.Rows = append(cov.Rows, r)
	}
	whose := "flows of the device"
	if !c.DeviceSure {
		whose = "all flows where the device is not known, else the device's"
	}
	row(c.Total, false, "All", whose)
	row(c.Strong, false, "Strong name", "server name, HTTP host or DNS answer")
	row(c.Weak, false, "Weak name only", "mDNS, certificate or reverse look-up")
	row(c.None, false, "No name", "an address only")
	unattributed := minus(c.Total, c.Attributed)
	row(unattributed, false, "No app known", "not mapped to an app by the operating system")
	row(c.ECH, false, "ECH offered", "the name seen may be a cover name")
	row(c.DoH, false, "Encrypted DNS", "names asked for there are hidden")
	row(c.QUIC, false, "QUIC", "")
	row(c.Plaintext, false, "Plaintext", "application data went unencrypted")
	row(c.Truncated, false, "Cut by the recorder", "a snap length kept part of a packet")
	row(c.Local, false, "Local", "far side private, multicast and the like")
	row(c.NotDevice, true, "Not the device's", "other hosts in the recording")
	row(c.PastLimit, true, "Past the flow limit", "counted by address, port and protocol only")
	cov.Says = coverageSays(c, unattributed)
	return cov
}

func coverageSays(c *audit.Coverage, unattributed audit.Share) []string {
	if c.Total.Flows == 0 {
		says := "Nothing could be read as a flow, so there is nothing to place."
		if c.NotDevice.Flows > 0 {
			says = "No flow belongs to the device; counted apart: " + plural(c.NotDevice.Flows, "flow") + " of other hosts."
		}
		return []string{says}
	}
	flows, up := uint64(c.Total.Flows), c.Total.BytesUp
	of := " of the device"
	if !c.DeviceSure {
		of = ""
	}
	says := []string{
		plural(c.Total.Flows, "flow") + of + ": " + size(up) + " up, " + size(c.Total.BytesDown) + " down.",
		"A strong name is known for " + percent(uint64(c.Strong.Flows), flows) + " of flows and " + percent(c.Strong.BytesUp, up) +
			" of bytes up; only a weak one for " + percent(uint64(c.Weak.Flows), flows) + " and " + percent(c.Weak.BytesUp, up) +
			"; none for " + percent(uint64(c.None.Flows), flows) + " and " + percent(c.None.BytesUp, up) + ".",
	}
	var parts []string
	part := func(s audit.Share, label string) {
		parts = append(parts, label+" "+count(uint64(s.Flows))+" ("+percent(uint64(s.Flows), flows)+")")
	}
	part(c.ECH, "ECH offered")
	part(c.DoH, "encrypted DNS")
	part(c.QUIC, "QUIC")
	part(c.Truncated, "cut by the recorder")
	part(unattributed, "no app known")
	says = append(says, "In flows: "+strings.Join(parts, ", ")+".")
	if c.NotDevice.Flows > 0 && c.DeviceSure {
		were := " of other hosts were recorded; they are counted apart."
		if c.NotDevice.Flows == 1 {
			were = " of other hosts was recorded; it is counted apart."
		}
		says = append(says, "Besides, "+plural(c.NotDevice.Flows, "flow")+were)
	}
	if c.PastLimit.Flows > 0 {
		says = append(says, "The flow limit was reached: the flows past it are "+plural(c.PastLimit.Flows, "counter")+" by address, port and protocol ("+
			size(c.PastLimit.BytesUp+c.PastLimit.BytesDown)+").")
	}
	return says
}

// minus subtracts part from whole and never goes below nothing.
func minus(whole, part audit.Share) audit.Share {
	return audit.Share{
		Flows:     whole.Flows - min(whole.Flows, part.Flows),
		BytesUp:   whole.BytesUp - min(whole.BytesUp, part.BytesUp),
		BytesDown: whole.BytesDown - min(whole.BytesDown, part.BytesDown),
	}
}
