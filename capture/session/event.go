package session

import "abroad/capture"

// The kinds of events.
const (
	EventStart        = "start"         // the source is armed; the monotonic clock counts from here
	EventArmed        = "armed"         // a source tells its sink; it becomes EventStart
	EventMarker       = "marker"        // the operator's word
	EventAction       = "action"        // a step of the scenario begins
	EventSegmentOpen  = "segment_open"  //
	EventSegmentClose = "segment_close" //
	EventStats        = "stats"         // counters
	EventDrops        = "drops"         // counters of losses rose
	EventGap          = "gap"           // nothing was recorded between two moments
	EventLink         = "link"          // a network link went up or down
	EventClock        = "clock"         // two clocks were compared
	EventApp          = "app"           // the app's version was read again
	EventAppTable     = "app_table"     // the uid of an app, as a file says that was taken in
	EventImport       = "import"        // what was taken in, by its content
	EventWarning      = "warning"       //
	EventView         = "view"          // the live view, not the recording, had a fault
	EventError        = "error"         //
	EventStop         = "stop"          // the last event of a session that was closed by its recorder
	EventRecovered    = "recovered"     // the last event of a session that was closed afterwards
)

// Import is the data of EventImport.
type Import struct {
	Name        string         `json:"name"`
	Size        int64          `json:"octets"`
	SHA256      capture.Digest `json:"sha256"`
	Format      string         `json:"format"`
	Compression string         `json:"compression,omitempty"`
}

// Drops is the data of EventDrops: how far counters rose since the last such event, or since the last EventStats.
type Drops struct {
	Kernel    uint64 `json:"kernel"`
	Interface uint64 `json:"interface"`
}

// AppChange is the data of EventApp.
type AppChange struct {
	Changed bool   `json:"changed"`
	Version string `json:"version"` // when the recording stopped
	Code    string `json:"code"`
}

// AppRow is the data of EventAppTable.
type AppRow struct {
	UID     int32  `json:"uid"`
	Package string `json:"package,omitempty"`
	Label   string `json:"label,omitempty"`
}
