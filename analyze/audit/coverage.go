package audit

// Coverage says how much of the traffic the audit can speak about. It stands on page one of every report.
// Shares are left to the reports: they divide these counts.
type Coverage struct {
	Total      Share `json:"total"`       // flows of the device; all flows where it is unknown. The parts of the first group add up to it.
	Strong     Share `json:"strong"`      // with a strong name (sni, http, dns)
	Weak       Share `json:"weak"`        // with a weak name only (mdns, cert, ptr)
	None       Share `json:"none"`        // without any name
	Attributed Share `json:"attributed"`  // attribution A3
	ECH        Share `json:"ech"`         // encrypted_client_hello offered: the name may be a cover name
	DoH        Share `json:"doh"`         // recognised encrypted DNS
	QUIC       Share `json:"quic"`        //
	Truncated  Share `json:"truncated"`   // cut by a snap length
	Plaintext  Share `json:"plaintext"`   //
	Local      Share `json:"local"`       // far side private, multicast and the like
	NotDevice  Share `json:"not_device"`  // flows that are not the device's; outside Total when the device is known
	PastLimit  Share `json:"past_limit"`  // flows past the flow limit (counted as packets' flows are unknown: Flows is the number of counters)
	DeviceSure bool  `json:"device_sure"` // the device is known in every recording
}

// A Share counts flows and their IP bytes.
type Share struct {
	Flows     uint32 `json:"flows"`
	BytesUp   uint64 `json:"bytes_up"`
	BytesDown uint64 `json:"bytes_down"`
}

// Add counts f.
func (s *Share) Add(f *Flow) {
	s.Flows++
	s.BytesUp += f.BytesUp
	s.BytesDown += f.BytesDown
}
