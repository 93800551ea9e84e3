package ring

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"abroad/capture"
)

const (
	retireAfter = 60        // ms after which the kernel hands over a block that is not full
	frameSize   = 1 << 11   // only has to divide the block: frames of version 3 have any length
	tagLen      = 4         // octets of a VLAN tag
	wholeFrame  = 256 << 10 // octets; what the filter returns when everything is wanted
)

// A Ring is an open packet socket and the memory it shares with the kernel.
type Ring struct {
	socket, wake int // wake is an eventfd: readable once Run has to stop
	iface        Interface
	memory       []byte
	next         int // block to be read next

	running sync.Mutex // held by Run, and by Close for good
	mu      sync.Mutex // guards stats, and closed against use of the socket
	stats   Stats
	stopped bool // the counters stand still: Run has drained what they say
	closed  bool
}

// Open sets up a ring that receives from the moment it returns. It needs CAP_NET_RAW.
// Errors are those of the system, wrapped: os.ErrPermission among them.
func Open(c Config) (*Ring, error) {
	r := &Ring{socket: -1, wake: -1}
	if err := r.open(c); err != nil {
		r.release()
		return nil, fmt.Errorf("record interface %q: %w", c.Interface, err)
	}
	return r, nil
}

func (r *Ring) open(c Config) (err error) {
	// Protocol 0 hears nothing. With a protocol the socket would hear every interface until it is bound to one.
	if r.socket, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("open packet socket: %w", err)
	}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("open eventfd: %w", err)
	}
	if r.iface, err = describe(r.socket, c.Interface); err != nil {
		return err
	}
	if err := r.share(c.Size); err != nil {
		return err
	}
	if err := r.attach(c.Filter); err != nil {
		return err
	}
	if c.Promiscuous {
		m := unix.PacketMreq{Ifindex: int32(r.iface.Index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(r.socket, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &m); err != nil {
			return fmt.Errorf("set promiscuous mode: %w", err)
		}
	}
	// Reading the counters resets them. They are 0 here: if a kernel had let something in, it must not count as recorded.
	if before, err := unix.GetsockoptTpacketStatsV3(r.socket, unix.SOL_PACKET, unix.PACKET_STATISTICS); err != nil {
		return fmt.Errorf("read packet counters: %w", err)
	} else if before.Packets != 0 {
		return fmt.Errorf("%d frames came in before the socket was bound", before.Packets)
	}
	address := unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_ALL), Ifindex: r.iface.Index}
	if err := unix.Bind(r.socket, &address); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

// share asks for the ring and maps it.
func (r *Ring) share(size int) error {
	if size == 0 {
		size = DefaultSize
	}
	if size < MinSize || size > MaxSize {
		return fmt.Errorf("a ring of %d octets: it must have from %d to %d", size, MinSize, MaxSize)
	}
	blocks := (size + blockSize - 1) / blockSize
	if err := unix.SetsockoptInt(r.socket, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("ask for TPACKET_V3: %w", err)
	}
	// Room before each frame, so that a tag the hardware has taken off can be put back in place.
	if err := unix.SetsockoptInt(r.socket, unix.SOL_PACKET, unix.PACKET_RESERVE, tagLen); err != nil {
		return fmt.Errorf("reserve headroom: %w", err)
	}
	request := unix.TpacketReq3{Block_size: blockSize, Block_nr: uint32(blocks), Frame_size: frameSize,
		Frame_nr: uint32(blocks * (blockSize / frameSize)), Retire_blk_tov: retireAfter}
	if err := unix.SetsockoptTpacketReq3(r.socket, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return fmt.Errorf("make a ring of %d MiB: %w", blocks*blockSize>>20, err)
	}
	memory, err := unix.Mmap(r.socket, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map the ring: %w", err)
	}
	r.memory = memory
	return nil
}

// attach sets the filter and locks it: nobody, not even this process, can widen it later.
func (r *Ring) attach(program []bpf.RawInstruction) error {
	if len(program) == 0 {
		program = []bpf.RawInstruction{{Op: unix.BPF_RET | unix.BPF_K, K: wholeFrame}}
	}
	if len(program) > unix.BPF_MAXINSNS {
		return fmt.Errorf("a filter of %d instructions: the kernel takes %d", len(program), unix.BPF_MAXINSNS)
	}
	filter := make([]unix.SockFilter, len(program))
	for i, p := range program {
		filter[i] = unix.SockFilter{Code: p.Op, Jt: p.Jt, Jf: p.Jf, K: p.K}
	}
	f := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.SetsockoptSockFprog(r.socket, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &f); err != nil {
		return fmt.Errorf("attach filter: %w", err)
	}
	if err := unix.SetsockoptInt(r.socket, unix.SOL_SOCKET, unix.SO_LOCK_FILTER, 1); err != nil {
		return fmt.Errorf("lock filter: %w", err)
	}
	return nil
}

// Forget gives back what has come so far and counts from 0. What the kernel has not handed over yet, at most 60 ms old, stays and counts.
func (r *Ring) Forget() {
	r.running.Lock()
	defer r.running.Unlock()
	if r.memory == nil {
		return
	}
	var frames uint64
	for r.ready() {
		frames += uint64(r.header(r.next).Num_pkts)
		r.giveBack()
	}
	s := r.Stats()
	r.mu.Lock()
	r.stopped = false
	r.stats = Stats{Received: s.Received - s.Dropped - s.Delivered - s.Doubled - frames}
	r.mu.Unlock()
}

// Interface describes what the ring listens to.
func (r *Ring) Interface() Interface { return r.iface }

// Stats reads the kernel's counters. It may be called at any time, also after Close. Once Run has ended in order they stand still.
func (r *Ring) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && !r.stopped {
		// The kernel resets its counters on reading, so they are added up. Packets holds the dropped ones too.
		if s, err := unix.GetsockoptTpacketStatsV3(r.socket, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			r.stats.Received += uint64(s.Packets)
			r.stats.Dropped += uint64(s.Drops)
			r.stats.Freezes += uint64(s.Freeze_q_cnt)
		}
	}
	return r.stats
}

// LinkOf says how frames of an interface begin: LinkEthernet or LinkRaw. It needs no privilege.
func LinkOf(name string) (capture.LinkType, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("open socket: %w", err)
	}
	defer unix.Close(socket)
	i, err := describe(socket, name)
	if err != nil {
		return 0, fmt.Errorf("record interface %q: %w", name, err)
	}
	return i.Link, nil
}

// Allowed tells whether this process may record interfaces now; the error is os.ErrPermission or the system's.
func Allowed() error {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open packet socket: %w", err)
	}
	return unix.Close(socket)
}

// Close ends a Run that is under way, waits for it, and gives everything back.
func (r *Ring) Close() error {
	r.stop()
	r.running.Lock() // never unlocked: a Run after Close would read memory that is gone
	r.Stats()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		r.running.Unlock()
		return nil
	}
	r.closed = true
	r.running.Unlock()
	return r.release()
}

// stop wakes Run up for the last time.
func (r *Ring) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		unix.Write(r.wake, binary.NativeEndian.AppendUint64(nil, 1)) // cannot fail but by overflow, and then it is readable too
	}
}

func (r *Ring) release() (err error) {
	if r.memory != nil {
		err = unix.Munmap(r.memory)
		r.memory = nil
	}
	for _, fd := range []*int{&r.socket, &r.wake} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
	return err
}

// bigEndian returns the number whose octets in memory are v in network order, on any machine.
func bigEndian(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// describe asks the kernel about an interface, in the network namespace of the socket.
func describe(socket int, name string) (i Interface, err error) {
	request, err := unix.NewIfreq(name)
	if err != nil || name == "" {
		return i, fmt.Errorf("no interface has this name: %w", os.ErrNotExist)
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFINDEX, request); err != nil {
		return i, fmt.Errorf("find interface: %w", err)
	}
	i = Interface{Name: name, Index: int(request.Uint32())}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFHWADDR, request); err != nil {
		return i, fmt.Errorf("read link type: %w", err)
	}
	// struct ifreq: name[16], then struct sockaddr: family u16 (here the ARP hardware type), data[14].
	raw := *(*[unsafe.Sizeof(*request)]byte)(unsafe.Pointer(request))
	switch kind := request.Uint16(); kind {
	case unix.ARPHRD_ETHER:
		i.Link, i.HardwareAddr = capture.LinkEthernet, append([]byte(nil), raw[18:24]...)
	case unix.ARPHRD_LOOPBACK:
		i.Link, i.Loopback = capture.LinkEthernet, true
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT:
		i.Link = capture.LinkRaw
	default:
		return i, fmt.Errorf("link type %d (ARPHRD) cannot be recorded; use tcpdump -i %s -U -w - | abroad record -", kind, name)
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFMTU, request); err != nil {
		return i, fmt.Errorf("read mtu: %w", err)
	}
	i.MTU = int(request.Uint32())
	i.Up, err = isUp(socket, name)
	i.Offloads = offloads(socket, name)
	return i, err
}
