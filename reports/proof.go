package reports

import (
	"strconv"

	"abroad/analyze/audit"
	"abroad/capture"
)

// index finds things of an audit by their ids, which are the ordinals of their lists (audit.Check).
type index struct{ a *audit.Audit }

func at[T any](list []T, id audit.ID, kind audit.Kind) *T {
	if id.Kind != kind || id.N == 0 || int64(id.N) > int64(len(list)) {
		return nil
	}
	return &list[id.N-1]
}

func (x index) observation(id audit.ID) *audit.Observation {
	return at(x.a.Observations, id, audit.KindObservation)
}
func (x index) answer(id audit.ID) *audit.Answer { return at(x.a.Answers, id, audit.KindAnswer) }
func (x index) claim(id audit.ID) *audit.Claim   { return at(x.a.Claims, id, audit.KindClaim) }
func (x index) dataset(id audit.ID) *audit.Dataset {
	return at(x.a.Datasets, id, audit.KindDataset)
}
func (x index) endpoint(id audit.ID) *audit.Endpoint {
	return at(x.a.Endpoints, id, audit.KindEndpoint)
}
func (x index) recording(n uint32) *audit.Recording {
	return at(x.a.Recordings, audit.ID{Kind: audit.KindRecording, N: n}, audit.KindRecording)
}
func (x index) flow(id audit.ID) *audit.Flow {
	if f := at(x.a.Flows, id, audit.KindFlow); f != nil {
		return *f
	}
	return nil
}

// A proof is where bytes stand in a recording, and how to look at them without us.
type proof struct {
	ID      audit.ID // what was seen there; zero for a flow's own packet
	Ref     string   // "r1#14[66:77]"
	Bytes   string   // "bytes 66 to 76"; empty for a whole packet
	Command foreign  // empty for a recording as a whole
	Where   string   // the first three in one line
}

func (x index) proof(id audit.ID, ref capture.Ref) proof {
	p := proof{ID: id, Ref: ref.String(), Command: x.command(ref)}
	if ref.Record > 0 && ref.Len > 0 {
		p.Bytes = "bytes " + count(uint64(ref.Off)) + " to " + count(uint64(ref.Off)+uint64(ref.Len)-1)
	}
	p.Where = p.Ref
	if !id.IsZero() {
		p.Where = id.String() + " in " + p.Ref
	}
	if p.Bytes != "" {
		p.Where += ", " + p.Bytes
	}
	return p
}

// command is the tshark command that shows the packet.
func (x index) command(ref capture.Ref) foreign {
	r := x.recording(ref.Recording)
	if r == nil || ref.Record == 0 {
		return ""
	}
	return foreign("tshark -r " + shellWord(r.Name) + " -Y frame.number==" + strconv.FormatUint(uint64(ref.Record), 10) + " -x")
}

// seen returns where the observation or answer stands; a stream's bytes may lie in several packets.
func (x index) seen(id audit.ID) []capture.Ref {
	if o := x.observation(id); o != nil {
		return o.Seen
	}
	if v := x.answer(id); v != nil {
		return []capture.Ref{v.Seen}
	}
	return nil
}
