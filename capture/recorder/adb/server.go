package adb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DefaultPort is where an adb server listens unless told otherwise.
const DefaultPort = 5037

// A Server is an adb server: it holds the connections to the devices.
type Server struct {
	Network string // "tcp", or "unix" for a server behind a socket of the file system
	Address string // "127.0.0.1:5037"
	Program string // starts the server when none answers; "" = adb of the search path
	local   int    // port of a server on this machine, 0 for another one: those are never started
}

// FromEnvironment finds the server that adb's own programs would use: ADB_SERVER_SOCKET ("tcp:PORT", "tcp:HOST:PORT" or
// "localfilesystem:PATH"), else ANDROID_ADB_SERVER_ADDRESS and ANDROID_ADB_SERVER_PORT, else port 5037 of this machine.
func FromEnvironment(getenv func(string) string) (*Server, error) {
	if spec := getenv("ADB_SERVER_SOCKET"); spec != "" {
		kind, rest, _ := strings.Cut(spec, ":")
		switch kind {
		case "localfilesystem":
			if rest == "" {
				return nil, fmt.Errorf("read ADB_SERVER_SOCKET: %q has no path", spec)
			}
			return &Server{Network: "unix", Address: rest}, nil
		case "tcp":
			host, port := "", rest
			if i := strings.LastIndexByte(rest, ':'); i >= 0 {
				host, port = strings.Trim(rest[:i], "[]"), rest[i+1:]
			}
			return onTCP("ADB_SERVER_SOCKET", host, port)
		}
		return nil, fmt.Errorf("read ADB_SERVER_SOCKET: %q is neither tcp:HOST:PORT nor localfilesystem:PATH", spec)
	}
	return onTCP("ANDROID_ADB_SERVER_PORT", getenv("ANDROID_ADB_SERVER_ADDRESS"), cmp.Or(getenv("ANDROID_ADB_SERVER_PORT"), strconv.Itoa(DefaultPort)))
}

func onTCP(variable, host, port string) (*Server, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return nil, fmt.Errorf("read %s: %q is no port", variable, port)
	}
	s := &Server{Network: "tcp", Address: net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port)}
	if host == "" || host == "localhost" || host == "127.0.0.1" || host == "::1" {
		s.local = int(n)
	}
	return s, nil
}

// Local says whether the server runs on this machine. Tunnels from a device end at the server's machine, not at ours.
func (s *Server) Local() bool { return s.local != 0 || s.Network == "unix" }

// versionTimeout bounds the wait for a server's version, which it answers at once: something else may listen at its port.
const versionTimeout = 5 * time.Second

// ErrNoServer says that no adb server answers and none could be started.
var ErrNoServer = errors.New("none answers")

// Ensure returns the version of the server's protocol (41 since 2018), after starting a server if this machine has none.
func (s *Server) Ensure(ctx context.Context) (version int, err error) {
	version, err = s.Version(ctx)
	if err == nil || !errors.Is(err, syscall.ECONNREFUSED) || s.local == 0 {
		return version, err
	}
	program := cmp.Or(s.Program, "adb")
	out, err := exec.CommandContext(ctx, program, "-P", strconv.Itoa(s.local), "start-server").CombinedOutput()
	if err != nil {
		if said := lastLine(out); said != "" {
			err = fmt.Errorf("%w: %q", err, said)
		}
		return 0, fmt.Errorf("start adb server: %w: %w", ErrNoServer, err)
	}
	return s.Version(ctx)
}

// Version asks a running server for the version of its protocol.
func (s *Server) Version(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTimeout)
	defer cancel()
	answer, err := s.ask(ctx, "host:version")
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(answer, 16, 16)
	if err != nil {
		return 0, fmt.Errorf("ask adb server for its version: it says %q", clip(answer))
	}
	return int(n), nil
}

// lastLine keeps what a program said last, cut to what fits in a message.
func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return clip(lines[len(lines)-1])
}

// clip cuts what came from outside to what fits in a message.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
