package recorder

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"abroad/capture/recorder/adb"
)

// tunnel leads a port of the phone to ours.
func (s *androidSource) tunnel(ctx context.Context, host int) (port int, err error) {
	taken, err := s.phone.Reverses(ctx)
	if err != nil {
		return 0, fmt.Errorf("open tunnel from the phone: %w", err)
	}
	for port = firstTunnelPort; port < firstTunnelPort+tunnelPorts; port++ {
		if slices.ContainsFunc(taken, func(t adb.Tunnel) bool { return t.Device == "tcp:"+strconv.Itoa(port) }) {
			continue
		}
		// The server remembers where a tunnel led before the phone went away and came back, and ends itself when it then leads elsewhere
		// ("disallowed connect", adb 29): make it forget.
		if err = s.phone.RemoveReverse(ctx, port); err != nil {
			break
		}
		if _, err = s.phone.Reverse(ctx, port, host); err == nil {
			return port, nil
		}
		if _, refused := errors.AsType[*adb.RefusedError](err); !refused {
			break
		}
	}
	if err == nil {
		err = fmt.Errorf("ports %d to %d are taken", firstTunnelPort, firstTunnelPort+tunnelPorts-1)
	}
	return 0, fmt.Errorf("open tunnel from the phone: %w", err)
}

// staleTunnels lists the tunnels at our ports whose end on this machine nobody listens at.
func staleTunnels(ctx context.Context, phone *adb.Phone) (ports []int, err error) {
	list, err := phone.Reverses(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		port, err := strconv.Atoi(strings.TrimPrefix(t.Device, "tcp:"))
		if err != nil || port < firstTunnelPort || port >= firstTunnelPort+tunnelPorts {
			continue
		}
		if c, err := net.DialTimeout("tcp4", "127.0.0.1:"+strings.TrimPrefix(t.Host, "tcp:"), time.Second); err == nil {
			c.Close()
			continue
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// removeTunnels closes what staleTunnels finds.
func removeTunnels(ctx context.Context, phone *adb.Phone) (removed []int, err error) {
	ports, err := staleTunnels(ctx, phone)
	if err != nil {
		return nil, err
	}
	for _, port := range ports {
		if err := phone.RemoveReverse(ctx, port); err != nil {
			return removed, err
		}
		removed = append(removed, port)
	}
	return removed, nil
}
