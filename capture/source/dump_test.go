package source

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"abroad/capture"
)

// dump reads a recording to its end and returns a line for every record.
func dump(t testing.TB, name string, r io.Reader) (lines []string, m *capture.Manifest) {
	t.Helper()
	rec, err := Open(name, r)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range rec.Records() {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line(r))
	}
	return lines, rec.Manifest()
}

func dumpBytes(t testing.TB, b []byte) ([]string, *capture.Manifest) {
	t.Helper()
	return dump(t, "test", bytes.NewReader(b))
}

// line writes everything a record holds.
func line(r capture.Record) string {
	switch r := r.(type) {
	case *capture.Packet:
		return fmt.Sprintf("packet %d %s %s if%d %d/%d dir%d %v drops %d %q %x",
			r.Number, r.Time, r.Link, r.Iface, len(r.Data), r.OrigLen, r.Dir, r.Process, r.Drops, r.Notes, r.Data)
	case *capture.Anomaly:
		return fmt.Sprintf("anomaly #%d @%d %s: %s", r.At.Record, r.Offset, r.Code, r.Detail)
	case *capture.Loss:
		return fmt.Sprintf("loss if%d %s received %d dropped %d", r.Iface, r.Time, r.Received, r.Dropped)
	case *capture.Secrets:
		return fmt.Sprintf("secrets %#x %q", r.Type, r.Data)
	case *capture.Names:
		return fmt.Sprintf("names %s %q", r.Address, r.Names)
	case *capture.Note:
		return fmt.Sprintf("note %s %q", r.On, r.Text)
	case *capture.App:
		return fmt.Sprintf("app #%d %d %q %q", r.At.Record, r.UID, r.Package, r.Label)
	}
	return fmt.Sprintf("%T", r)
}

// codes lists the codes of a dump's anomalies.
func codes(lines []string) (list []string) {
	for _, l := range lines {
		var record, offset int
		var code string
		if n, _ := fmt.Sscanf(l, "anomaly #%d @%d %s", &record, &offset, &code); n == 3 {
			list = append(list, code[:len(code)-1])
		}
	}
	return list
}
