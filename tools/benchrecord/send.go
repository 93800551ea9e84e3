//go:build linux

package main

import (
	"fmt"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"abroad/capture/lab"
)

const (
	frameSize = 1514
	testType  = 0x88b5 // EtherType for experiments (IEEE 802)
	beat      = time.Millisecond
)

// A sender puts frames on the phone's interface, as many a millisecond as the rate asks for.
type sender struct {
	stop   atomic.Bool
	done   chan error
	frames atomic.Int64
}

func startSender(w *lab.World, mbits float64) (*sender, error) {
	var fd int
	if err := w.Phone.Do(func() error {
		i, err := net.InterfaceByName(lab.PhoneInterface)
		if err != nil {
			return err
		}
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: i.Index})
	}); err != nil {
		return nil, fmt.Errorf("open the sender: %w", err)
	}
	s := &sender{done: make(chan error, 1)}
	go func() {
		runtime.LockOSThread()
		defer unix.Close(fd)
		s.done <- s.run(fd, mbits)
	}()
	return s, nil
}

func (s *sender) run(fd int, mbits float64) error {
	to, _ := net.ParseMAC(lab.GatewayMAC)
	from, _ := net.ParseMAC(lab.PhoneMAC)
	frame := append(append(append([]byte(nil), to...), from...), testType>>8, testType&0xff)
	frame = append(frame, make([]byte, frameSize-len(frame))...)
	perSecond := mbits * 1e6 / 8 / frameSize
	start := time.Now()
	var n int64
	for !s.stop.Load() {
		for due := int64(time.Since(start).Seconds() * perSecond); n < due; n++ {
			if _, err := unix.Write(fd, frame); err != nil && err != unix.ENOBUFS {
				return fmt.Errorf("send: %w", err)
			}
		}
		s.frames.Store(n)
		time.Sleep(beat)
	}
	return nil
}

func (s *sender) end() error {
	s.stop.Store(true)
	return <-s.done
}
