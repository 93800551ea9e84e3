package privilege

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"abroad/capture/lab/labtest"
)

// build compiles the program without cgo, whatever this test was compiled with.
func build(t *testing.T, cgo string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drop")
	c := exec.Command("go", "build", "-o", path, "./testdata/drop")
	c.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

func TestEveryThreadLosesAll(t *testing.T) {
	labtest.Root(t)
	program := build(t, "0")
	dir := t.TempDir()
	if err := os.Chown(dir, 4321, 8765); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, output string
		env          []string
		want         Owner
	}{
		{"sudo", dir, []string{"SUDO_UID=1234", "SUDO_GID=5678"}, Owner{1234, 5678}},
		{"owner of the folder", dir, nil, Owner{4321, 8765}},
		{"owner of the folder above", filepath.Join(dir, "new", "session"), []string{"SUDO_UID=4294967295", "SUDO_GID=1"}, Owner{4321, 8765}},
		{"root", "/", nil, Owner{0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command(program, c.output, fmt.Sprint(c.want.UID))
			cmd.Env = c.env
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			defer in.Close()
			line, err := bufio.NewReader(out).ReadString('\n')
			if line != "dropped\n" {
				t.Fatalf("%q, %v", line, err)
			}
			// Not the program's own word: what the kernel says from outside.
			tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", cmd.Process.Pid))
			if err != nil || len(tasks) < 7 {
				t.Fatalf("%d threads, %v", len(tasks), err)
			}
			for _, path := range tasks {
				status, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if kept := Kept(string(status), c.want); kept != "" {
					t.Errorf("%s: %s", path, kept)
				}
				if !strings.Contains(string(status), "CapBnd:\t0000000000000000\n") || !strings.Contains(string(status), "Groups:\t \n") {
					t.Errorf("%s: a bounding set or groups are left:\n%s", path, status)
				}
			}
		})
	}
}

// TestFileCapabilities drops what a user has who is not root but whose program has "setcap cap_net_raw".
func TestFileCapabilities(t *testing.T) {
	labtest.Root(t)
	program := build(t, "0")
	copied := filepath.Join(os.TempDir(), fmt.Sprintf("abroad-drop-%d", os.Getpid())) // the user must be able to reach it
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, b, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(copied)
	// struct vfs_cap_data, revision 2, effective bit (linux/capability.h): permitted = cap_net_raw (13)
	const xattr = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	if err := syscall.Setxattr(copied, "security.capability", []byte(xattr), 0); err != nil {
		t.Skipf("files have no capabilities here: %v", err)
	}
	cmd := exec.Command(copied, "/", "1234")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 1234, Gid: 1234}}
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "dropped\n" {
		t.Errorf("%v: %s", err, out)
	}
}

func TestKept(t *testing.T) {
	const status = "Name:\tx\nUid:\t7\t7\t7\t7\nGid:\t8\t8\t8\t8\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n" +
		"CapEff:\t0000000000000000\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\n"
	if got := Kept(status, Owner{7, 8}); got != "" {
		t.Errorf("kept %q", got)
	}
	for old, changed := range map[string]string{
		"Uid:\t7\t7\t7\t7": "Uid:\t7\t0\t7\t7", "Gid:\t8\t8\t8\t8": "Gid:\t8\t8\t8\t0", "NoNewPrivs:\t1": "NoNewPrivs:\t0",
		"CapPrm:\t0000000000000000": "CapPrm:\t0000000000002000", "CapAmb:\t0000000000000000\n": "",
	} {
		if got := Kept(strings.Replace(status, old, changed, 1), Owner{7, 8}); got == "" {
			t.Errorf("%q is not noticed", changed)
		}
	}
	if got := Kept(status, Owner{0, 8}); got == "" {
		t.Error("another user is not noticed")
	}
	root := strings.ReplaceAll(status, "7", "0")
	if got := Kept(root, Owner{0, 8}); got != "CapBnd:\t000001ffffffffff" {
		t.Errorf("root with a bounding set: %q", got)
	}
}
