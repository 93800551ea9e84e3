package ring

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"abroad/capture"
)

const (
	look     = time.Second            // between two looks at a link that is up
	lookDown = 200 * time.Millisecond // between two looks at a link that is down
	drainFor = 2 * time.Second        // for the kernel to hand over what it has counted; its blocks retire after 60 ms
)

// errClosed is what Run returns after Close.
var errClosed = errors.New("the ring is closed")

// Run hands over frames until ctx ends, then what the kernel has counted up to that moment, and returns nil. Otherwise it returns ErrGone, the
// handler's error, or that fewer frames came than were counted. It may be called once at a time.
func (r *Ring) Run(ctx context.Context, h Handler) error {
	r.running.Lock()
	defer r.running.Unlock()
	if r.memory == nil {
		return errClosed
	}
	defer context.AfterFunc(ctx, r.stop)()
	var (
		up       = r.iface.Up
		nextLook = time.Now().Add(look)
		polled   = []unix.PollFd{{Fd: int32(r.socket), Events: unix.POLLIN | unix.POLLERR}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	)
	for {
		for r.ready() {
			if err := r.block(h, 0); err != nil {
				return err
			}
			if time.Now().After(nextLook) {
				break // a ring that never runs empty must not hide that the link has gone, or that the end has come
			}
		}
		if !time.Now().Before(nextLook) {
			nextLook = time.Now().Add(look)
			var err error
			if up, err = r.follow(h, up, false); err != nil {
				return err
			}
		}
		wait := time.Until(nextLook)
		if !up {
			wait = min(wait, lookDown)
		}
		polled[0].Revents, polled[1].Revents = 0, 0
		if r.ready() {
			wait = 0 // only look whether the end has come
		}
		if _, err := unix.Poll(polled, int(max(wait, 0).Milliseconds())); err != nil && err != unix.EINTR {
			return fmt.Errorf("wait for frames: %w", err)
		}
		if polled[1].Revents != 0 {
			return r.drain(h)
		}
		fell := false
		if polled[0].Revents&unix.POLLERR != 0 {
			// Reading the error clears it. ENETDOWN is the only one a packet socket has.
			if _, err := unix.GetsockoptInt(r.socket, unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
				return fmt.Errorf("ask for the socket's error: %w", err)
			}
			fell = true
		}
		if fell || !up {
			var err error
			if up, err = r.follow(h, up, fell); err != nil {
				return err
			}
		}
	}
}

// follow tells the handler when the link has changed, also when it fell and was up again before anybody looked. Once it is up the kernel goes
// on by itself.
func (r *Ring) follow(h Handler, was, fell bool) (up bool, err error) {
	up, there := r.state()
	if !there {
		// What came before the end is still in the ring.
		if err := r.drain(h); err != nil {
			return false, errors.Join(ErrGone, err)
		}
		return false, fmt.Errorf("record interface %q: %w", r.iface.Name, ErrGone)
	}
	if fell && up && was {
		if err := h.Link(false); err != nil {
			return up, err
		}
		was = false
	}
	if up != was {
		return up, h.Link(up)
	}
	return up, nil
}

// drain hands over what the kernel has counted until now, and not a frame more.
func (r *Ring) drain(h Handler) error {
	s := r.Stats()
	deadline := time.Now().Add(drainFor)
	for {
		owed := s.Received - s.Dropped - r.taken()
		if owed == 0 {
			r.settle(s)
			return nil
		}
		if r.ready() {
			if err := r.block(h, owed); err != nil {
				return err
			}
			continue
		}
		if time.Now().After(deadline) {
			r.settle(s)
			return fmt.Errorf("drain the ring: the kernel has counted %d frames that it does not hand over", owed)
		}
		polled := []unix.PollFd{{Fd: int32(r.socket), Events: unix.POLLIN}}
		unix.Poll(polled, retireAfter/4) // an error here is a link that is down: the deadline decides
		if polled[0].Revents&unix.POLLERR != 0 {
			unix.GetsockoptInt(r.socket, unix.SOL_SOCKET, unix.SO_ERROR)
		}
	}
}

// taken is how many frames have left the ring.
func (r *Ring) taken() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats.Delivered + r.stats.Doubled
}

// settle makes the counters stand still as they were at the stop: frames that came later are not ours to count.
func (r *Ring) settle(at Stats) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Received, r.stats.Dropped, r.stats.Freezes = at.Received, at.Dropped, at.Freezes
	r.stopped = true
}

// header is what a block begins with. Its status is the word by which kernel and program hand the block to each other.
func (r *Ring) header(block int) *unix.TpacketHdrV1 {
	d := (*unix.TpacketBlockDesc)(unsafe.Pointer(&r.memory[block*blockSize]))
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&d.Hdr))
}

// ready tells whether the next block is ours. The load is atomic: what the kernel wrote before it gave the block away is visible after it.
func (r *Ring) ready() bool {
	return atomic.LoadUint32(&r.header(r.next).Block_status)&unix.TP_STATUS_USER != 0
}

// giveBack hands the next block to the kernel and goes on to the one behind it.
func (r *Ring) giveBack() {
	atomic.StoreUint32(&r.header(r.next).Block_status, unix.TP_STATUS_KERNEL)
	r.next = (r.next + 1) % (len(r.memory) / blockSize)
}

// block hands over the frames of the next block, at most so many if limit is not 0, and gives it back.
func (r *Ring) block(h Handler, limit uint64) error {
	at := r.next * blockSize
	header := r.header(r.next)
	var (
		frame            Frame
		counted          Stats
		offset, err, end = at + int(header.Offset_to_first_pkt), error(nil), at + blockSize
	)
	for range header.Num_pkts {
		if limit != 0 && counted.Delivered+counted.Doubled == limit {
			break
		}
		packet := (*unix.Tpacket3Hdr)(unsafe.Pointer(&r.memory[offset]))
		if r.fill(&frame, packet, offset, end) {
			counted.Delivered++
			if uint32(len(frame.Data)) < frame.Len {
				counted.Truncated++
			}
			if err = h.Frame(&frame); err != nil {
				break
			}
		} else {
			counted.Doubled++
		}
		offset += int(packet.Next_offset)
	}
	r.mu.Lock()
	r.stats.Delivered += counted.Delivered
	r.stats.Doubled += counted.Doubled
	r.stats.Truncated += counted.Truncated
	r.mu.Unlock()
	r.giveBack()
	return err
}

// fill describes a packet at offset of the ring. It reports false for one that will be seen a second time.
func (r *Ring) fill(f *Frame, p *unix.Tpacket3Hdr, offset, end int) bool {
	from := (*unix.RawSockaddrLinklayer)(unsafe.Pointer(&r.memory[offset+unix.SizeofTpacket3Hdr]))
	if r.iface.Loopback && from.Pkttype == unix.PACKET_OUTGOING {
		return false
	}
	start := offset + int(p.Mac)
	*f = Frame{Time: capture.Time(int64(p.Sec)*int64(time.Second) + int64(p.Nsec)), Data: r.memory[start : start+int(p.Snaplen) : end], Len: p.Len,
		Dir: capture.DirIn, Checksumless: p.Status&unix.TP_STATUS_CSUMNOTREADY != 0, OtherReceiver: from.Pkttype == unix.PACKET_OTHERHOST}
	if from.Pkttype == unix.PACKET_OUTGOING {
		f.Dir = capture.DirOut
	}
	const addresses = 12 // octets of an Ethernet header that stand before the tag
	if p.Status&unix.TP_STATUS_VLAN_VALID != 0 && r.iface.Link == capture.LinkEthernet && p.Snaplen >= addresses {
		copy(r.memory[start-tagLen:], r.memory[start:start+addresses])
		tag := r.memory[start-tagLen+addresses : start+addresses]
		kind := uint16(unix.ETH_P_8021Q)
		if p.Status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			kind = p.Hv1.Vlan_tpid
		}
		binary.BigEndian.PutUint16(tag, kind)
		binary.BigEndian.PutUint16(tag[2:], uint16(p.Hv1.Vlan_tci))
		f.Data, f.Len = r.memory[start-tagLen:start+int(p.Snaplen):end], f.Len+tagLen
	}
	return true
}
