//go:build linux

package recorder

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abroad/capture/corpus"
	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
	"abroad/capture/session"
)

// sshd starts a real server on the gateway, with keys made here, and returns a configuration for ssh that reaches it as "gateway".
func sshd(t *testing.T, w *lab.World) (config string) {
	t.Helper()
	corpus.Program(t, "ssh")
	keygen := corpus.Program(t, "ssh-keygen")
	server, err := exec.LookPath("/usr/sbin/sshd") // it must be started by its whole path
	if err != nil {
		server = corpus.Program(t, "sshd")
	}
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // where it confines what is not yet trusted
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"host", "user"} {
		if out, err := exec.Command(keygen, "-q", "-t", "ed25519", "-N", "", "-f", path(name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	host, err := os.ReadFile(path("host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("known", "gateway "+string(host))
	write("sshd_config", fmt.Sprintf("Port 2222\nListenAddress 127.0.0.1\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin prohibit-password\n",
		path("host"), path("user.pub")))
	write("config", fmt.Sprintf("Host gateway\n HostName 127.0.0.1\n HostKeyAlias gateway\n Port 2222\n User root\n IdentityFile %s\n IdentitiesOnly yes\n UserKnownHostsFile %s\n StrictHostKeyChecking yes\n",
		path("user"), path("known")))
	c := exec.Command(server, "-D", "-e", "-f", path("sshd_config"))
	var said tail
	c.Stderr = &said
	if err := w.Gateway.Start(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(said.String(), "Server listening"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("sshd does not begin: %s", said.String())
		}
	}
	return path("config")
}

func openRemote(t *testing.T, w *lab.World, set map[string]string, macs ...string) *remoteSource {
	t.Helper()
	s, err := newRemote(Options{Target: "gateway", Set: set, MACs: macs})
	if err != nil {
		t.Fatal(err)
	}
	r := s.(*remoteSource)
	r.start = w.Gateway.Start
	return r
}

func TestSSHAgreesWithTcpdump(t *testing.T) {
	w := labtest.Open(t)
	servers, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	corpus.Program(t, "tcpdump")
	r := openRemote(t, w, map[string]string{"config": sshd(t, w), "interface": lab.GatewayInterface}, lab.PhoneMAC)
	info, err := r.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.Source.Version, "tcpdump version") || !strings.Contains(info.Source.Version, "Linux") || info.Source.Attribution != session.AttributionDevice {
		t.Errorf("source %+v", info.Source)
	}
	if r.clock == nil || r.clock.Of != "gateway" || r.clock.OffsetMS > 60_000 || r.clock.OffsetMS < -60_000 || r.clock.UncertainMS <= 0 {
		t.Errorf("clock %+v", r.clock) // it is this machine's: an offset of a minute is a wrong unit
	}
	to := newTray()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, to) }()
	<-to.armed
	tcpdump := startTcpdump(t, w, "ether", "host", lab.PhoneMAC)
	labtest.Play(t, w, servers, lab.App{Version: 1})
	theirs := tcpdump()
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	same(t, to.packets, theirs)
	stats := r.Stats()
	if stats.DroppedKernel != 0 || stats.Received < uint64(len(to.packets)) {
		t.Errorf("counters %+v, %d packets", stats, len(to.packets))
	}
}

// TestSSHLeavesItselfOut records the loopback interface, over which its own connection goes: it must not record what it causes.
func TestSSHLeavesItselfOut(t *testing.T) {
	w := labtest.Open(t)
	corpus.Program(t, "tcpdump")
	r := openRemote(t, w, map[string]string{"config": sshd(t, w), "interface": "lo"})
	to := newTray()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, to) }()
	<-to.armed
	time.Sleep(500 * time.Millisecond)
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(to.packets) != 0 {
		t.Errorf("%d packets of its own connection", len(to.packets))
	}
}

func TestSSHThatBreaksIsInterrupted(t *testing.T) {
	w := labtest.Open(t)
	corpus.Program(t, "tcpdump")
	config := sshd(t, w)
	r := openRemote(t, w, map[string]string{"config": config, "interface": lab.GatewayInterface})
	var client *exec.Cmd
	r.start = func(c *exec.Cmd) error { client = c; return w.Gateway.Start(c) }
	to := newTray()
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context(), to) }()
	<-to.armed
	client.Process.Kill()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("a connection that broke: %v", err)
	}
	for _, c := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{"config": config, "interface": "nowhere0"}, "nowhere0"},
		{map[string]string{"config": "/dev/null", "interface": "lo"}, "ssh gateway: exit status 255"},
	} {
		r := openRemote(t, w, c.set)
		if err := r.Run(t.Context(), newTray()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.set, err)
		}
	}
	// Nothing stays behind on the other machine once the connection is gone.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left, err := w.Gateway.Programs()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(left, " "), "tcpdump") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("still there: %q", left)
		}
	}
}
