package audit

import "abroad/capture"

// A Session is one run of the app under test; a bare recording counts as one session. What nobody recorded is empty: unknown.
type Session struct {
	ID          ID             `json:"id"`
	Recordings  []ID           `json:"recordings"`
	Start       capture.Time   `json:"start"`
	End         capture.Time   `json:"end"`
	Day         string         `json:"day,omitempty"` // UTC day of Start
	App         string         `json:"app,omitempty"`
	Version     string         `json:"version,omitempty"`
	Name        string         `json:"name,omitempty"`         // the session folder's id (a ULID)
	State       SessionState   `json:"state,omitempty"`        // of the session folder; a bare recording has none
	Failed      string         `json:"failed,omitempty"`       // why the session counts as failed; failed sessions stay listed and count for nothing
	Root        capture.Digest `json:"root,omitzero"`          // SHA-256 of the session's manifest, which covers every other file
	Signed      string         `json:"signed,omitempty"`       // id of the minisign key that signed the manifest
	Role        SessionRole    `json:"role,omitempty"`         // what the session is for; empty = test
	Isolated    bool           `json:"isolated,omitempty"`     // the device was prepared so that only the app under test and the OS ran
	Source      string         `json:"source,omitempty"`       // recorder: "linux", "android", …
	Attribution string         `json:"attribution,omitempty"`  // what the recorder maps packets to: "app", "uid-socket", "process-name", "device", "none"
	VersionCode string         `json:"version_code,omitempty"` //
	Signer      string         `json:"signer,omitempty"`       // SHA-256 of the app's signing certificate, hex
	Platform    string         `json:"platform,omitempty"`     // "android", "ios"
	Device      string         `json:"device,omitempty"`       // model
	OS          string         `json:"os,omitempty"`           // version and build
	Account     Account        `json:"account,omitzero"`
	Consent     string         `json:"consent,omitempty"`       // the operator's word: "none", "rejected", "accepted" …
	Store       string         `json:"store_country,omitempty"` // ISO 3166-1 alpha-2
	Network     string         `json:"network,omitempty"`       // the operator's word: "wifi", "mobile" …
	Vantage     *Vantage       `json:"vantage,omitempty"`
	VPN         bool           `json:"vpn,omitempty"`
	Markers     []Marker       `json:"markers,omitempty"` // in the order of time
	Note        string         `json:"note,omitempty"`    // the operator's; left out of public reports
}

// A SessionState says how a session folder was closed.
type SessionState string

// The states of session folders.
const (
	SessionComplete    SessionState = "complete"
	SessionInterrupted SessionState = "interrupted" // ended by a fault of the device, the link or the disk
	SessionRecovered   SessionState = "recovered"   // the recorder was killed; closed afterwards
	SessionUnclosed    SessionState = "unclosed"    // has no manifest
)

// A SessionRole says what a session is for.
type SessionRole string

// The roles of sessions. All but test are baselines.
const (
	RoleTest     SessionRole = "test"     // the app under test in use
	RoleIdle     SessionRole = "idle"     // the device alone
	RoleUnopened SessionRole = "unopened" // the app installed and never opened
	RoleNullApp  SessionRole = "null-app" // an app that does nothing
	RoleControl  SessionRole = "control"  // a repetition of the same version, or of an app whose traffic is known
)

// An Account is the account that was logged in, as the operator declared it. Promises name these fields in their scope.
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

// A Marker is what the operator noted while recording. A marker with an action begins a step that lasts until the next one.
type Marker struct {
	At     capture.Time `json:"at"`
	Text   string       `json:"text"`
	Action string       `json:"action,omitempty"` // the step's key, as promises select it: "post_private_video"
	Event  uint32       `json:"event"`            // its line number in the session's events.jsonl
}
