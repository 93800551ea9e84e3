package main

// planRows is "abroad help plan": every member of a plan file.
func planRows() [][2]string {
	return [][2]string{
		{"name", "of the scenario"},
		{"role", "test, idle, unopened, null-app or control"},
		{"source", `as behind "abroad record": linux wlan0`},
		{"app", "id, name, version, code, signer"},
		{"device", "platform, maker, model, os, build, mac, key"},
		{"account", "residence, tier, age, and settings: a name and a value each"},
		{"consent", "none, rejected, accepted …"},
		{"store_country", "ISO 3166-1; NO is Norway, with or without quotes"},
		{"network", "wifi, mobile …; isp and as say whose"},
		{"vantage", "CC or LAT,LON,KM"},
		{"vpn", "true or false; also isolated"},
		{"repeats", "how often the scenario is to be played"},
		{"steps", "a list of action (a key that promises name) and text"},
		{"note", "anything else; left out of public exports"},
	}
}
