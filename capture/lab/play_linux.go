package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// A Player is a program on the phone that waits for its beginning.
type Player struct {
	command *exec.Cmd
	orders  io.WriteCloser
	report  *json.Decoder
	stderr  strings.Builder
}

// Prepare starts a program in the phone's namespace as the app's user; the program must call AppMain. It does nothing before Play.
func (w *World) Prepare(s *Servers, a App, program *exec.Cmd) (*Player, error) {
	if a.UID == 0 {
		a.UID = AppUID
		if a.Version == 0 {
			a.UID = SystemUID
		}
	}
	a.Roots = s.Roots()
	p := &Player{command: program}
	p.command.Env = []string{"PATH=" + os.Getenv("PATH")}
	p.command.Dir = "/"
	p.command.Stderr = &p.stderr
	p.command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.UID, Gid: a.UID}}
	var err error
	if p.orders, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.report = json.NewDecoder(out)
	if err := w.Phone.Start(p.command); err != nil {
		return nil, fmt.Errorf("start the app: %w", err)
	}
	if err := json.NewEncoder(p.orders).Encode(a); err != nil {
		p.Close()
		return nil, fmt.Errorf("give the app its orders: %w", err)
	}
	return p, nil
}

// Play lets the program do what it has to and returns what it did. Tell, if not nil, hears of each step as it begins.
func (p *Player) Play(tell func(step string)) (Truth, error) {
	defer p.Close()
	if _, err := io.WriteString(p.orders, "true\n"); err != nil {
		return Truth{}, p.failed(err)
	}
	for {
		var line progress
		if err := p.report.Decode(&line); err != nil {
			return Truth{}, p.failed(err)
		}
		if line.Truth != nil {
			return *line.Truth, nil
		}
		if tell != nil {
			tell(line.Step)
		}
	}
}

func (p *Player) failed(err error) error {
	p.orders.Close()
	if wait := p.command.Wait(); wait != nil {
		err = errors.Join(wait, errors.New(strings.TrimSpace(p.stderr.String())))
	}
	return fmt.Errorf("the app failed: %w", err)
}

// Stop lets the program end before its next step.
func (p *Player) Stop() { p.orders.Close() }

// Close ends the program if it has not ended by itself.
func (p *Player) Close() {
	p.orders.Close()
	p.command.Wait() // it ends when its orders do
}
