package promise

import (
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// scope keeps the sessions of an arm that a clause speaks of. Where none is left, it says why, and which field decided it.
func (j *judge) scope(arm []int) (in []int, why audit.Reason, detail string) {
	inForce := arm[:0:0]
	for _, i := range arm {
		if j.inForce(j.e.Sessions[i].Day) {
			inForce = append(inForce, i)
		}
	}
	if len(inForce) == 0 {
		return nil, audit.NotInForce, j.when()
	}
	for _, i := range inForce {
		r, field := j.speaksOf(&j.e.Sessions[i])
		if r == "" {
			in = append(in, i)
			continue
		}
		if why == "" || why == audit.OutOfScope && r == audit.ScopeUnknown { // what is not recorded can be mended
			why, detail = r, field
		}
	}
	if len(in) > 0 {
		return in, "", ""
	}
	return nil, why, detail
}

func (j *judge) inForce(day string) bool {
	f := &j.clause.InForce
	return j.clause.Force != "plan" && day != "" && day >= f.From && (f.To == "" || day <= f.To)
}

func (j *judge) when() string {
	f := &j.clause.InForce
	switch {
	case j.clause.Force == "plan":
		return "a plan"
	case f.To != "":
		return "from " + f.From + " to " + f.To
	}
	return "from " + f.From
}

// speaksOf returns the first field of a session that the clause's scope names and that differs, or was not recorded.
func (j *judge) speaksOf(s *Session) (audit.Reason, string) {
	if !j.file.names(s.App) {
		return audit.OutOfScope, "app"
	}
	u := &j.clause.Scope.Users
	residence := s.Account.Residence
	if len(u.Residence)+len(u.NotResidence) > 0 {
		switch {
		case residence == "":
			return audit.ScopeUnknown, "residence"
		case len(u.Residence) > 0 && !slices.Contains(Expand(u.Residence, s.Day), residence), slices.Contains(Expand(u.NotResidence, s.Day), residence):
			return audit.OutOfScope, "residence"
		}
	}
	if u.Tier != "" && u.Tier != "any" {
		switch strings.ToLower(s.Account.Tier) {
		case "":
			return audit.ScopeUnknown, "tier"
		case u.Tier:
		default:
			return audit.OutOfScope, "tier"
		}
	}
	if u.Setting != "" {
		v := setting(&s.Account, u.Setting)
		switch {
		case v == "":
			return audit.ScopeUnknown, u.Setting
		case slices.Contains([]string{"no", "off", "false"}, strings.ToLower(v)), isCountry(v) && len(u.Residence) > 0 && !slices.Contains(Expand(u.Residence, s.Day), v):
			return audit.OutOfScope, u.Setting
		}
	}
	if len(j.clause.Scope.Surface) > 0 && len(j.actions()) == 0 { // a step of the scenario says which part was used
		switch v := setting(&s.Account, "surface"); {
		case v == "":
			return audit.ScopeUnknown, "surface"
		case !slices.Contains(j.clause.Scope.Surface, v):
			return audit.OutOfScope, "surface"
		}
	}
	return "", ""
}

// actions lists every step that an indicator of the clause selects, sorted.
func (j *judge) actions() []string {
	var list []string
	for i := range j.clause.Indicators {
		list = append(list, j.clause.Indicators[i].Select.Action...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// exercised keeps the sessions in which every step was done; undone is a step that was done in no session, or never with the others.
func (j *judge) exercised(sessions []int) (in []int, undone string) {
	for _, want := range j.actions() {
		if !slices.ContainsFunc(sessions, func(i int) bool { return slices.Contains(j.e.Sessions[i].Actions, want) }) {
			return nil, want
		}
		undone = want
	}
	for _, i := range sessions {
		if subset(j.actions(), j.e.Sessions[i].Actions) {
			in = append(in, i)
		}
	}
	if len(in) > 0 {
		undone = ""
	}
	return in, undone
}
