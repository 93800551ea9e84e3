package flow

import "abroad/capture"

// directed notes what the link layer says about a packet's direction, per side of the flow.
func (f *pulse) directed(fromA bool, dir capture.Direction) {
	switch {
	case dir == capture.DirUnknown:
	case fromA && dir == capture.DirOut:
		f.seen |= outA
	case fromA:
		f.seen |= inA
	case dir == capture.DirOut:
		f.seen |= outB
	default:
		f.seen |= inB
	}
}
