package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Namespace is a network namespace that lives as long as this process. One thread stays in it and does what is to be done there.
type Namespace struct {
	name   string
	jobs   chan func()
	closed chan struct{}
	path   string // of a file descriptor that names the namespace to other programs
}

// newNamespace makes an empty namespace. It needs CAP_SYS_ADMIN.
func newNamespace(name string) (*Namespace, error) {
	n := &Namespace{name: name, jobs: make(chan func()), closed: make(chan struct{})}
	ready := make(chan error)
	go n.live(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("make network namespace %q: %w", name, err)
	}
	return n, nil
}

// live is the thread of the namespace. It is never unlocked, so it ends with the goroutine and no other goroutine ever runs on it.
func (n *Namespace) live(ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// The main thread stands for the whole process in /proc and cannot end: leave it where it is.
		go n.live(ready)
		<-n.closed
		runtime.UnlockOSThread()
		return
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		ready <- err
		return
	}
	f, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		ready <- err
		return
	}
	defer f.Close()
	n.path = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), f.Fd())
	ready <- nil
	for {
		select {
		case job := <-n.jobs:
			job()
		case <-n.closed:
			return
		}
	}
}

// Do runs f inside: sockets it opens belong to the namespace wherever they are used later. F must not block, and its goroutines are outside.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error, 1)
	n.jobs <- func() { done <- f() }
	return <-done
}

// Start starts a program inside. The kernel kills it, or sends the Pdeathsig that it was given, when the namespace is closed or this process ends.
func (n *Namespace) Start(c *exec.Cmd) error {
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	if c.SysProcAttr.Pdeathsig == 0 {
		c.SysProcAttr.Pdeathsig = syscall.SIGKILL // at the end of the thread that starts it: the namespace's own
	}
	return n.Do(c.Start)
}

// Run runs a program inside and waits for it; what it wrote is part of the error.
func (n *Namespace) Run(stdin, program string, args ...string) error {
	c := exec.Command(program, args...)
	var out strings.Builder
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &out
	err := n.Start(c)
	if err == nil {
		err = c.Wait()
	}
	if err != nil {
		return fmt.Errorf("%s in namespace %q: %w: %q", program, n.name, err, out.String())
	}
	return nil
}

// Set writes a setting below /proc/sys/net, which every namespace has its own of.
func (n *Namespace) Set(setting, value string) error {
	return n.Do(func() error { return os.WriteFile("/proc/sys/net/"+setting, []byte(value), 0) })
}

// Close ends the thread and with it the programs that Start began. The namespace goes when the last socket in it does.
func (n *Namespace) Close() { close(n.closed) }

// Programs lists the names of the processes inside, apart from this one.
func (n *Namespace) Programs() (names []string, err error) {
	own, err := os.Readlink(n.path)
	if err != nil {
		return nil, fmt.Errorf("look into namespace %q: %w", n.name, err)
	}
	links, err := filepath.Glob("/proc/[0-9]*/ns/net")
	if err != nil {
		return nil, err
	}
	for _, link := range links {
		if at, err := os.Readlink(link); err != nil || at != own {
			continue // ended meanwhile, or elsewhere
		}
		if name, err := os.ReadFile(filepath.Join(filepath.Dir(link), "..", "comm")); err == nil {
			names = append(names, strings.TrimSpace(string(name)))
		}
	}
	return names, nil
}
