package analyze

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/capture"
	"abroad/capture/source"
)

const (
	maxNotes      = 100      // comments of a file that the audit keeps
	maxUndecoded  = 200      // kinds of packets that could not be decoded
	progressEvery = 1 << 14  // packets
	stepNote      = "step: " // a packet comment that begins a step of the test scenario
	maxApps       = 65_536
)

// reader takes one recording in, record by record.
type reader struct {
	b         *builder
	r         *recording
	decoder   *flow.Decoder
	table     *flow.Table
	sights    *sights
	anomalies map[anomalyKey]int // index in r.anomalies
	undecoded map[flow.Undecoded]int
	lost      map[uint32]uint64 // by interface: the counters are totals, the last one counts
	drops     uint64            // of packet blocks
	packet    flow.Packet
	steps     steps // of the session's marks
}

// anomalyKey is what anomalies are counted by.
type anomalyKey struct {
	stage  string
	code   capture.Code
	detail string
}

// read takes one input in and keeps what it shows.
func (b *builder) read(ctx context.Context, in Input) error {
	file, err := in.Open()
	if err != nil {
		return fmt.Errorf("open recording: %s: %w", in.Name, err)
	}
	defer file.Close()
	rec, err := source.Open(in.Name, file)
	if err != nil {
		return err
	}
	defer rec.Close()

	r := &recording{apps: map[int32]capture.App{}}
	if in.Of != nil {
		for _, app := range in.Of.Apps {
			r.apps[app.UID] = capture.App{UID: app.UID, Package: b.word(app.Package), Label: b.word(app.Label)}
		}
	}
	rd := &reader{b: b, r: r, anomalies: map[anomalyKey]int{}, undecoded: map[flow.Undecoded]int{}, lost: map[uint32]uint64{}, steps: newSteps(in.Of)}
	rd.sights = &sights{b: b, r: r, note: rd.anomaly, last: map[int]string{}}
	rd.decoder = flow.NewDecoder(rd.anomaly)
	rd.table = flow.NewTable(int(b.config.Options.FlowLimit), rd.sights, rd.anomaly)
	var before int64
	for _, earlier := range b.recs {
		before += earlier.doc.Size
	}
	for record, err := range rec.Records() {
		if err != nil {
			return err
		}
		switch v := record.(type) {
		case *capture.Packet:
			rd.add(v)
			if v.Number%progressEvery == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				if b.config.Progress != nil {
					b.config.Progress(before + rec.Progress())
				}
			}
		case *capture.Anomaly:
			rd.anomaly(*v)
		case *capture.Loss:
			if v.Dropped != capture.UnknownCount {
				rd.lost[v.Iface] = v.Dropped
				r.doc.LostKnown = true
			}
		case *capture.Secrets:
			r.doc.Secrets++
		case *capture.Note:
			rd.keepNote(v.Text)
		case *capture.App:
			if len(r.apps) < maxApps {
				r.apps[v.UID] = capture.App{UID: v.UID, Package: b.word(v.Package), Label: b.word(v.Label)}
			}
		}
	}
	rd.decoder.Flush()
	rd.late()
	rd.table.Finish()
	rd.describe(rec.Manifest())
	if in.Of != nil {
		r.doc.Name = b.word(in.Name)
		for _, original := range in.Of.Originals {
			r.practice = r.practice || locate.IsPractice(original)
		}
		r.doc.Practice = r.practice
	}
	if !in.SHA256.IsZero() && r.doc.SHA256 != in.SHA256 {
		return fmt.Errorf("read %s: %w: its SHA-256 is %s, the session says %s", in.Name, ErrChanged, r.doc.SHA256.Short(), in.SHA256.Short())
	}
	b.recs = append(b.recs, r)
	b.belong(r, in.Of)
	return nil
}

// add sorts one packet in, and accounts for it.
func (rd *reader) add(c *capture.Packet) {
	doc := &rd.r.doc
	doc.LastNumber = max(doc.LastNumber, c.Number)
	if c.Truncated() {
		doc.Packets.Truncated++
	}
	rd.drops += c.Drops
	for _, note := range c.Notes {
		if step, ok := strings.CutPrefix(note, stepNote); ok {
			rd.table.Step = rd.b.word(step)
		}
	}
	if step, changed := rd.steps.at(c.Time); changed && c.Time != capture.NoTime {
		rd.table.Step = rd.b.word(step)
	}
	for int(c.Iface) >= len(doc.Interfaces) && c.Iface < 1<<16 {
		doc.Interfaces = append(doc.Interfaces, audit.Interface{})
	}
	if int(c.Iface) < len(doc.Interfaces) {
		doc.Interfaces[c.Iface].Packets++
	}
	kind, ok := rd.decoder.Decode(c, &rd.packet)
	if !ok {
		rd.cannot(kind, c)
		rd.late()
		return
	}
	inFlow, whole := false, false
	for {
		if !rd.packet.Incomplete {
			whole = true
			inFlow = rd.table.Add(c, &rd.packet) || inFlow
		}
		if !rd.decoder.Next(&rd.packet) {
			break
		}
	}
	switch {
	case inFlow:
		doc.Packets.InFlows++
	case whole:
		doc.Packets.Overflow++
	default:
		doc.Packets.Fragments++
	}
	rd.late()
}

// late sorts in the first fragments of datagrams that were given up: a capture filter on ports lets only those pass. Their packets were
// counted as fragments when they came.
func (rd *reader) late() {
	for c := rd.decoder.Late(&rd.packet); c != nil; c = rd.decoder.Late(&rd.packet) {
		rd.table.Add(c, &rd.packet)
	}
}

// cannot counts a packet that is in no flow.
func (rd *reader) cannot(kind flow.Undecoded, c *capture.Packet) {
	list := &rd.r.doc.Undecoded
	rd.r.doc.Packets.Undecoded++
	i, ok := rd.undecoded[kind]
	if !ok {
		if len(*list) >= maxUndecoded {
			kind = flow.Undecoded{Code: capture.Limit, Detail: "further kinds"}
			i, ok = rd.undecoded[kind]
		}
		if !ok {
			i = len(*list)
			rd.undecoded[kind] = i
			*list = append(*list, audit.Undecoded{Code: kind.Code, Detail: rd.b.word(kind.Detail), Example: capture.Ref{Record: c.Number}})
		}
	}
	(*list)[i].Packets++
}

// anomaly keeps the first of its kind and counts the others.
func (rd *reader) anomaly(x capture.Anomaly) {
	key := anomalyKey{stage: x.Stage, code: x.Code}
	if x.At.Record == 0 {
		key.detail = x.Detail // damage of the file itself is told one by one
	}
	rd.r.doc.LastNumber = max(rd.r.doc.LastNumber, x.At.Record)
	if len(rd.r.anomalies) >= maxAnomalies {
		key.detail = ""
	}
	if i, ok := rd.anomalies[key]; ok {
		rd.r.anomalies[i].Count++
		return
	}
	rd.anomalies[key] = len(rd.r.anomalies)
	rd.r.anomalies = append(rd.r.anomalies, audit.Anomaly{At: x.At, Offset: max(x.Offset, 0), Stage: x.Stage, Code: x.Code, Detail: rd.b.word(x.Detail), Count: 1})
}

const maxAnomalies = 1000

func (rd *reader) keepNote(text string) {
	if notes := &rd.r.doc.Notes; len(*notes) < maxNotes {
		*notes = append(*notes, rd.b.word(text))
	}
}

// describe fills in what is known only at the end of the recording.
func (rd *reader) describe(m *capture.Manifest) {
	r, doc := rd.r, &rd.r.doc
	r.flows = rd.table.Flows
	doc.Name, doc.SHA256, doc.Size, doc.Format, doc.Compression = rd.b.word(m.Name), m.SHA256, m.Size, m.Format, m.Compression
	doc.Records, doc.First, doc.Last = m.Records, m.First, m.Last
	for i, face := range m.Interfaces {
		if i >= len(doc.Interfaces) {
			doc.Interfaces = append(doc.Interfaces, audit.Interface{})
		}
		doc.Interfaces[i].Name, doc.Interfaces[i].Link, doc.Interfaces[i].SnapLen = rd.b.word(face.Name), face.Link.String(), face.SnapLen
	}
	if len(m.Sections) > 0 {
		doc.Application = rd.b.word(m.Sections[0].Application)
	}
	for _, n := range rd.lost {
		doc.Lost += n
	}
	doc.Lost = max(doc.Lost, rd.drops)
	doc.LostKnown = doc.LostKnown || rd.drops > 0
	r.practice = locate.IsPractice(m.SHA256)
	doc.Practice = r.practice
	slices.SortStableFunc(doc.Undecoded, func(a, b audit.Undecoded) int { return cmp.Compare(b.Packets, a.Packets) })

	for _, f := range r.flows {
		if f.Attributed != nil && f.Attributed.By == "pcapdroid" {
			doc.OnDevice = true
			break
		}
	}
	for k, n := range rd.table.Overflow {
		r.overflow = append(r.overflow, audit.Overflow{Address: k.Side.Addr(), Port: k.Side.Port(), Proto: k.Proto, Packets: n.Packets, Bytes: n.Bytes})
	}
	slices.SortFunc(r.overflow, func(a, b audit.Overflow) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Proto, b.Proto))
	})
	rd.b.owners(r)
	rd.lostRecords()
}

// lostRecords says so when the recorder dropped packets: silence about a destination is then worth less.
func (rd *reader) lostRecords() {
	if rd.r.doc.Lost > 0 {
		rd.keepNote(fmt.Sprintf("the recorder says that it lost %d packets", rd.r.doc.Lost))
	}
}
