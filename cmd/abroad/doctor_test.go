package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"abroad/capture/recorder"
)

// Every command in the ways to a first recording exists, with its flags and arguments.
func TestSteps(t *testing.T) {
	quoted := regexp.MustCompile(`"[^"]*"|'[^']*'`)
	found := 0
	for _, name := range [...]string{"gateway", "android", "ios"} {
		topic := topicNamed(name)
		if topic == nil {
			t.Fatalf("no help about %s", name)
		}
		for _, row := range topic.Rows() {
			command, ok := strings.CutPrefix(row[1], "$ ")
			if !ok {
				continue
			}
			for part := range strings.SplitSeq(strings.ReplaceAll(quoted.ReplaceAllString(command, "WORD"), "&&", "|"), "|") {
				part = strings.TrimPrefix(strings.TrimSpace(part), "sudo ")
				if strings.HasPrefix(part, "abroad ") {
					parseExample(t, example{"abroad help " + name, part, ""})
					found++
				}
			}
		}
	}
	if found < 9 {
		t.Errorf("%d commands", found)
	}
}

// What a source has met is said of every source, and of no other.
func TestTried(t *testing.T) {
	for _, p := range recorder.All {
		if tried[p.Name] == "" {
			t.Errorf("nothing is said about what %s has met", p.Name)
		}
	}
	readme, err := os.ReadFile(filepath.Join(repository(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, what := range tried {
		if !strings.Contains(string(readme), what+" |") {
			t.Errorf("README.md does not say that %s has met %s", name, what)
		}
		if recorder.Find(name) == nil {
			t.Errorf("%s is no source", name)
		}
	}
}

// The gateway's way out is another interface than the devices', and who is on theirs is told.
func TestGateway(t *testing.T) {
	const head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
	const within = "wlan0\t00002A0A\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
	route := func(iface string) string { return iface + "\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" }
	for routes, ok := range map[string]bool{
		"": false, head: false, head + within: false, head + route("wlan0"): false, head + route("wlan0") + route("eth0"): true, head + route("eth0") + within: true, "a\tb\n": false,
	} {
		if c := checkWayOut(routes, "wlan0"); c.OK != ok || c.OK == (c.Mend != "") {
			t.Errorf("%q: %+v", routes, c)
		}
	}
	const top = "IP address       HW type     Flags       HW address            Mask     Device\n"
	at := func(address, mac, iface string) string {
		return address + "    0x1         0x2         " + mac + "     *        " + iface + "\n"
	}
	one := at("198.51.100.2", "02:00:5e:00:53:17", "wlan0")
	for _, test := range []struct {
		arp  string
		ok   bool
		says string
	}{
		{"", false, "none has been heard on wlan0"},
		{top + at("198.51.100.2", "02:00:5e:00:53:17", "eth0"), false, "none has been heard"},
		{top + at("198.51.100.2", "00:00:00:00:00:00", "wlan0"), false, "none has been heard"},
		{top + one + at("198.51.100.3", "02:00:5e:00:53:17", "wlan0"), true, "02:00:5e:00:53:17 is on wlan0"},
		{top + one + at("198.51.100.3", "02:00:5e:00:53:18", "wlan0"), false, "2 are on wlan0: whose are they? --mac keeps to one: 02:00:5e:00:53:17, 02:00:5e:00:53:18"},
	} {
		if c := checkDevices(test.arp, "wlan0"); c.OK != test.ok || !strings.Contains(c.Says, test.says) {
			t.Errorf("%q: %+v", test.arp, c)
		}
	}
}
