package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"abroad/analyze/audit"
	"abroad/analyze/locate"
	"abroad/capture/session"
)

// A declaration is what the flags of "abroad record" say about the app, the device and the place.
type declaration struct {
	plan, role                                     string
	app, appName, version, code, signer            string
	platform, maker, model, os, osBuild, deviceKey string
	residence, tier, age, consent, store, network  string
	vantage, isp, note                             string
	settings                                       []string
	as, repeat                                     uint32
	vpn, isolated                                  bool

	answers *bufio.Reader // of a terminal, once something was asked
}

func (d *declaration) flags(f *pflag.FlagSet) {
	f.StringVar(&d.plan, "plan", "", "take what follows from `FILE` (abroad help plan)")
	f.StringVar(&d.role, "role", "", "test, idle, unopened, null-app or control, `WORD`")
	f.BoolVar(&d.isolated, "isolated", false, "only the app and the system run on the device")
	f.StringVar(&d.app, "app", "", "the app under test, by its store's `ID`")
	f.StringVar(&d.appName, "app-name", "", "its `NAME`")
	f.StringVar(&d.version, "app-version", "", "its version `V`")
	f.StringVar(&d.code, "app-build", "", "its build `N` (Android's versionCode)")
	f.StringVar(&d.signer, "signer", "", "SHA-256 of its signing certificate, `HEX`")
	f.StringVar(&d.platform, "platform", "", "the device's, android or ios: `WORD`")
	f.StringVar(&d.maker, "maker", "", "its `MAKER`")
	f.StringVar(&d.model, "model", "", "its `MODEL`")
	f.StringVar(&d.os, "os", "", "its system's version `V`")
	f.StringVar(&d.osBuild, "os-build", "", "its system's build `B`")
	f.StringVar(&d.deviceKey, "device-key", "", "`WORD` that tells this device from others")
	f.StringVar(&d.residence, "residence", "", "country of residence of the account, `CC`")
	f.StringVar(&d.tier, "tier", "", "tier of the account, `WORD`")
	f.StringVar(&d.age, "age", "", "age or age group of the account, `WORD`")
	f.StringArrayVar(&d.settings, "setting", nil, "a setting, `NAME=VALUE`; may be repeated")
	f.StringVar(&d.consent, "consent", "", "what was consented to: none, rejected …, `WORD`")
	f.StringVar(&d.store, "store-country", "", "country of the app store, `CC`")
	f.StringVar(&d.network, "network", "", "wifi, mobile …, `WORD`")
	f.StringVar(&d.vantage, "vantage", "", "where it is recorded: `CC|LAT,LON,KM`")
	f.StringVar(&d.isp, "isp", "", "whose network it is, `NAME`")
	f.Uint32Var(&d.as, "as", 0, "the network's AS number, `N`")
	f.BoolVar(&d.vpn, "vpn", false, "a VPN is on (not the recorder's own)")
	f.Uint32Var(&d.repeat, "repeat", 0, "repetition `N` of the plan (default: counted)")
	f.StringVar(&d.note, "note", "", "anything else, `TEXT`; left out of public exports")
}

// fill takes from the plan what the flags leave open.
func (d *declaration) fill(p *planFile) {
	for _, m := range [...]struct {
		flag *string
		plan string
	}{
		{&d.role, p.Role}, {&d.app, p.App.ID}, {&d.appName, p.App.Name}, {&d.version, p.App.Version}, {&d.code, p.App.Code},
		{&d.signer, p.App.Signer}, {&d.platform, p.Device.Platform}, {&d.maker, p.Device.Maker}, {&d.model, p.Device.Model}, {&d.os, p.Device.OS},
		{&d.osBuild, p.Device.Build}, {&d.deviceKey, p.Device.Key}, {&d.residence, p.Account.Residence}, {&d.tier, p.Account.Tier},
		{&d.age, p.Account.Age}, {&d.consent, p.Consent}, {&d.store, p.Store}, {&d.network, p.Network}, {&d.vantage, p.Vantage}, {&d.isp, p.ISP},
		{&d.note, p.Note},
	} {
		*m.flag = cmp.Or(*m.flag, m.plan)
	}
	d.as = cmp.Or(d.as, p.AS)
	d.vpn, d.isolated = d.vpn || p.VPN, d.isolated || p.Isolated
}

// about checks the declaration and puts it into a session's words.
func (d *declaration) about(p *planFile) (session.About, error) {
	a := session.About{
		Tool: session.Tool{Name: "abroad", Version: version, Build: runtime.GOOS + "/" + runtime.GOARCH},
		Role: cmp.Or(d.role, string(audit.RoleTest)), Isolated: d.isolated,
		App:     session.App{ID: d.app, Name: d.appName, Version: d.version, Code: d.code, Signer: strings.ToLower(strings.ReplaceAll(d.signer, ":", ""))},
		Device:  session.Device{Platform: d.platform, Maker: d.maker, Model: d.model, OS: d.os, Build: d.osBuild, MAC: p.Device.MAC, Key: d.deviceKey},
		Account: session.Account{Tier: d.tier, Age: d.age, Settings: p.settings()},
		Consent: d.consent, Network: d.network, VPN: d.vpn, Plan: p.scenario(d.repeat), Note: d.note,
	}
	switch audit.SessionRole(a.Role) {
	case audit.RoleTest, audit.RoleIdle, audit.RoleUnopened, audit.RoleNullApp, audit.RoleControl:
	default:
		return a, usagef("", "--role: %q is none of test, idle, unopened, null-app, control", a.Role)
	}
	if s := a.App.Signer; s != "" && (len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "") {
		return a, usagef("", "--signer: %q is no SHA-256", d.signer)
	}
	if a.Device.MAC != "" {
		if _, err := net.ParseMAC(a.Device.MAC); err != nil {
			return a, fmt.Errorf("read plan: device: mac %q is no MAC address", a.Device.MAC)
		}
	}
	var err error
	if a.Account.Residence, err = country("residence", d.residence); err != nil {
		return a, err
	}
	if a.StoreCountry, err = country("store-country", d.store); err != nil {
		return a, err
	}
	vantage, err := parseVantage(d.vantage)
	if err != nil {
		return a, usagef("", "--vantage: %w", err)
	}
	if vantage != nil {
		a.Vantage = session.Vantage{Country: vantage.Country, How: "declared"}
		if vantage.Country == "" {
			a.Vantage.Lat, a.Vantage.Lon, a.Vantage.AccuracyKM = &vantage.Lat, &vantage.Lon, vantage.Radius
		}
	}
	a.Vantage.ISP, a.Vantage.AS = d.isp, d.as
	return a, d.set(&a.Account)
}

// set adds the settings of flags to those of the plan.
func (d *declaration) set(account *session.Account) error {
	for _, s := range d.settings {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return usagef("", "--setting: %q is not NAME=VALUE", s)
		}
		account.Settings = slices.DeleteFunc(account.Settings, func(x session.Setting) bool { return x.Name == name })
		account.Settings = append(account.Settings, session.Setting{Name: name, Value: value})
	}
	slices.SortFunc(account.Settings, func(a, b session.Setting) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// country checks an ISO 3166-1 code.
func country(flag, code string) (string, error) {
	if code == "" {
		return "", nil
	}
	found := locate.Country(code)
	if found == "" {
		return "", usagef("", "--%s: %q is no ISO 3166-1 country code", flag, code)
	}
	return found, nil
}
