package adb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Reverse makes the device's port lead to a port of the server's machine, and returns the device's port: the one asked for, or a free one if
// that is 0. A tunnel that is there already is an error: it may be somebody's.
func (p *Phone) Reverse(ctx context.Context, device, host int) (port int, err error) {
	answer, err := p.reverse(ctx, fmt.Sprintf("forward:norebind:tcp:%d;tcp:%d", device, host))
	if err != nil {
		return 0, err
	}
	if answer == "" {
		return device, nil
	}
	n, err := strconv.ParseUint(answer, 10, 16)
	if err != nil || n == 0 || device != 0 && int(n) != device {
		return 0, fmt.Errorf("open tunnel: the device offers port %q", clip(answer))
	}
	return int(n), nil
}

// RemoveReverse closes a tunnel; one that is not there is no error.
func (p *Phone) RemoveReverse(ctx context.Context, device int) error {
	_, err := p.reverse(ctx, fmt.Sprintf("killforward:tcp:%d", device))
	if refused, ok := errors.AsType[*RefusedError](err); ok && strings.Contains(refused.Reason, "not found") {
		return nil
	}
	return err
}

// A Tunnel leads from a socket of the device to one of the server's machine, as in "tcp:16000" and "tcp:40001".
type Tunnel struct{ Device, Host string }

// Reverses lists the device's tunnels.
func (p *Phone) Reverses(ctx context.Context) (list []Tunnel, err error) {
	answer, err := p.reverse(ctx, "list-forward")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(answer) {
		if words := strings.Fields(line); len(words) == 3 { // the first says over which transport
			list = append(list, Tunnel{words[1], words[2]})
		}
	}
	return list, nil
}

// reverse makes a request to the device's list of tunnels. After the OKAY of the service comes the answer's own, but not for lists.
func (p *Phone) reverse(ctx context.Context, what string) (string, error) {
	c, err := p.open(ctx, "reverse:"+what)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if what != "list-forward" {
		if err := c.status("reverse:" + what); err != nil {
			return "", err
		}
	}
	answer, err := c.text()
	if errors.Is(err, io.EOF) && what != "list-forward" {
		return "", nil // older devices give no port
	}
	if err != nil {
		return "", fmt.Errorf("ask adb for reverse:%s: %w", what, noEOF(err))
	}
	return answer, nil
}
