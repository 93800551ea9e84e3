package source

import (
	"fmt"
	"time"

	"abroad/capture"
)

// maxSame is how many anomalies of one code are listed; the others are counted. A hostile file can hold one a byte.
const maxSame = 100

// backwards is how far a packet may stand behind an earlier one in the file without being remarked: recorders with several queues or
// interfaces write packets a little out of order.
const backwards = capture.Time(time.Second)

// A meter stands between a source and the consumer: it keeps the manifest's totals and bounds the anomalies.
type meter struct {
	manifest *capture.Manifest
	yield    func(capture.Record, error) bool
	stopped  bool         // the consumer wants no more
	last     capture.Time // of the last packet that had one
	codes    []codeCount  // in the order of their first anomaly
}

type codeCount struct {
	code capture.Code
	n    int
}

func (m *meter) pass(rec capture.Record) bool {
	switch rec := rec.(type) {
	case *capture.Packet:
		return m.packet(rec)
	case *capture.Anomaly:
		if m.count(rec.Code) > maxSame {
			return true
		}
	}
	return m.hand(rec)
}

func (m *meter) hand(rec capture.Record) bool {
	m.stopped = !m.yield(rec, nil)
	return !m.stopped
}

func (m *meter) packet(p *capture.Packet) bool {
	mf := m.manifest
	mf.Records++
	t, number := p.Time, p.Number
	if t == capture.NoTime {
		return m.hand(p)
	}
	if mf.First == capture.NoTime || t < mf.First {
		mf.First = t
	}
	if mf.Last == capture.NoTime || t > mf.Last {
		mf.Last = t
	}
	before := m.last
	m.last = t
	if !m.hand(p) {
		return false
	}
	if before == capture.NoTime || t >= before || uint64(before-t) <= uint64(backwards) {
		return true
	}
	a := anomaly(capture.TimeBackwards, -1, fmt.Sprintf("%s comes behind %s", t, before))
	a.At.Record = number
	return m.pass(a)
}

// count adds one to the anomalies of a code and returns how many there are.
func (m *meter) count(code capture.Code) int {
	for i := range m.codes {
		if m.codes[i].code == code {
			m.codes[i].n++
			return m.codes[i].n
		}
	}
	m.codes = append(m.codes, codeCount{code, 1})
	return 1
}

// finish says what was only counted.
func (m *meter) finish() {
	for _, c := range m.codes {
		if c.n > maxSame && !m.hand(anomaly(capture.Limit, -1, fmt.Sprintf("%d more anomalies %q are not listed", c.n-maxSame, c.code))) {
			return
		}
	}
}
