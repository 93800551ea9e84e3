package adb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"abroad/capture/corpus"
	"abroad/capture/recorder/adb"
	"abroad/capture/recorder/adb/adbtest"
)

// shell is a device's shell with the few commands that the tests run.
func shell(ctx context.Context, line string, stdin io.Reader, stdout, stderr io.Writer) int {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "echo":
		fmt.Fprintln(stdout, rest)
		return 0
	case "fail":
		io.WriteString(stdout, "half")
		io.WriteString(stderr, "no such thing\n")
		return 7
	case "flood":
		for range 9 {
			if _, err := stdout.Write(make([]byte, 1<<20)); err != nil {
				return 1
			}
		}
		return 0
	case "wait":
		io.WriteString(stdout, "here")
		<-ctx.Done()
		return 0
	}
	return 127
}

func TestRun(t *testing.T) {
	s, serial := adbtest.Start(t, &adbtest.Phone{Shell: shell})
	phone := s.Phone(serial)
	if v, err := s.Ensure(t.Context()); v < 0x1f || err != nil {
		t.Errorf("version %d, %v", v, err)
	}
	list, err := s.Devices(t.Context())
	if err != nil || len(list) != 1 || list[0].Serial != serial || list[0].State != adb.Ready || list[0].Model != "Practice_Phone" {
		t.Errorf("devices: %+v, %v", list, err)
	}
	if out, err := phone.Run(t.Context(), "echo 'a b' \"ä\""); out != "'a b' \"ä\"\n" || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
	out, err := phone.Run(t.Context(), "fail")
	exit, ok := errors.AsType[*adb.ExitError](err)
	if out != "half" || !ok || exit.Code != 7 || exit.Errors != "no such thing\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := phone.Run(t.Context(), "flood"); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("9 MiB of output: %v", err)
	}
	r, err := phone.Exec(t.Context(), "fail")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); string(b) != "halfno such thing\n" || err != nil {
		t.Errorf("exec: %q, %v", b, err)
	}
	if _, err := s.Phone("nobody").Run(t.Context(), "echo"); err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("a device that is not there: %v", err)
	}
	if _, err := phone.RunSecret(t.Context(), "fail k3y", "k3y"); err == nil || err.Error() != `run "fail SECRET" on the device: exit code 7: "no such thing"` {
		t.Errorf("an error shows the command: %v", err)
	}
	if _, err := s.Phone("nobody").RunSecret(t.Context(), "fail k3y", "k3y"); err == nil || strings.Contains(err.Error(), "k3y") {
		t.Errorf("an error shows the command: %v", err)
	}
	if out, err := phone.RunSecret(t.Context(), "echo k3y", "k3y"); out != "SECRET\n" || err != nil {
		t.Errorf("the output shows the secret: %q, %v", out, err)
	}
}

func TestContextEndsACommand(t *testing.T) {
	s, serial := adbtest.Start(t, &adbtest.Phone{Shell: shell})
	ctx, cancel := context.WithCancel(t.Context())
	p, err := s.Phone(serial).Start(ctx, "wait")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	b := make([]byte, 9)
	if n, err := p.Read(b); string(b[:n]) != "here" || err != nil {
		t.Fatalf("got %q, %v", b[:n], err)
	}
	cancel()
	if _, err := p.Read(b); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A cable that is pulled is an unexpected end, never a quiet one, and the server says that the device is gone.
func TestUnplug(t *testing.T) {
	phone := &adbtest.Phone{Shell: shell}
	s, serial := adbtest.Start(t, phone)
	p, err := s.Phone(serial).Start(t.Context(), "wait")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	b := make([]byte, 9)
	if _, err := p.Read(b); err != nil {
		t.Fatal(err)
	}
	phone.Unplug()
	if _, err := p.Read(b); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	err = s.Track(t.Context(), func(list []adb.Device) bool {
		_, err := adb.Find(list, serial)
		return err == nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestReverse(t *testing.T) {
	phone := &adbtest.Phone{Shell: shell}
	s, serial := adbtest.Start(t, phone)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan []byte)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		b, _ := io.ReadAll(c)
		got <- b
	}()
	p, host := s.Phone(serial), l.Addr().(*net.TCPAddr).Port
	if port, err := p.Reverse(t.Context(), 16000, host); port != 16000 || err != nil {
		t.Fatal(port, err)
	}
	if _, err := p.Reverse(t.Context(), 16000, host); err == nil {
		t.Error("a tunnel was taken over")
	}
	free, err := p.Reverse(t.Context(), 0, host)
	if free == 0 || err != nil {
		t.Fatal(free, err)
	}
	list, err := p.Reverses(t.Context())
	if len(list) != 2 || list[0] != (adb.Tunnel{"tcp:16000", fmt.Sprintf("tcp:%d", host)}) || err != nil {
		t.Errorf("tunnels %v, %v", list, err)
	}
	c, err := phone.Dial(t.Context(), "tcp:16000")
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB
	if _, err := c.Write(sent); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if b := <-got; !bytes.Equal(b, sent) {
		t.Errorf("%d bytes came through, %d were sent", len(b), len(sent))
	}
	for range 2 { // the second time there is nothing to remove
		if err := p.RemoveReverse(t.Context(), 16000); err != nil {
			t.Error(err)
		}
	}
	if left := phone.Tunnels(); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// A server is started where none answers, and only on this machine.
func TestEnsure(t *testing.T) {
	program := corpus.Program(t, "adb")
	t.Setenv("HOME", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("ADB_EMU", "0")
	port := strconv.Itoa(adbtest.FreePort(t))
	s, err := adb.FromEnvironment(func(name string) string { return map[string]string{"ANDROID_ADB_SERVER_PORT": port}[name] })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Version(t.Context()); err == nil {
		t.Fatal("a server answers already")
	}
	t.Cleanup(func() { exec.Command(program, "-P", port, "kill-server").Run() })
	if v, err := s.Ensure(t.Context()); v < 0x1f || err != nil {
		t.Errorf("version %d, %v", v, err)
	}
	none := adb.Server{Network: "tcp", Address: "127.0.0.1:1", Program: program}
	if _, err := none.Ensure(t.Context()); err == nil || errors.Is(err, adb.ErrNoServer) {
		t.Errorf("another machine's server: %v", err)
	}
	missing := *s
	missing.Program = "/none"
	exec.Command(program, "-P", port, "kill-server").Run()
	if _, err := missing.Ensure(t.Context()); !errors.Is(err, adb.ErrNoServer) {
		t.Errorf("without the program: %v", err)
	}
}
