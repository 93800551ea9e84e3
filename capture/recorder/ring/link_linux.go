package ring

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// isUp tells whether frames can come: the interface is switched on and has a carrier.
func isUp(socket int, name string) (bool, error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return false, err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, request); err != nil {
		return false, err
	}
	const both = unix.IFF_UP | unix.IFF_RUNNING
	return request.Uint16()&both == both, nil
}

// state tells whether the interface is up, and whether it is there at all. Interfaces can be renamed: only the index stays.
func (r *Ring) state() (up, there bool) {
	request := &unix.Ifreq{}
	request.SetUint32(uint32(r.iface.Index))
	if err := unix.IoctlIfreq(r.socket, unix.SIOCGIFNAME, request); err != nil {
		return false, false
	}
	up, err := isUp(r.socket, request.Name())
	return up, err == nil
}

// The questions of linux/ethtool.h about what a driver does with several frames at once or with checksums.
var offloadQuestions = []struct {
	name    string
	command uint32
}{
	{"rx-checksum", unix.ETHTOOL_GRXCSUM},
	{"tx-checksum", unix.ETHTOOL_GTXCSUM},
	{"tso", unix.ETHTOOL_GTSO},
	{"gso", unix.ETHTOOL_GGSO},
	{"gro", unix.ETHTOOL_GGRO},
}

// offloads lists what is switched on. An interface that does not answer has nothing to list.
func offloads(socket int, name string) (on []string) {
	for _, q := range offloadQuestions {
		if value, err := ethtool(socket, name, q.command, 0); err == nil && value != 0 {
			on = append(on, q.name)
		}
	}
	return on
}

// ethtool exchanges one struct ethtool_value.
func ethtool(socket int, name string, command, in uint32) (uint32, error) {
	value := struct{ command, data uint32 }{command, in}
	request := struct {
		name [unix.IFNAMSIZ]byte
		data unsafe.Pointer
		_    [24 - unsafe.Sizeof(uintptr(0))]byte
	}{data: unsafe.Pointer(&value)}
	copy(request.name[:unix.IFNAMSIZ-1], name)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&request)))
	runtime.KeepAlive(&value)
	if errno != 0 {
		return 0, errno
	}
	return value.data, nil
}
