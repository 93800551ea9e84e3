package session

import "abroad/capture"

// Schema is the schema of session.json.
const Schema = "abroad/session/1"

// An About is session.json: what was known when the recording began. What nobody knows is empty.
type About struct {
	Schema        string         `json:"schema"`
	ID            string         `json:"id"` // a ULID
	Created       capture.Time   `json:"created"`
	Tool          Tool           `json:"tool"`
	Role          string         `json:"role"`               // test, idle, unopened, null-app, control
	Isolated      bool           `json:"isolated,omitempty"` // the device was prepared so that only the app under test and the OS run
	App           App            `json:"app,omitzero"`
	Device        Device         `json:"device,omitzero"`
	Account       Account        `json:"account,omitzero"`
	Consent       string         `json:"consent,omitempty"`       // the operator's word: "none", "rejected", "accepted" …
	StoreCountry  string         `json:"store_country,omitempty"` // ISO 3166-1 alpha-2
	Network       string         `json:"network,omitempty"`       // the operator's word: "wifi", "mobile" …
	Vantage       Vantage        `json:"vantage,omitzero"`
	VPN           bool           `json:"vpn,omitempty"` // a VPN was on while recording (not the recorder's own)
	Source        Source         `json:"source"`
	Interventions []Intervention `json:"interventions,omitempty"` // what measuring changed on the device or the network
	Plan          *Plan          `json:"plan,omitempty"`
	Note          string         `json:"note,omitempty"` // the operator's; left out of public exports
	Salt          string         `json:"salt,omitempty"` // left out too: without it nobody can try what else was left out against the hash of the whole

	Redacted []RedactedMember `json:"redacted,omitempty"` // in exports
}

// A Tool is the program that recorded.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Build   string `json:"build,omitempty"`
}

// An App is the app under test.
type App struct {
	ID      string   `json:"id,omitempty"`   // by its store: "org.example.app"
	Name    string   `json:"name,omitempty"` // as people know it
	Version string   `json:"version,omitempty"`
	Code    string   `json:"code,omitempty"`   // Android's versionCode, iOS's build
	UID     string   `json:"uid,omitempty"`    // decimal; Android only
	Signer  string   `json:"signer,omitempty"` // SHA-256 of the signing certificate, lower-case hex
	APKs    []File   `json:"apks,omitempty"`   // the installed files
	Read    []string `json:"read,omitempty"`   // JSON names of the members that were read from the device; the others are declared
}

// A Device is the device under test.
type Device struct {
	Platform string `json:"platform,omitempty"` // "android", "ios"
	Maker    string `json:"maker,omitempty"`
	Model    string `json:"model,omitempty"`
	OS       string `json:"os,omitempty"`    // version
	Build    string `json:"build,omitempty"` // of the OS
	Patch    string `json:"patch,omitempty"` // security patch level
	MAC      string `json:"mac,omitempty"`
	// Key tells one device from another without naming it, for baselines of the same device: a hash, or the operator's word.
	Key  string   `json:"key,omitempty"`
	Read []string `json:"read,omitempty"` // JSON names of the members that were read from the device; the others are declared
}

// A File is a file by its content.
type File struct {
	Name   string         `json:"name"`
	Size   int64          `json:"octets,omitempty"`
	SHA256 capture.Digest `json:"sha256"`
}

// An Account is the account that was logged in, as the operator declares it.
type Account struct {
	Residence string    `json:"residence,omitempty"` // ISO 3166-1 alpha-2
	Tier      string    `json:"tier,omitempty"`
	Age       string    `json:"age,omitempty"`
	Settings  []Setting `json:"settings,omitempty"` // sorted by name
}

// A Setting is one of the account's or the app's settings.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Vantage is where the recording is made.
type Vantage struct {
	Country    string   `json:"country,omitempty"` // ISO 3166-1 alpha-2
	Lat        *float64 `json:"lat,omitempty"`     // degrees; with Lon and AccuracyKM, or without any of them
	Lon        *float64 `json:"lon,omitempty"`
	AccuracyKM float64  `json:"accuracy_km,omitempty"`
	AS         uint32   `json:"as,omitempty"`
	ISP        string   `json:"isp,omitempty"`
	How        string   `json:"how,omitempty"` // "declared"
}

// A Source says how the packets were recorded.
type Source struct {
	Kind        string      `json:"kind"`                   // the plug-in's name: "linux", "android" …
	Version     string      `json:"version,omitempty"`      // of the program or app that captures, where that is not abroad
	Args        []string    `json:"args,omitempty"`         // as given, without secrets
	Link        string      `json:"link,omitempty"`         // the interface or path: "wlan0", "usb"
	SnapLen     uint32      `json:"snaplen,omitempty"`      // bytes kept of each packet; 0 = all
	Filter      string      `json:"filter,omitempty"`       // in words or as given; empty = none
	DirectionOf string      `json:"direction_of,omitempty"` // from whom "in" and "out" are seen: "device", "gateway"; empty = the packets have none
	Clock       string      `json:"clock,omitempty"`        // whose clock stamps the packets: "host", "device", "file"
	Attribution Attribution `json:"attribution"`
}

// An Attribution says what a source maps packets to. Every report shows it.
type Attribution string

// The attributions. App, UIDSocket and ProcessName are A3; Device is A0 until a baseline makes it A2.
const (
	AttributionNone    Attribution = "none"         // not known
	AttributionDevice  Attribution = "device"       // a gateway: the OS's and every other app's traffic is in it
	AttributionApp     Attribution = "app"          // PCAPdroid's VPN filter
	AttributionSocket  Attribution = "uid-socket"   // NFLOG by the uid that owns the socket
	AttributionProcess Attribution = "process-name" // iOS
)

// An Intervention is something that measuring changed: an app may behave otherwise because of it.
type Intervention struct {
	Kind string `json:"kind"` // "vpn-interface", "iptables-rules", "private-dns-off" …
	Says string `json:"says"` // in a sentence
}

// A Plan is the scenario that was to be played.
type Plan struct {
	Name    string `json:"name,omitempty"`
	Steps   []Step `json:"steps"`
	Repeat  uint32 `json:"repeat,omitempty"`  // which repetition this is, from 1
	Repeats uint32 `json:"repeats,omitempty"` // of how many
}

// A Step is one step of a scenario.
type Step struct {
	Action string `json:"action"` // the key that promises select it by: "post_private_video"
	Text   string `json:"text,omitempty"`
}

// Over returns a with what it leaves open taken from declared. Read lists what is a's own.
func (a App) Over(declared App) App {
	a.Read = nil
	for _, m := range [...]struct {
		name     string
		read     *string
		declared string
	}{
		{"id", &a.ID, declared.ID}, {"name", &a.Name, declared.Name}, {"version", &a.Version, declared.Version}, {"code", &a.Code, declared.Code},
		{"uid", &a.UID, declared.UID}, {"signer", &a.Signer, declared.Signer},
	} {
		a.Read = over(a.Read, m.name, m.read, m.declared)
	}
	if len(a.APKs) > 0 {
		a.Read = append(a.Read, "apks")
	} else {
		a.APKs = declared.APKs
	}
	return a
}

// Over returns d with what it leaves open taken from declared. Read lists what is d's own.
func (d Device) Over(declared Device) Device {
	d.Read = nil
	for _, m := range [...]struct {
		name     string
		read     *string
		declared string
	}{
		{"platform", &d.Platform, declared.Platform}, {"maker", &d.Maker, declared.Maker}, {"model", &d.Model, declared.Model}, {"os", &d.OS, declared.OS},
		{"build", &d.Build, declared.Build}, {"patch", &d.Patch, declared.Patch}, {"mac", &d.MAC, declared.MAC}, {"key", &d.Key, declared.Key},
	} {
		d.Read = over(d.Read, m.name, m.read, m.declared)
	}
	return d
}

func over(list []string, name string, read *string, declared string) []string {
	if *read == "" {
		*read = declared
		return list
	}
	return append(list, name)
}
