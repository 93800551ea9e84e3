package adbtest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"abroad/capture/corpus"
	"abroad/capture/recorder/adb"
)

// patience is how long a test waits for another program. It is no measurement.
const patience = 20 * time.Second

// Start runs a real adb server of its own and connects the phone to it. All ends with the test.
func Start(t testing.TB, p *Phone) (s *adb.Server, serial string) {
	t.Helper()
	if p.Model == "" {
		p.Model = "Practice_Phone"
	}
	s = StartServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); p.Unplug() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	serial = l.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Connect(ctx, serial); err != nil {
		t.Fatal(err)
	}
	err = s.Track(ctx, func(list []adb.Device) bool {
		for _, d := range list {
			if d.Serial == serial && d.State == adb.Ready {
				return false
			}
		}
		return true
	})
	if err != nil {
		t.Fatalf("wait for the phone: %v", err)
	}
	return s, serial
}

// StartServer runs an adb server that has no devices.
func StartServer(t testing.TB) *adb.Server {
	t.Helper()
	program := corpus.Program(t, "adb")
	port := strconv.Itoa(FreePort(t))
	env := map[string]string{"ANDROID_ADB_SERVER_PORT": port}
	s, err := adb.FromEnvironment(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	// Without ADB_EMU the server looks for emulators; with the caller's HOME it would use the caller's key.
	cmd := exec.Command(program, "-P", port, "nodaemon", "server")
	cmd.Env = []string{"HOME=" + t.TempDir(), "ADB_EMU=0", "ADB_MDNS=0", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + t.TempDir()}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("adb server says:\n%s", out.Bytes())
		}
	})
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if _, err = s.Version(t.Context()); err == nil {
			return s
		}
		if time.Now().After(end) {
			t.Fatalf("wait for the adb server: %v", err)
		}
	}
}

// FreePort returns a port of this machine at which nothing listens.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
