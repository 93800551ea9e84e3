package session

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"abroad/capture"
)

// A MarkRequest is what "abroad mark" asks of a recorder, as one line of JSON through the session's socket.
type MarkRequest struct {
	Text   string `json:"text,omitempty"`
	Action string `json:"action,omitempty"` // a step of the scenario begins
	Next   bool   `json:"next,omitempty"`   // the next step of the plan begins
}

// A MarkReply is the recorder's answer.
type MarkReply struct {
	Error  string       `json:"error,omitempty"`
	Event  uint32       `json:"event,omitempty"`
	At     capture.Time `json:"at,omitempty"`
	Text   string       `json:"text,omitempty"`
	Action string       `json:"action,omitempty"`
	Step   int          `json:"step,omitempty"`  // of the plan, from 1
	Steps  int          `json:"steps,omitempty"` // of the plan
	Then   *Step        `json:"then,omitempty"`  // the plan's next step
}

// Limits of marks.
const (
	maxMark     = 4096 // bytes of a request
	markTimeout = 5 * time.Second
)

// A Control takes marks while a session is recorded.
type Control struct {
	w     *Writer
	l     net.Listener
	wait  sync.WaitGroup
	mu    sync.Mutex
	done  int    // steps of the plan that have begun
	begun []bool // by step
	made  []MarkReply
}

// keptMarks is how many of the last marks a Control remembers.
const keptMarks = 16

// Made returns the last marks, oldest first, and which steps of the plan have begun. C may be nil: no marks can be made.
func (c *Control) Made() (last []MarkReply, begun []bool) {
	if c == nil {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.made), slices.Clone(c.begun)
}

// Listen opens the socket of a session. Only the session's owner can reach it: the folder's mode sees to that.
func Listen(w *Writer) (*Control, error) {
	path, release, err := socketPath(w.dir)
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // the path may be a way that is gone by then
	os.Chmod(path, 0o600)
	c := &Control{w: w, l: l}
	c.wait.Add(1)
	go c.serve()
	return c, nil
}

// Close ends the taking of marks.
func (c *Control) Close() error {
	err := c.l.Close()
	os.Remove(filepath.Join(c.w.dir, SocketFile))
	c.wait.Wait()
	return err
}

func (c *Control) serve() {
	defer c.wait.Done()
	for {
		conn, err := c.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(100 * time.Millisecond) // out of file descriptors, say
			continue
		}
		c.wait.Add(1)
		go func() {
			defer c.wait.Done()
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(markTimeout))
			line, err := bufio.NewReader(io.LimitReader(conn, maxMark)).ReadBytes('\n')
			if err != nil {
				return // somebody who only looked whether there is a recorder
			}
			var request MarkRequest
			reply := MarkReply{}
			if err := json.Unmarshal(line, &request); err != nil {
				reply.Error = "it is no mark"
			} else if reply, err = c.Mark(request); err != nil {
				reply.Error = err.Error()
			}
			json.NewEncoder(conn).Encode(reply)
		}()
	}
}

// Mark puts a mark into the chain.
func (c *Control) Mark(r MarkRequest) (MarkReply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var steps []Step
	if c.w.about.Plan != nil {
		steps = c.w.about.Plan.Steps
	}
	data, kind := MarkData{Text: strings.ToValidUTF8(r.Text, "�"), Action: r.Action, Salt: newSalt()}, EventMarker
	if r.Next {
		if c.done >= len(steps) {
			return MarkReply{}, fmt.Errorf("the plan has no further step: all %d have begun", len(steps))
		}
		data.Action = steps[c.done].Action
		if data.Text == "" {
			data.Text = steps[c.done].Text
		}
	}
	if data.Text == "" && data.Action == "" {
		return MarkReply{}, errors.New("the mark is empty")
	}
	if data.Action != "" {
		if err := CheckAction(data.Action); err != nil {
			return MarkReply{}, err
		}
		kind = EventAction
		for i := c.done; i < len(steps); i++ { // a step that was left out stays unticked
			if steps[i].Action == data.Action {
				data.Step, c.done = i+1, i+1
				break
			}
		}
	}
	if len(c.begun) != len(steps) {
		c.begun = make([]bool, len(steps))
	}
	e, err := c.w.Event(kind, data)
	if err != nil {
		return MarkReply{}, err
	}
	reply := MarkReply{Event: e.N, At: e.T, Text: data.Text, Action: data.Action, Step: data.Step, Steps: len(steps)}
	if c.done < len(steps) {
		reply.Then = &steps[c.done]
	}
	if data.Step > 0 {
		c.begun[data.Step-1] = true
	}
	if c.made = append(c.made, reply); len(c.made) > keptMarks {
		c.made = slices.Delete(c.made, 0, 1)
	}
	return reply, nil
}

// CheckAction accepts a key that promises select a step by: "post_private_video".
func CheckAction(key string) error {
	if len(key) > 64 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789_-.") != "" || key == "" {
		return fmt.Errorf("action %q: want at most 64 lower-case letters, digits, dots, hyphens or underscores", key)
	}
	return nil
}

// Mark asks the recorder of the session in dir to keep a mark. ErrNotRecording means that nobody records there.
func Mark(dir string, r MarkRequest) (MarkReply, error) {
	var reply MarkReply
	if !utf8.ValidString(r.Text) {
		return reply, fmt.Errorf("mark: %q is no UTF-8", r.Text)
	}
	line, err := marshal(r)
	if err != nil {
		return reply, err
	}
	if len(line) >= maxMark {
		return reply, fmt.Errorf("mark: %d bytes, at most %d", len(line), maxMark-1)
	}
	conn, err := dial(dir)
	if err != nil {
		return reply, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(markTimeout))
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return reply, err
	}
	if err := json.NewDecoder(io.LimitReader(conn, 1<<20)).Decode(&reply); err != nil {
		return reply, fmt.Errorf("mark: the recorder does not answer: %w", err)
	}
	if reply.Error != "" {
		return reply, errors.New(reply.Error)
	}
	return reply, nil
}

// ErrNotRecording says that no recorder is at work on a session.
var ErrNotRecording = errors.New("nobody is recording it")

func dial(dir string) (net.Conn, error) {
	path, release, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	defer release()
	conn, err := net.DialTimeout("unix", path, markTimeout)
	if err != nil {
		return nil, ErrNotRecording
	}
	return conn, nil
}

// Live reports whether a recorder answers for the session in dir.
func Live(dir string) bool {
	conn, err := dial(dir)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// socketPath returns a path to the session's socket that is short enough for a socket's address (108 bytes on Linux). A long one goes
// through a file descriptor of the folder, which release closes.
func socketPath(dir string) (path string, release func(), err error) {
	path = filepath.Join(dir, SocketFile)
	if len(path) < 100 {
		return path, func() {}, nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	short := fmt.Sprintf("/proc/self/fd/%d", d.Fd())
	if _, err := os.Stat(short); err != nil {
		d.Close()
		return "", nil, fmt.Errorf("the path of the session is too long for a socket: %w", fs.ErrInvalid)
	}
	return filepath.Join(short, SocketFile), func() { d.Close() }, nil
}
