package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/capture/session"
)

// What hides the device's address hides it wherever session.json says it, and what packets show is not passed for hidden.
func TestRedactions(t *testing.T) {
	const mac = "02:00:5e:00:53:17"
	gateway := session.About{Device: session.Device{MAC: "02:00:5E:00:53:17"}, Source: session.Source{Filter: "ether host " + mac, Attribution: session.AttributionDevice}}
	byAddress := session.About{Source: session.Source{Filter: "host 198.51.100.23", Attribution: session.AttributionDevice}}
	phone := session.About{Source: session.Source{Filter: "app org.example.app", Args: []string{"action=start"}, Attribution: session.AttributionApp}}
	for _, test := range []struct {
		name   string
		about  session.About
		redact []string
		want   []string
		shown  string
	}{
		{"address", gateway, []string{"device.mac"}, []string{"device.mac", "source.filter"}, "device.mac"},
		{"device", byAddress, []string{"event.marker", "device"}, []string{"event.marker", "device", "source.filter"}, "device"},
		{"filter already", gateway, []string{"source.filter", "device"}, []string{"source.filter", "device"}, "device"},
		{"app at a gateway", gateway, []string{"app.id", "account"}, []string{"app.id", "account"}, ""},
		{"app in trailers", phone, []string{"account", "app.id"}, []string{"account", "app.id"}, "app.id"},
		{"phone", phone, []string{"device"}, []string{"device"}, "device"},
		{"nothing", gateway, nil, nil, ""},
	} {
		if diff := cmp.Diff(test.want, withFilter(&test.about, test.redact)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
		if got := shownByPackets(&test.about, test.redact); got != test.shown {
			t.Errorf("%s: the packets show %q, want %q", test.name, got, test.shown)
		}
	}
}
