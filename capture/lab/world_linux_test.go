package lab_test

import (
	"errors"
	"net"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"abroad/capture/lab"
	"abroad/capture/lab/labtest"
)

func TestVersionsDoWhatTheySay(t *testing.T) {
	w := labtest.Open(t)
	servers, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	program := labtest.Program(t)
	for _, c := range []struct {
		version int
		want    []string // host, protocol
	}{
		{0, []string{"connectivity.os.example HTTP/1.1 ", "update.os.example HTTP/2.0 TLS 1.3"}},
		{1, []string{"api.practice.example HTTP/2.0 TLS 1.3", "feed.practice.example HTTP/2.0 TLS 1.3", "legacy.practice.example HTTP/1.1 ",
			"upload.practice.example HTTP/1.1 TLS 1.3"}},
		{2, []string{"ads.adrift.example HTTP/1.1 TLS 1.3", "api.practice.example HTTP/2.0 TLS 1.3", "feed.practice.example HTTP/2.0 TLS 1.3",
			"metrics.tally.example HTTP/1.1 TLS 1.2", "upload-far.practice.example HTTP/1.1 TLS 1.3"}},
	} {
		p, err := w.Prepare(servers, lab.App{Version: c.version}, exec.Command(program))
		if err != nil {
			t.Fatal(err)
		}
		var steps []string
		truth, err := p.Play(func(step string) { steps = append(steps, step) })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		six := 0
		for _, v := range truth.Visits {
			got = append(got, v.Host+" "+v.Protocol+" "+v.TLS)
			if v.Address.Addr().Is6() {
				six++
			}
			if !slices.Contains(steps, v.Step) {
				t.Errorf("step %q of %q", v.Step, steps)
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, c.want) || c.version > 0 && six == 0 {
			t.Errorf("version %d: %q, %d over IPv6", c.version, got, six)
		}
	}
}

// TestNoWayOut asks each namespace for a route to an address of the internet; nothing is sent. All of them lead to the gateway, which has none.
func TestNoWayOut(t *testing.T) {
	w := labtest.Open(t)
	for _, address := range []string{"192.88.99.1:9", "[2002::1]:9"} {
		err := w.Gateway.Do(func() error {
			c, err := net.Dial("udp", address)
			if err == nil {
				c.Close()
			}
			return err
		})
		if !errors.Is(err, syscall.ENETUNREACH) {
			t.Errorf("the gateway has a way to %s: %v", address, err)
		}
	}
}

func TestStoppedAppEnds(t *testing.T) {
	w := labtest.Open(t)
	servers, err := w.Serve()
	if err != nil {
		t.Fatal(err)
	}
	defer servers.Close()
	p, err := w.Prepare(servers, lab.App{Version: 1, Pause: time.Hour}, exec.Command(labtest.Program(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Play(func(string) { p.Stop() }); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("play: %v", err)
	}
}

func TestAppThatNobodyBegins(t *testing.T) {
	for _, in := range []string{"", "{}", "{}\nfalse", "{}\ntrue", `{"Roots":"bm90aGluZw=="}` + "\ntrue"} {
		var out strings.Builder
		if err := lab.AppMain(strings.NewReader(in), &out); err == nil || out.Len() > 0 {
			t.Errorf("%q: %v, %q", in, err, out.String())
		}
	}
}
