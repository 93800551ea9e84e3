package live

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets this test binary be a child that behaves as LIVE_CHILD says.
func TestMain(m *testing.M) {
	const table = `{"table":{"packets":7,"rows":[]}}`
	switch os.Getenv("LIVE_CHILD") {
	case "":
		os.Exit(m.Run())
	case "crash":
		fmt.Println(table)
		panic("a bug in a dissector")
	case "silent":
		fmt.Println(table)
		time.Sleep(time.Hour)
	case "deaf": // says its word, and does not end when it is asked to
		for {
			fmt.Println(table)
			time.Sleep(10 * time.Millisecond)
		}
	case "garbage":
		fmt.Println("this is no table")
		time.Sleep(time.Hour)
	case "endless":
		for {
			fmt.Print(strings.Repeat("x", 1<<20))
		}
	}
}

// events are what a worker told.
type events struct {
	mu   sync.Mutex
	list []string
	more chan struct{}
}

func (e *events) add(what, says string) {
	e.mu.Lock()
	e.list = append(e.list, what+": "+says)
	e.mu.Unlock()
	e.more <- struct{}{}
}

func child(how string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LIVE_CHILD="+how)
		return cmd
	}
}

// A child that crashes, is silent or talks nonsense is told and started again, and the worker can always be stopped.
func TestWorkerFaults(t *testing.T) {
	for how, want := range map[string]string{
		"crash": "restarted: exit status 2: panic: a bug in a dissector", "silent": "slow: it has said nothing for ", "garbage": "restarted: read table: ",
		"endless": "restarted: bufio.Scanner: token too long",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			e := events{more: make(chan struct{}, 1000)}
			w := startWorker(child(how), e.add, 200*time.Millisecond, 400*time.Millisecond, time.Millisecond)
			<-e.more
			w.Stop()
			if !strings.HasPrefix(e.list[0], want) {
				t.Errorf("told %q, want %q", e.list, want)
			}
			if l := w.Latest(); (how == "crash" || how == "silent") && (l.Table == nil || l.Table.Packets != 7) {
				t.Errorf("the last table is lost: %+v", l)
			}
		})
	}
}

// A silent child is ended, and one that cannot be started is given up after MaxStarts.
func TestWorkerGivesUp(t *testing.T) {
	e := events{more: make(chan struct{}, 1000)}
	w := startWorker(child("silent"), e.add, 50*time.Millisecond, 150*time.Millisecond, time.Millisecond)
	defer w.Stop()
	for range 2 {
		<-e.more
	}
	e.mu.Lock()
	if !strings.HasPrefix(e.list[1], "restarted: it said nothing for") {
		t.Errorf("told %q", e.list)
	}
	e.mu.Unlock()
	gone := events{more: make(chan struct{}, 1000)}
	none := startWorker(func() *exec.Cmd { return exec.Command("/nonexistent/abroad") }, gone.add, time.Second, time.Second, time.Millisecond)
	defer none.Stop()
	for range MaxStarts {
		<-gone.more
	}
	if last := gone.list[MaxStarts-1]; !strings.HasPrefix(last, "given up: ") || !strings.Contains(none.Latest().Says, "the table has stopped") {
		t.Errorf("told %q, and shown %q", gone.list, none.Latest().Says)
	}
}

// Stop does not wait for a child that does not listen.
func TestWorkerStops(t *testing.T) {
	e := events{more: make(chan struct{}, 1000)}
	w := startWorker(child("deaf"), e.add, time.Minute, time.Minute, time.Second)
	for w.Latest().Table == nil {
		time.Sleep(time.Millisecond)
	}
	w.Stop()
	if len(e.list) > 0 {
		t.Errorf("told %q", e.list)
	}
}
