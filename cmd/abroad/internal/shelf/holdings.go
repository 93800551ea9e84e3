package shelf

import "encoding/binary"

// A holding is one audit that holds a name.
type holding struct {
	audit   int64 // its number in the table audits
	detail  int64 // the detail's in the table details
	bytesUp uint64
}

// holdings lists the audits that hold one name, by number and then by detail: three varints each (encoding/binary), of which the first is
// the distance to the audit before. A table with a row for each of them is forty times slower to read, and most names are in most audits.
type holdings []byte

// add appends a holding; last is the audit of the one before, or 0.
func (h holdings) add(last int64, one holding) holdings {
	b := binary.AppendUvarint(h, uint64(one.audit-last))
	b = binary.AppendUvarint(b, uint64(one.detail))
	return binary.AppendUvarint(b, one.bytesUp)
}

// all gives them in their order, as far as the bytes can be read.
func (h holdings) all(yield func(holding) bool) {
	var one holding
	for len(h) > 0 {
		step, n := binary.Uvarint(h)
		detail, m := binary.Uvarint(h[max(n, 0):])
		if n <= 0 || m <= 0 {
			return
		}
		bytesUp, k := binary.Uvarint(h[n+m:])
		if k <= 0 {
			return
		}
		one.audit, one.detail, one.bytesUp = one.audit+int64(step), int64(detail), bytesUp
		if !yield(one) {
			return
		}
		h = h[n+m+k:]
	}
}

// without returns them without those of some audits, and the number of the last audit that is left.
func (h holdings) without(audits map[int64]bool) (left holdings, last int64) {
	for one := range h.all {
		if !audits[one.audit] {
			left, last = left.add(last, one), one.audit
		}
	}
	return left, last
}
