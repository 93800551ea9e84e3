package source

import (
	"bytes"
	"fmt"
	"net/netip"

	"abroad/capture"
)

// describe reads an Interface Description Block (draft-ietf-opsawg-pcapng, section 4.2).
func (r *pcapngReader) describe(b []byte) bool {
	if len(b) < 8 {
		return r.bad(fmt.Sprintf("an interface description of %d bytes", len(b)))
	}
	iface := capture.Interface{Link: capture.LinkType(r.uint16(b)), SnapLen: r.uint32(b[4:])}
	resolution, offset := byte(6), int64(0)
	r.notes.reset()
	read := r.options(b[8:], func(code uint16, v []byte) bool {
		switch code {
		case 1:
			r.notes.add(v)
		case 2: // if_name
			iface.Name = r.keep(v)
		case 3: // if_description
			if iface.Name == "" {
				iface.Name = r.keep(v)
			}
		case 9: // if_tsresol
			if len(v) != 1 {
				return false
			}
			resolution = v[0]
		case 11: // if_filter: a kind, and for kind 0 the text of a filter
			if len(v) > 0 && v[0] == 0 {
				iface.Filter = r.keep(v[1:])
			}
		case 12: // if_os
			iface.OS = r.keep(v)
		case 14: // if_tsoffset
			if len(v) != 8 {
				return false
			}
			offset = int64(r.uint64(v))
		case 15: // if_hardware
			iface.Hardware = r.keep(v)
		}
		return true
	})
	c, ok := newClock(resolution, offset)
	if len(r.m.Interfaces) == maxInterfaces {
		return r.limit(&r.manyInterfaces, fmt.Sprintf("more than %d interfaces; packets of the others are not read", maxInterfaces))
	}
	r.ifaces = append(r.ifaces, ngInterface{index: uint32(len(r.m.Interfaces)), link: iface.Link, snap: iface.SnapLen, clock: c})
	r.m.Interfaces = append(r.m.Interfaces, iface)
	if !ok && !r.yield(anomaly(capture.TimeRange, r.off, fmt.Sprintf("the time resolution %#02x is impossible; packets of interface %d have no time",
		resolution, len(r.m.Interfaces)-1))) {
		return false
	}
	return r.textKept() && r.comments("interface") && r.optionsRead(read, "interface description")
}

// statistics reads an Interface Statistics Block (draft-ietf-opsawg-pcapng, section 4.6).
func (r *pcapngReader) statistics(b []byte) bool {
	if len(b) < 12 {
		return r.yield(anomaly(capture.BadOption, r.off, fmt.Sprintf("interface statistics of %d bytes", len(b))))
	}
	id := r.uint32(b)
	if id >= uint32(len(r.ifaces)) {
		return r.yield(anomaly(capture.UnknownIface, r.off, fmt.Sprintf("statistics of interface %d of %d", id, len(r.ifaces))))
	}
	l := capture.Loss{Iface: r.ifaces[id].index, Received: capture.UnknownCount, Dropped: capture.UnknownCount}
	l.Time, _ = r.ifaces[id].clock.time(uint64(r.uint32(b[4:]))<<32 | uint64(r.uint32(b[8:])))
	r.notes.reset()
	read := r.options(b[12:], func(code uint16, v []byte) bool {
		switch code {
		case 1:
			r.notes.add(v)
		case 4, 5, 7: // isb_ifrecv, isb_ifdrop, isb_osdrop
			if len(v) != 8 {
				return false
			}
			switch n := r.uint64(v); {
			case code == 4:
				l.Received = n
			case l.Dropped == capture.UnknownCount:
				l.Dropped = n
			default:
				l.Dropped += n
			}
		}
		return true
	})
	if (l.Received != capture.UnknownCount || l.Dropped != capture.UnknownCount) && !r.yield(&l) {
		return false
	}
	return r.comments("statistics") && r.optionsRead(read, "statistics block")
}

// secrets reads a Decryption Secrets Block (draft-ietf-opsawg-pcapng, section 4.7).
func (r *pcapngReader) secrets(b []byte) bool {
	if len(b) < 8 || uint64(r.uint32(b[4:])) > uint64(len(b)-8) {
		return r.yield(anomaly(capture.CapLenLies, r.off, "a secrets block claims more bytes than it has"))
	}
	n := int(r.uint32(b[4:]))
	return r.yield(&capture.Secrets{Type: r.uint32(b), Data: bytes.Clone(b[8 : 8+n])}) &&
		r.onlyComments(b[min(8+(n+3)&^3, len(b)):], "secrets")
}

// names reads a Name Resolution Block (draft-ietf-opsawg-pcapng, section 4.5): records of a type, a length, an address and names that each
// end with a zero byte.
func (r *pcapngReader) names(b []byte) bool {
	for len(b) >= 4 {
		typ, n := r.uint16(b), int(r.uint16(b[2:]))
		if n > len(b)-4 {
			break
		}
		v := b[4 : 4+n]
		b = b[min(4+(n+3)&^3, len(b)):]
		size := 0
		switch typ {
		case 0: // nrb_record_end
			return r.onlyComments(b, "names")
		case 1:
			size = 4
		case 2:
			size = 16
		default:
			continue
		}
		if n < size {
			return r.yield(anomaly(capture.BadOption, r.off, fmt.Sprintf("a name record of type %d with %d bytes", typ, n)))
		}
		addr, _ := netip.AddrFromSlice(v[:size])
		names := &capture.Names{Address: addr.String()}
		for name := range bytes.SplitSeq(v[size:], []byte{0}) {
			if len(name) > 0 {
				names.Names = append(names.Names, string(name))
			}
		}
		if !r.yield(names) {
			return false
		}
	}
	return len(b) == 0 || r.yield(anomaly(capture.BadOption, r.off, "a name record is longer than its block"))
}

// penPCAPdroid is PCAPdroid's private enterprise number.
const penPCAPdroid = 62652

// custom reads a Custom Block (draft-ietf-opsawg-pcapng, section 4.8), which tshark shows as a frame. The one that is known holds an entry
// of PCAPdroid's table of apps: version 1, type 1, a zero, the uid, the lengths of the package's name and of its label, and both.
func (r *pcapngReader) custom(b []byte) bool {
	at := capture.Ref{Record: r.number}
	if len(b) < 4 {
		return r.lost(capture.BadOption, "a custom block without an enterprise number")
	}
	pen := r.uint32(b)
	if v := b[4:]; pen == penPCAPdroid && len(v) >= 10 && r.uint16(v) == 1 && v[2] == 1 {
		name, label := int(v[8]), int(v[9])
		if 10+name+label > len(v) {
			return r.lost(capture.CapLenLies, "an entry of PCAPdroid's table of apps is longer than its block")
		}
		return r.yield(&capture.App{UID: int32(r.uint32(v[4:])), Package: string(v[10 : 10+name]), Label: string(v[10+name : 10+name+label]), At: at})
	}
	return r.lost(capture.UnknownBlock, fmt.Sprintf("a custom block of enterprise %d", pen))
}
