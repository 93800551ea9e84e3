package reports

import (
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// A session is one run as the reports list it; failed ones are listed like all others.
type session struct {
	ID      audit.ID
	Day     foreign
	Length  string
	Role    foreign
	Version foreign
	State   foreign
	Failed  foreign
	Setting foreign // device, account, consent, network: what the operator noted
	Note    foreign
	Root    string
	Signed  foreign
	Markers int
	Files   []link
}

// A link is an id, and whether the page has a row for it.
type link struct {
	ID    audit.ID
	Shown bool
}

func sessions(a *audit.Audit, b bounds) (rows []session, more int) {
	for i := range a.Sessions {
		if len(rows) == b.recordings {
			return rows, len(a.Sessions) - i
		}
		s := &a.Sessions[i]
		row := session{
			ID: s.ID, Day: clip(s.Day, 20), Role: clip(orElse(string(s.Role), string(audit.RoleTest)), 20), Version: clip(strings.TrimSpace(s.Version+" "+s.VersionCode), 60),
			State: clip(orElse(string(s.State), "bare recording"), 20), Failed: clip(s.Failed, 200), Setting: clip(setting(s), 300), Note: clip(s.Note, 300),
			Signed: clip(s.Signed, 40), Markers: len(s.Markers),
		}
		for _, id := range s.Recordings[:min(len(s.Recordings), 8)] {
			r := at(a.Recordings, id, audit.KindRecording)
			row.Files = append(row.Files, link{id, r != nil && r.ID == id && int(id.N) <= b.recordings})
		}
		if s.Start != capture.NoTime && s.End != capture.NoTime && s.End >= s.Start {
			row.Length = seconds(s.End - s.Start)
		}
		if s.Root != (capture.Digest{}) {
			row.Root = s.Root.String()
		}
		rows = append(rows, row)
	}
	return rows, 0
}

// setting puts what was declared about a session into one line.
func setting(s *audit.Session) string {
	var parts []string
	say := func(label, value string) {
		if value != "" {
			parts = append(parts, strings.TrimSpace(label+" "+value))
		}
	}
	say("", platform(s))
	say("account of", s.Account.Residence)
	say("tier", s.Account.Tier)
	say("age", s.Account.Age)
	for _, v := range s.Account.Settings[:min(len(s.Account.Settings), 6)] {
		say(v.Name, v.Value)
	}
	say("consent", s.Consent)
	say("store of", s.Store)
	say("network", s.Network)
	say("recorded by", s.Source)
	if s.Vantage != nil {
		say("vantage", vantage(s.Vantage))
	}
	if s.VPN {
		say("VPN", "on")
	}
	if s.Isolated {
		say("isolated device", "")
	}
	return strings.Join(parts, "; ")
}

func platform(s *audit.Session) string {
	return strings.TrimSpace(strings.Join([]string{s.Platform, s.Device, s.OS}, " "))
}

// method says how it was recorded and against what it was controlled, as far as the sessions say so.
func method(a *audit.Audit) []fact {
	var facts []fact
	say := func(label, value string) { facts = append(facts, fact{label, clip(value, 400)}) }
	roles := map[audit.SessionRole]int{}
	var failed, isolated, marked, markers int
	for i := range a.Sessions {
		s := &a.Sessions[i]
		if s.Failed != "" {
			failed++
			continue
		}
		if s.Role == "" {
			roles[audit.RoleTest]++
		} else {
			roles[s.Role]++
		}
		if s.Isolated {
			isolated++
		}
		if len(s.Markers) > 0 {
			marked++
			markers += len(s.Markers)
		}
	}
	test := roles[audit.RoleTest]
	say("Sessions", plural(test, "session")+" of use; a destination used in fewer than "+unseen(test)+" of sessions could have been missed (95%).")
	base := roles[audit.RoleIdle] + roles[audit.RoleUnopened] + roles[audit.RoleNullApp]
	if base == 0 {
		say("Baseline", "none: traffic of the device and of other apps was not recorded apart.")
	} else {
		say("Baseline", plural(base, "session")+": "+count(uint64(roles[audit.RoleIdle]))+" of the device alone, "+count(uint64(roles[audit.RoleUnopened]))+
			" with the tested app installed and not opened, "+count(uint64(roles[audit.RoleNullApp]))+" with an app that does nothing. The limits of this audit say which of them count.")
	}
	if roles[audit.RoleControl] == 0 {
		say("Control", "none: no repetition of the same version, and no app whose traffic is known, was recorded.")
	} else {
		say("Control", plural(roles[audit.RoleControl], "session")+" of the same version again, or of an app whose traffic is known.")
	}
	if marked == 0 {
		say("Steps", "no session carries markers: what was done is not known.")
	} else {
		say("Steps", plural(markers, "marker")+" in "+plural(marked, "session")+" say what was done when.")
	}
	say("Isolation", plural(isolated, "session")+" on a device prepared so that only its operating system and one app ran.")
	say("Failed", plural(failed, "session")+" counted as failed; each is listed, and counts for nothing.")
	say("Content", "Names, addresses and sizes are read; what is encrypted is not decrypted.")
	return facts
}

// unseen is the greatest probability per session that still leaves 1 in 20 chances never to be seen in n sessions, as a percentage.
func unseen(n int) string {
	if n == 0 {
		return "100%"
	}
	return percent(uint64(1e9*(1-rootN(0.05, n))), 1e9)
}
