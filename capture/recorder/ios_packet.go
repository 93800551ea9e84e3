package recorder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"abroad/capture"
	"abroad/capture/recorder/usbmux"
	"abroad/capture/session"
)

// maxIOSInterfaces bounds the interfaces of one recording; a phone has about thirty.
const maxIOSInterfaces = 256

// An iosInterface is an interface of the device with one way of framing; the system's questions for names have one of their own.
type iosInterface struct {
	name  string
	link  capture.LinkType
	cut   int // bytes in front of the IP packet that belong to no link type and are left out
	names bool
}

// pump passes on what pcapd sends until it ends.
func (s *iosSource) pump(conn net.Conn, sink Sink) error {
	reader := usbmux.NewPacketReader(conn)
	ids, tunnel := map[iosInterface]uint32{}, false
	for {
		in, err := reader.Next()
		if _, ok := errors.AsType[*usbmux.MessageError](err); ok {
			s.count.damaged.Add(1)
			continue
		}
		if err != nil {
			return err
		}
		wanted, names := s.wants(&in)
		if !wanted {
			continue
		}
		kind, ok := framing(&in)
		if !ok {
			s.count.damaged.Add(1)
		}
		kind.names = names
		id, known := ids[kind]
		if !known {
			if len(ids) == maxIOSInterfaces {
				return fmt.Errorf("read from the device: more than %d interfaces", maxIOSInterfaces)
			}
			if id, err = sink.Interface(s.describe(kind)); err != nil {
				return err
			}
			ids[kind] = id
			if !tunnel && (strings.HasPrefix(kind.name, "utun") || strings.HasPrefix(kind.name, "ipsec")) {
				tunnel = true
				if err := sink.Event(session.EventWarning, says("packets pass a VPN or relay on the device: they are recorded inside and outside of it")); err != nil {
					return err
				}
			}
		}
		s.count.received.Add(1)
		p := capture.Packet{
			Time: capture.Time(int64(in.Sec)*1e9 + int64(in.Micro)*1e3), Iface: id, Data: in.Frame[kind.cut:],
			OrigLen: uint32(max(in.Length, len(in.Frame)) - kind.cut),
		}
		if p.Truncated() {
			s.count.truncated.Add(1)
		}
		if in.PID > 0 || in.EPID > 0 {
			p.Notes = []string{note(&in)}
		} else {
			s.count.unattributed.Add(1)
		}
		if in.PID > 0 {
			p.Process.PID = uint32(in.PID)
		}
		if err := sink.Packet(&p); err != nil {
			return err
		}
	}
}

// wants says whether a packet is kept: it is one of the processes' or on behalf of one, or it is the system's question for a name, which may
// be the app's and may be anybody's.
func (s *iosSource) wants(p *usbmux.Packet) (wanted, names bool) {
	if len(s.processes) == 0 || slices.Contains(s.processes, p.Process) && p.PID > 0 || slices.Contains(s.processes, p.EProcess) && p.EPID > 0 {
		return true, false
	}
	return p.Process == namesDaemon, true
}

// framing finds the link type. Of Ethernet interfaces the frame is whole; of others there is none, but frames of cellular interfaces
// were seen to have four bytes in front that the header does not announce. ok is false if no IP packet is where it should be.
func framing(p *usbmux.Packet) (kind iosInterface, ok bool) {
	kind = iosInterface{name: p.Interface, link: capture.LinkRaw}
	isIP := func(at int) bool { return len(p.Frame) > at && (p.Frame[at]>>4 == 4 || p.Frame[at]>>4 == 6) }
	switch {
	case p.Pre == 14:
		kind.link = capture.LinkEthernet
		return kind, len(p.Frame) >= 14
	case p.Pre == 0 && isIP(0) && !(strings.HasPrefix(p.Interface, "pdp_ip") && isIP(4) && plausible(p.Frame[4:]) && !plausible(p.Frame)):
		return kind, true
	case p.Pre == 0 && isIP(4) && plausible(p.Frame[4:]):
		kind.cut = 4
		return kind, true
	case p.Pre > 0 && int(p.Pre) < len(p.Frame) && isIP(int(p.Pre)):
		kind.cut = int(p.Pre)
		return kind, true
	}
	return kind, false
}

// plausible says whether b is an IP packet, by its own length; a link's padding may follow.
func plausible(b []byte) bool {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4 && b[0]&15 >= 5:
		n := int(binary.BigEndian.Uint16(b[2:]))
		return n == 0 || n >= 20 && n <= len(b) // 0: the network card cuts it later
	case len(b) >= 40 && b[0]>>4 == 6:
		return 40+int(binary.BigEndian.Uint16(b[4:])) <= len(b)
	}
	return false
}

func (s *iosSource) describe(kind iosInterface) InterfaceInfo {
	info := InterfaceInfo{Link: kind.link, Name: printableWord(kind.name), Description: "pcapd", Filter: s.filter(), Micro: true}
	if kind.cut > 0 {
		info.Description = fmt.Sprintf("pcapd; %d bytes before each IP packet are left out", kind.cut)
	}
	if kind.names {
		info.Description += "; DNS of the whole device (system-resolver)"
		info.Filter = "process " + namesDaemon
	}
	return info
}

// note is the comment that pymobiledevice3 writes, which the audit and other tools read.
func note(p *usbmux.Packet) string {
	return fmt.Sprintf("PID: %d, ProcName: %s, EPID: %d, EProcName: %s, SVC: %d", max(p.PID, -1), printableWord(p.Process), max(p.EPID, -1), printableWord(p.EProcess), p.Service)
}
