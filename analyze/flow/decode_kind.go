package flow

import (
	"fmt"
	"strings"

	"abroad/capture"
)

// Undecoded says why a frame gave no packet. It is comparable, and its Detail comes from a bounded set: count by it.
type Undecoded struct {
	Code   capture.Code
	Detail string // "arp", "ethertype 0x88cc", "ipv4 header" …
}

// drop gives the frame up. It returns false so that a layer can return what it returns.
func (d *Decoder) drop(code capture.Code, detail string) bool {
	d.kind = Undecoded{code, detail}
	return false
}

// cut gives the frame up because a header of need bytes at b does not fit: the recording's fault if more was sent than kept, else the
// sender's.
func (d *Decoder) cut(stage, what string, b []byte, sent, need int) bool {
	if sent >= need {
		return d.drop(capture.CutShort, what)
	}
	if d.strict == 0 { // else it will not have been one
		d.warn(stage, capture.Malformed, b, "%s of %d bytes, want %d", what, sent, need)
	}
	return d.drop(capture.Malformed, what)
}

// bad gives the frame up because the header at b contradicts itself.
func (d *Decoder) bad(stage, what string, b []byte, format string, args ...any) bool {
	if d.strict == 0 {
		d.warn(stage, capture.Malformed, b, format, args...)
	}
	return d.drop(capture.Malformed, what)
}

// warn notes an anomaly whose bytes begin at b. The arguments are numbers and words of ours.
func (d *Decoder) warn(stage string, code capture.Code, b []byte, format string, args ...any) {
	if len(d.found) >= maxFrameNotes {
		return
	}
	at := capture.Ref{Record: d.frame.Number}
	if off := d.offset(b); off >= 0 && len(b) > 0 {
		at.Off, at.Len = uint32(off), uint32(min(len(b), 20))
	}
	d.found = append(d.found, capture.Anomaly{At: at, Offset: -1, Stage: stage, Code: code, Detail: fmt.Sprintf(format, args...)})
}

// tell hands over what was found in the frame.
func (d *Decoder) tell() {
	if d.note != nil {
		for _, a := range d.found {
			d.note(a)
		}
	}
	d.found = d.found[:0]
}

// kinds makes details with numbers in them, each once, so that no packet costs an allocation and no sender can make the list long.
type kinds struct{ made map[numbered]string }

type numbered struct {
	format string
	number int
}

// others stands for the numbers past MaxKinds.
const others = -1

func (k *kinds) detail(format string, number int) string {
	if s, ok := k.made[numbered{format, number}]; ok {
		return s
	}
	if k.made == nil {
		k.made = map[numbered]string{}
	}
	if len(k.made) >= MaxKinds && number != others {
		return k.detail(format, others)
	}
	s := fmt.Sprintf(format, number)
	if number == others {
		s = format[:strings.LastIndexByte(format, ' ')] + " of other kinds"
	}
	k.made[numbered{format, number}] = s
	return s
}
