package flow

import (
	"bytes"
	"strconv"
	"strings"

	"abroad/capture"
)

// Limits of what attributions may take. Nothing is lost when one is reached, or at most a comment that no recorder writes.
const (
	MaxAttributions = 4096 // attributions that share a pointer; later ones are made anew for every packet
	maxNote         = 512  // bytes of a packet comment that is read
)

// owners keeps one Attribution for every different thing that was said, so that a packet costs a look-up and no allocation.
type owners struct {
	byKey     map[ownerKey]*Attribution
	byNote    map[string]*Attribution // of packet comments
	lastKey   ownerKey
	last      *Attribution
	pcapdroid bool // a frame with PCAPdroid's trailer was seen
}

// ownerKey is an attribution as it lies in a header.
type ownerKey struct {
	by          recorder
	uid, gid    int32
	pid, epid   int32
	name, ename [20]byte // NUL-ended; of PCAPdroid's trailer name is the app's label
}

type recorder uint8

const (
	byPCAPdroid recorder = iota
	byNFLOG
	byPKTAP
	byPcapng
)

var recorderNames = [...]string{byPCAPdroid: "pcapdroid", byNFLOG: "nflog", byPKTAP: "pktap", byPcapng: "pcapng"}

// label keeps at most 20 bytes, up to the first NUL.
func label(b []byte) (name [20]byte) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	copy(name[:], b)
	return name
}

func (o *owners) of(k ownerKey) *Attribution {
	if o.last != nil && k == o.lastKey {
		return o.last
	}
	a := o.byKey[k]
	if a == nil {
		a = k.attribution()
		if len(o.byKey) < MaxAttributions {
			if o.byKey == nil {
				o.byKey = map[ownerKey]*Attribution{}
			}
			o.byKey[k] = a
		}
	}
	o.lastKey, o.last = k, a
	return a
}

func (k ownerKey) attribution() *Attribution {
	text := func(b [20]byte) string { return string(bytes.TrimRight(b[:], "\x00")) }
	a := &Attribution{By: recorderNames[k.by], UID: k.uid, GID: k.gid, PID: k.pid, EPID: k.epid, EName: text(k.ename)}
	if k.by == byPCAPdroid {
		a.Label = text(k.name)
	} else {
		a.Process = text(k.name)
	}
	return a
}

// fromFile reads what the file says about a packet: PCAPdroid's comment, the comment of iOS recorders, else pcapng's process option.
func (o *owners) fromFile(p *capture.Packet) *Attribution {
	for _, note := range p.Notes {
		if len(note) > maxNote || !strings.HasPrefix(note, uidNote) && !strings.HasPrefix(note, pidNote) {
			continue
		}
		a := o.byNote[note]
		if a == nil {
			if a = fromNote(note); a == nil {
				continue
			}
			if len(o.byNote) < MaxAttributions {
				if o.byNote == nil {
					o.byNote = map[string]*Attribution{}
				}
				o.byNote[strings.Clone(note)] = a
			}
		}
		return a
	}
	if pid := int32(p.Process.PID); pid > 0 {
		return o.of(ownerKey{by: byPcapng, uid: -1, gid: -1, pid: pid})
	}
	return nil
}

// What attributing comments begin with.
const (
	uidNote = "u-"
	pidNote = "PID: "
)

// fromNote reads a packet comment: PCAPdroid's "u-10123" (-1 = not known), or the one of pymobiledevice3,
// "PID: 1, ProcName: a, EPID: 2, EProcName: b, SVC: 0", where names may hold commas. Nil if it is neither.
func fromNote(note string) *Attribution {
	if digits, ok := strings.CutPrefix(note, uidNote); ok {
		uid, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || uid < -1 {
			return nil
		}
		return &Attribution{By: recorderNames[byPCAPdroid], UID: int32(uid), GID: -1}
	}
	rest, _ := strings.CutPrefix(note, pidNote)
	pid, rest, ok1 := strings.Cut(rest, ", ProcName: ")
	name, rest, ok2 := strings.Cut(rest, ", EPID: ")
	epid, rest, ok3 := strings.Cut(rest, ", EProcName: ")
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	ename := rest
	if i := strings.LastIndex(rest, ", SVC: "); i >= 0 {
		ename = rest[:i]
	}
	p, err := strconv.ParseInt(pid, 10, 32)
	e, err2 := strconv.ParseInt(epid, 10, 32)
	if err != nil || err2 != nil || p <= 0 && e <= 0 {
		return nil
	}
	a := &Attribution{By: recorderNames[byPcapng], UID: -1, GID: -1}
	if p > 0 {
		a.PID, a.Process = int32(p), strings.Clone(name)
	}
	if e > 0 {
		a.EPID, a.EName = int32(e), strings.Clone(ename)
	}
	return a
}
