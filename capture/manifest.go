package capture

// A Manifest says what a recording is. It is complete only when every record has been read.
type Manifest struct {
	Name        string // the file's base name, or "stdin"
	Size        int64  // bytes as stored
	SHA256      Digest // of the bytes as stored
	Format      string // name of the source that read it: "pcap", "pcapng"
	Compression string // "", "gzip" or "zstd"
	Records     uint32 // packets read
	First, Last Time   // earliest and latest packet time; NoTime if there is none
	Interfaces  []Interface
	Sections    []Section
}

// An Interface is where packets were captured. A pcap file has exactly one.
type Interface struct {
	Link     LinkType
	SnapLen  uint32 // bytes kept of each packet; 0 = no limit
	Name     string
	OS       string
	Filter   string
	Hardware string
}

// A Section is one pcapng section; a pcap file has none.
type Section struct{ Hardware, OS, Application string }

// A Recording is an open capture file.
type Recording interface {
	// Records yields every record in the order of the file. A non-nil error is the last pair and means that the medium failed (I/O);
	// damage in the format comes as *Anomaly. Records can be called once.
	Records() func(yield func(Record, error) bool)
	// Manifest is valid after Records has ended; SHA256 and Size may be filled in later by whoever hashes the file.
	Manifest() *Manifest
}
