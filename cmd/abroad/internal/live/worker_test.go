package live

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
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

// events are what a worker tells.
type events chan string

func (e events) add(what, says string) { e <- what + ": " + says }

// until waits for an event that begins so, and returns how many came before it. On a busy machine a child can be called slow at any time.
func (e events) until(prefix string) (before int) {
	for !strings.HasPrefix(<-e, prefix) {
		before++
	}
	return before
}

// table waits for the first one.
func table(w *Worker) *Table {
	for w.Latest().Table == nil {
		time.Sleep(time.Millisecond)
	}
	return w.Latest().Table
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
			e := make(events, 1000)
			w := startWorker(child(how), e.add, 200*time.Millisecond, time.Minute, time.Millisecond)
			defer w.Stop()
			e.until(want)
			if how == "crash" || how == "silent" {
				if got := table(w); got.Packets != 7 {
					t.Errorf("the last table is lost: %+v", got)
				}
			}
		})
	}
}

// A silent child is ended, and one that cannot be started is given up after MaxStarts.
func TestWorkerGivesUp(t *testing.T) {
	e := make(events, 1000)
	w := startWorker(child("silent"), e.add, 50*time.Millisecond, 150*time.Millisecond, time.Millisecond)
	defer w.Stop()
	e.until("restarted: it said nothing for")
	gone := make(events, 1000)
	none := startWorker(func() *exec.Cmd { return exec.Command("/nonexistent/abroad") }, gone.add, time.Second, time.Second, time.Millisecond)
	defer none.Stop()
	if before := gone.until("given up: "); before != MaxStarts-1 {
		t.Errorf("given up after %d starts", before+1)
	}
	for !strings.Contains(none.Latest().Says, "the table has stopped") {
		time.Sleep(time.Millisecond)
	}
}

// Stop does not wait for a child that does not listen.
func TestWorkerStops(t *testing.T) {
	e := make(events, 1000)
	w := startWorker(child("deaf"), e.add, time.Minute, time.Minute, time.Second)
	table(w)
	w.Stop()
	select {
	case said := <-e:
		t.Errorf("told %q", said)
	default:
	}
}
