package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abroad/analyze/audit"
)

// A Field is something that is recorded about a session and can tell the arms apart.
type Field struct {
	Name string
	Doc  string
	of   func(*audit.Session, *audit.Audit) string
}

// Fields lists what arms can be told apart by, in alphabetical order. "audit" tells them apart by the document they stand in, whatever is
// recorded: two batches of the same version are a control.
var Fields = []Field{
	{"account-age", "how old the account is", func(s *audit.Session, _ *audit.Audit) string { return s.Account.Age }},
	{"audit", "nothing recorded: the audits as they are given", func(*audit.Session, *audit.Audit) string { return "" }},
	{"consent", "the state of consent", func(s *audit.Session, _ *audit.Audit) string { return s.Consent }},
	{"country", "where it was recorded (the vantage)", func(s *audit.Session, a *audit.Audit) string { return vantage(s, a) }},
	{"device", "the device's model", func(s *audit.Session, _ *audit.Audit) string { return s.Device }},
	{"network", "the kind of network", func(s *audit.Session, _ *audit.Audit) string { return s.Network }},
	{"os", "the operating system", func(s *audit.Session, _ *audit.Audit) string { return s.OS }},
	{"platform", "android or ios", func(s *audit.Session, _ *audit.Audit) string { return s.Platform }},
	{"residence", "the country of the account", func(s *audit.Session, _ *audit.Audit) string { return s.Account.Residence }},
	{"store", "the country of the app store", func(s *audit.Session, _ *audit.Audit) string { return s.Store }},
	{"tier", "what the account pays for", func(s *audit.Session, _ *audit.Audit) string { return s.Account.Tier }},
	{"version", "the version of the app under test", func(s *audit.Session, a *audit.Audit) string { return version(s, a) }},
	{"vpn", "whether a VPN was on", func(s *audit.Session, a *audit.Audit) string { return yes(s.VPN || a.Options.VPN) }},
}

// FindField returns the field of that name; the error lists the names there are.
func FindField(name string) (*Field, error) {
	names := make([]string, len(Fields))
	for i := range Fields {
		if Fields[i].Name == name {
			return &Fields[i], nil
		}
		names[i] = Fields[i].Name
	}
	return nil, fmt.Errorf("field %q: want one of %s", name, strings.Join(names, ", "))
}

func version(s *audit.Session, a *audit.Audit) string {
	if s.Version != "" {
		return s.Version
	}
	return a.Subject.Version
}

func app(s *audit.Session, a *audit.Audit) string {
	if s.App != "" {
		return s.App
	}
	return a.Subject.App
}

// vantage writes where a session was recorded: "IS", or latitude, longitude and radius.
func vantage(s *audit.Session, a *audit.Audit) string {
	v := s.Vantage
	if v == nil {
		v = a.Options.Vantage
	}
	if v == nil {
		return ""
	}
	if v.Country != "" {
		return v.Country
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return number(v.Lat) + "," + number(v.Lon) + "," + number(v.Radius)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// settings lists every field of a session that was recorded.
func settings(s *audit.Session, a *audit.Audit) []audit.Setting {
	var list []audit.Setting
	for i := range Fields {
		if v := Fields[i].of(s, a); v != "" {
			list = append(list, audit.Setting{Name: Fields[i].Name, Value: v})
		}
	}
	for _, set := range s.Account.Settings {
		list = append(list, audit.Setting{Name: "setting " + set.Name, Value: set.Value})
	}
	slices.SortFunc(list, func(x, y audit.Setting) int { return strings.Compare(x.Name, y.Name) })
	return list
}
