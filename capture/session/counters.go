package session

import "abroad/capture"

// Counters are what a source counts since its start. Each may be capture.UnknownCount.
type Counters struct {
	Received         uint64 `json:"received"`          // seen by the source, kept or not
	DroppedKernel    uint64 `json:"dropped_kernel"`    // lost for want of room in the ring or socket
	DroppedInterface uint64 `json:"dropped_interface"` // lost by the network interface, or before the kernel counts
	Truncated        uint64 `json:"truncated"`         // kept with fewer bytes than were on the wire
	Unattributed     uint64 `json:"unattributed"`      // without the app or process that the source gives as a rule
	Damaged          uint64 `json:"damaged"`           // what the far side sent was not whole
}

// UnknownCounters are those of a source that counts nothing.
var UnknownCounters = Counters{capture.UnknownCount, capture.UnknownCount, capture.UnknownCount,
	capture.UnknownCount, capture.UnknownCount, capture.UnknownCount}

// since is how far a counter rose; a source that was started again counts from 0.
func since(before, now uint64) uint64 {
	switch {
	case now == capture.UnknownCount:
		return now
	case before == capture.UnknownCount || before > now:
		return now
	}
	return now - before
}

// Counted are Counters as a document shows them: an unknown one is not there.
type Counted struct {
	Received         *uint64 `json:"received,omitempty"`
	DroppedKernel    *uint64 `json:"dropped_kernel,omitempty"`
	DroppedInterface *uint64 `json:"dropped_interface,omitempty"`
	Truncated        *uint64 `json:"truncated,omitempty"`
	Unattributed     *uint64 `json:"unattributed,omitempty"`
	Damaged          *uint64 `json:"damaged,omitempty"`
}

// document leaves unknown counters out.
func (c Counters) document() Counted {
	known := func(n uint64) *uint64 {
		if n == capture.UnknownCount {
			return nil
		}
		return &n
	}
	return Counted{known(c.Received), known(c.DroppedKernel), known(c.DroppedInterface), known(c.Truncated), known(c.Unattributed), known(c.Damaged)}
}

// Document is c as events and manifests show it.
func (c Counters) Document() Counted { return c.document() }

// Lost returns how many packets the source lost, and whether it counts them.
func (c Counted) Lost() (n uint64, known bool) {
	for _, v := range [...]*uint64{c.DroppedKernel, c.DroppedInterface} {
		if v != nil {
			n, known = n+*v, true
		}
	}
	return n, known
}
