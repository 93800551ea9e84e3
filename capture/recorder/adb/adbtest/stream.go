package adbtest

import (
	"io"
	"sync"
)

// A stream is one connection inside the transport. At most one message is on its way in each direction.
type stream struct {
	phone         *Phone
	local, remote uint32
	in            *io.PipeReader
	feed          chan []byte
	granted       chan struct{} // the far side took the last message
	over          chan struct{}
	once          sync.Once
}

func (p *Phone) newStream(local, remote uint32) *stream {
	r, w := io.Pipe()
	s := &stream{phone: p, local: local, remote: remote, in: r, feed: make(chan []byte, 16), granted: make(chan struct{}, 1), over: make(chan struct{})}
	go func() {
		defer w.Close()
		for {
			select {
			case b := <-s.feed:
				if _, err := w.Write(b); err != nil {
					return
				}
				p.send(message{cmdOKAY, s.local, s.remote, nil})
			case <-s.over:
				return
			}
		}
	}()
	return s
}

func (s *stream) Read(b []byte) (int, error) { return s.in.Read(b) }

// Write returns when the far side has taken b.
func (s *stream) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		part := b[:min(len(b), maxPayload/4)]
		if err := s.phone.send(message{cmdWRTE, s.local, s.remote, part}); err != nil {
			return n, err
		}
		select {
		case <-s.granted:
		case <-s.over:
			return n, io.ErrClosedPipe
		}
		n, b = n+len(part), b[len(part):]
	}
	return n, nil
}

// end is the far side's CLSE, or the end of the transport.
func (s *stream) end() { s.once.Do(func() { close(s.over); s.in.Close() }) }

func (s *stream) Close() error {
	s.phone.send(message{cmdCLSE, s.local, s.remote, nil})
	s.phone.forget(s.local)
	s.end()
	return nil
}
