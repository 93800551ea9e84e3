package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"abroad/capture"
	"abroad/capture/lab"
	"abroad/capture/recorder/privilege"
	"abroad/capture/session"
	"abroad/capture/source"
)

const (
	eventsFile = "events.jsonl"         // of a session
	labArmed   = 20 * time.Second       // for the recorder to begin
	labRest    = 300 * time.Millisecond // for the last packets to come
)

func (c *labCommand) run(cmd *cobra.Command) error {
	dir := cmp.Or(c.out, "practice-"+time.Now().UTC().Format("20060102T150405Z")+".session")
	if os.Geteuid() != 0 {
		return &hintedError{errors.New("lab: network namespaces need root"), "sudo abroad lab"}
	}
	if _, err := os.Lstat(dir); err == nil {
		return &hintedError{fmt.Errorf("lab: %q already exists", dir), "-o names another folder"}
	}
	ctx, _, stop := stopSignals(cmd.Context())
	defer stop()
	w, err := lab.Open()
	if err != nil {
		return &hintedError{fmt.Errorf("lab: %w", err), "it needs the program ip (apt install iproute2) and a kernel with namespaces and veth"}
	}
	defer w.Close()
	servers, err := w.Serve()
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer servers.Close()
	player, err := w.Prepare(servers, lab.App{Version: c.version, Pause: c.pause}, self(labAppCommand))
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer player.Close()
	recording, err := c.record(ctx, cmd, w, dir)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	defer context.AfterFunc(ctx, player.Stop)()
	truth, played := player.Play(func(step string) {
		session.Mark(dir, session.MarkRequest{Text: step, Action: strings.ReplaceAll(step, " ", "_")}) // a session without marks is one too
	})
	time.Sleep(labRest)
	recording.Process.Signal(os.Interrupt)
	err = recording.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("lab: %w", errInterrupted)
	}
	if err := errors.Join(played, err); err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	return c.compare(cmd, dir, &truth)
}

// self is this program once more. It is found even where the other user may not look: through /proc.
func self(args ...string) *exec.Cmd {
	c := exec.Command("/proc/self/exe", args...)
	c.Args[0] = os.Args[0]
	return c
}

// record starts the recorder on the gateway, as a user would, and waits until it misses nothing.
func (c *labCommand) record(ctx context.Context, cmd *cobra.Command, w *lab.World, dir string) (*exec.Cmd, error) {
	args := []string{"record", "--app", "org.example.practice", "--app-version", fmt.Sprintf("%d.0", c.version), "--note", "rehearsal in the lab: nothing in it is real",
		"--role", "test", "--isolated", "--mac", lab.PhoneMAC, "--no-ui", "-o", dir}
	if c.quiet {
		args = append(args, "--quiet")
	}
	r := self(append(args, "linux", lab.GatewayInterface)...)
	r.Stdout, r.Stderr = cmd.OutOrStdout(), cmd.ErrOrStderr()
	// A Ctrl-C comes here, and stops it in order. So does the end of this process; or else its interface is gone then.
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if err := w.Gateway.Start(r); err != nil {
		return nil, fmt.Errorf("start the recorder: %w", err)
	}
	context.AfterFunc(ctx, func() { r.Process.Signal(os.Interrupt) })
	ended := make(chan error, 1)
	for deadline := time.Now().Add(labArmed); ; time.Sleep(10 * time.Millisecond) {
		if b, err := os.ReadFile(filepath.Join(dir, eventsFile)); err == nil && bytes.Contains(b, []byte(`"kind":"`+session.EventStart+`"`)) {
			return r, nil
		}
		var status syscall.WaitStatus
		if pid, _ := syscall.Wait4(r.Process.Pid, &status, syscall.WNOHANG, nil); pid == r.Process.Pid {
			return nil, fmt.Errorf("the recorder ended with exit code %d", status.ExitStatus())
		}
		if time.Now().After(deadline) {
			r.Process.Kill()
			go func() { ended <- r.Wait() }()
			<-ended
			return nil, errors.New("the recorder does not begin")
		}
	}
}

// compare holds the recording against what the app did.
func (c *labCommand) compare(cmd *cobra.Command, dir string, truth *lab.Truth) error {
	recorded, err := recordedAddresses(dir)
	if err != nil {
		return fmt.Errorf("lab: %w", err)
	}
	if c.truth != "" {
		if err := writeTruth(c.truth, truth); err != nil {
			return fmt.Errorf("lab: write the truth: %w", err)
		}
		if o := privilege.Caller(dir, os.Getenv); o.UID != 0 {
			if err := os.Chown(c.truth, o.UID, o.GID); err != nil {
				return fmt.Errorf("lab: write the truth: %w", err)
			}
		}
	}
	out := cmd.OutOrStdout()
	if c.quiet {
		out = new(bytes.Buffer)
	}
	fmt.Fprintf(out, "\nThe practice app (version %d.0, invented) reached:\n", truth.Version)
	found, all := showTruth(out, truth, recorded)
	if found < all {
		return fmt.Errorf("lab: the recording in %s holds packets of %d of the %d addresses that the app reached", dir, found, all)
	}
	fmt.Fprintf(out, "All %d of %d addresses are in the recording. To go on: abroad audit --data none %s\n", found, all, dir)
	return nil
}

// recordedAddresses counts the packets of each address in a session whose packets are Ethernet frames.
func recordedAddresses(dir string) (map[netip.Addr]int, error) {
	segments, err := filepath.Glob(filepath.Join(dir, "capture", "*.pcapng"))
	if err != nil {
		return nil, err
	}
	count := map[netip.Addr]int{}
	for _, path := range segments {
		if err := countAddresses(path, count); err != nil {
			return nil, err
		}
	}
	return count, nil
}

func countAddresses(path string, count map[netip.Addr]int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	rec, err := source.Open(path, f)
	if err != nil {
		return err
	}
	defer rec.Close()
	for r, err := range rec.Records() {
		if err != nil {
			return err
		}
		p, ok := r.(*capture.Packet)
		if !ok || len(p.Data) < 14+40 {
			continue
		}
		switch binary.BigEndian.Uint16(p.Data[12:]) {
		case 0x0800:
			count[netip.AddrFrom4([4]byte(p.Data[26:]))]++
			count[netip.AddrFrom4([4]byte(p.Data[30:]))]++
		case 0x86dd:
			count[netip.AddrFrom16([16]byte(p.Data[22:]))]++
			count[netip.AddrFrom16([16]byte(p.Data[38:]))]++
		}
	}
	return nil
}
