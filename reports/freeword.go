package reports

import (
	"slices"
	"strings"

	"abroad/analyze/audit"
)

// Kinds of networks that a public copy may name. Every other word for one may be that of a network: its SSID, its operator.
var networkKinds = []string{
	"wifi", "wi-fi", "wlan", "ethernet", "wired", "lan", "mobile", "cellular", "2g", "3g", "4g", "5g", "lte", "nr", "usb", "tethered", "hotspot", "roaming",
	"cable", "dsl", "fibre", "fiber", "satellite", "home", "office", "public", "lab", "none",
}

// Settings whose values name somebody, by a part of their own name.
var naming = []string{"user", "login", "mail", "phone", "handle", "account", "name", "number", "serial", "imei", "ssid", "password"}

// freeWords takes out of a session, and of the notes about it, what people typed and programs reported that may name a person, a network or a
// device. What a promise is held against stays: residence, tier, age, consent and settings, unless they look like a name.
func (c *copying) freeWords(a *audit.Audit) {
	drop := func(s *string) {
		*s = "left out"
		c.many[outWord]++
	}
	for i := range a.Sessions {
		s := &a.Sessions[i]
		if !slices.Contains(networkKinds, strings.ToLower(s.Network)) && s.Network != "" {
			drop(&s.Network)
		}
		for _, word := range []*string{&s.Account.Tier, &s.Account.Age, &s.Consent} {
			if identifies(*word) {
				drop(word)
			}
		}
		for k := range s.Account.Settings {
			v := &s.Account.Settings[k]
			lower := strings.ToLower(v.Name)
			if v.Value != "" && (identifies(v.Value) || slices.ContainsFunc(naming, func(part string) bool { return strings.Contains(lower, part) })) {
				drop(&v.Value)
			}
		}
	}
	for i, note := range a.Notes { // the reason is an error of a program that may name the device or the host
		const interrupted = "it was interrupted"
		if at := strings.Index(note, interrupted+": "); at >= 0 {
			a.Notes[i] = note[:at] + interrupted
			c.many[outWord]++
		}
	}
}

// identifies reports whether a word looks like an address of a person, or a number that only one has.
func identifies(word string) bool {
	digits := 0
	for _, r := range word {
		switch {
		case r == '@':
			return true
		case r >= '0' && r <= '9':
			if digits++; digits == 6 {
				return true
			}
		}
	}
	return false
}
