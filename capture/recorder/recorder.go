package recorder

import (
	"context"
	"errors"
	"io"

	"abroad/capture"
	"abroad/capture/session"
)

// A Source captures. Its methods are called in the order Describe, Run; Stats at any time from any goroutine once Describe has returned.
// A Source that is also an io.Closer is closed at the end, whether Run was called or not.
type Source interface {
	// Describe looks at the device and says what will be recorded and how. It captures nothing yet. A source that needs privileges opens
	// here what needs them and drops them before it returns: the session's folder is made afterwards, and belongs to the calling user.
	// An error means that this source cannot work here; it says what to do, if that is known (Hinted).
	Describe(ctx context.Context) (SourceInfo, error)
	// Run captures until ctx is done, then stops, drains what is already captured into s, and undoes what it did to the device. It returns
	// nil for a stop that was asked for and ErrEnd when a finite input came to its end; every other error means that the recording was
	// interrupted, and says why in words for the operator. An error of s ends Run, which returns it (wrapped).
	// Run calls s from one goroutine only.
	Run(ctx context.Context, s Sink) error
	// Stats returns the counters so far, cheaply.
	Stats() Stats
}

// ErrEnd is what Run returns when a finite input (a file, a pipe) came to its end.
var ErrEnd = errors.New("the input has ended")

// A Sink takes what a source captures.
type Sink interface {
	// Interface announces where packets come from, before the first of them. The id goes into their Iface.
	Interface(InterfaceInfo) (id uint32, err error)
	// Packet keeps p. Time, Iface, Data and OrigLen are wanted; Dir, Process, Drops and Notes are kept when given; Number and Link are
	// ignored. Data is used during the call only.
	Packet(p *capture.Packet) error
	// Secrets keeps a key log, apart from the packets. The type is that of pcapng (0x544c534b = TLS).
	Secrets(typ uint32, b []byte) error
	// Event writes an event into the chain: session.EventGap, EventLink, EventClock, EventError, EventArmed … Data becomes JSON; it must
	// hold no secrets. A source says EventArmed once nothing can be missed any more: the operator is then told to start the app.
	Event(kind string, data any) error
}

// A SourceInfo is what a source knows before it captures.
type SourceInfo struct {
	Source        session.Source // Kind is stamped by whoever runs the source
	App           session.App    // what was read from the device; declared members are used where these are empty
	Device        session.Device
	Interventions []session.Intervention
	Warnings      []string // for the operator; they become events too
}

// An InterfaceInfo describes where packets come from.
type InterfaceInfo = session.Interface

// Stats are counters since the start of Run. Each may be capture.UnknownCount.
type Stats = session.Counters

// UnknownStats are the counters of a source that counts nothing.
var UnknownStats = session.UnknownCounters

// An AppReader is a Source that can read the app's version again. It is asked when the recording stops: an app that was updated meanwhile
// has no single version.
type AppReader interface {
	ReadApp(ctx context.Context) (session.App, error)
}

// A Rearmer is a Source whose Run may be called again after it was interrupted (--resume).
type Rearmer interface {
	Rearm(ctx context.Context) error // blocks until the device is there again
}

// A Plugin is a kind of source.
type Plugin struct {
	Name      string
	Doc       string    // a sentence for "abroad sources"
	Target    string    // what the command line gives behind the name: "INTERFACE", "[SERIAL]", "HOST"; empty = nothing
	Platforms []string  // runtime.GOOS values where it works; nil = all
	Settings  []Setting // that only this source knows: --set NAME=VALUE
	New       func(Options) (Source, error)
	// Check says what this source needs on this machine and whether it is there. It changes nothing and captures nothing. Nil = it needs nothing.
	Check func(ctx context.Context, o Options) []Check
}

// A Setting is one NAME=VALUE that a source understands.
type Setting struct{ Name, Doc string }

// Options are what the operator asks of a source. Fields that a source does not know how to honour it must refuse in New, not ignore.
type Options struct {
	Target    string   // an interface, a device's serial, a host …
	App       string   // the app's id: only its traffic, where the source can tell
	MACs      []string // only packets from or to these
	Addresses []string // only packets from or to these addresses or prefixes
	BPFFile   string   // only packets that this program accepts, as "tcpdump -ddd" prints it
	SnapLen   uint32   // bytes kept of each packet; 0 = the source's default, which keeps all
	Ring      int      // bytes of the capture ring or socket buffer; 0 = the source's default
	Set       map[string]string
	Key       string    // an API key or the like: a secret, never written anywhere
	Stdin     io.Reader // of the process
	Output    string    // the folder that the session is made in: a source that drops root rights becomes its owner ("" = the process's user)
	Import    *string   // holds, when Run is called, the folder for untouched originals; nil = they are not kept
}

// A Check is one thing that a source needs.
type Check struct {
	What string // "adb", "CAP_NET_RAW" …
	OK   bool
	Says string // what was found, or what is missing, in a line
	Mend string // the exact command that mends it; empty = none is known, or it is OK
}

// A Hinted error tells the operator what to do.
type Hinted struct {
	Err  error
	Hint string
}

func (e *Hinted) Error() string { return e.Err.Error() }
func (e *Hinted) Unwrap() error { return e.Err }
