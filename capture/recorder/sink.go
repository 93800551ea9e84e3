package recorder

import (
	"errors"
	"fmt"

	"abroad/capture"
	"abroad/capture/session"
)

// A sink puts what a source captures into the session.
type sink struct{ r *run }

// over reports whether the run no longer takes anything: a source that did not stop in time must not write behind the end.
func (s *sink) over() error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.r.stopped {
		return errors.New("the recording has ended")
	}
	return nil
}

// start says that the source is armed: at the latest with its first packet.
func (s *sink) start(data any) {
	s.r.arm.Do(func() {
		s.r.w.Event(session.EventStart, data)
		close(s.r.armed)
	})
}

func (s *sink) Interface(i InterfaceInfo) (uint32, error) { return s.r.w.Interface(i) }

func (s *sink) Packet(p *capture.Packet) error {
	if !s.r.isArmed() {
		s.start(nil)
	}
	if err := s.r.w.Packet(p); err != nil {
		return fmt.Errorf("%w: %w", errWrite, err)
	}
	return nil
}

func (s *sink) Secrets(typ uint32, b []byte) error { return s.r.w.Secrets(typ, b) }

func (s *sink) Event(kind string, data any) error {
	if err := s.over(); err != nil {
		return err
	}
	if kind == session.EventArmed {
		s.start(data)
		return nil
	}
	if kind == session.EventWarning { // the operator may have to do something about it
		s.r.told(data)
	}
	_, err := s.r.w.Event(kind, data)
	return err
}
