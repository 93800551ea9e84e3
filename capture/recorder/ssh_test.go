package recorder

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestReadCounters(t *testing.T) {
	const text = "tcpdump: listening on gwp, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n" +
		"1 packet captured\n12 packets received by filter\n3 packets dropped by kernel\n2 packets dropped by interface\n"
	want := tcpdumpCounters{captured: 1, received: 12, kernel: 3, device: 2, hasInterface: true}
	if got, ok := readCounters(text); !ok || got != want {
		t.Errorf("%+v %v", got, ok)
	}
	whole := strings.LastIndex(text, "\n2 packets")
	for i := range whole {
		if got, ok := readCounters(text[:i]); ok {
			t.Errorf("cut at %d: %+v", i, got)
		}
	}
	for _, bad := range []string{"", "many packets captured\n", "1 packet captured\n1 packet captured\n1 packet captured\n",
		"99999999999999999999 packets captured\n1 packets received by filter\n1 packets dropped by kernel\n"} {
		if got, ok := readCounters(bad); ok {
			t.Errorf("%q: %+v", bad, got)
		}
	}
}

func FuzzReadCounters(f *testing.F) {
	f.Add("1 packet captured\n12 packets received by filter\r\n3 packets dropped by kernel\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := readCounters(text)
		if !ok {
			return
		}
		// What is told twice must be told the same.
		again, ok := readCounters(text + "\nnonsense")
		if !ok || again != c {
			t.Fatalf("%+v, then %+v", c, again)
		}
	})
}

func TestRemoteRefuses(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{}, "no host"},
		{Options{Target: "-oProxyCommand=x"}, "no host"},
		{Options{Target: "a b"}, "no host"},
		{Options{Target: "h", BPFFile: "x"}, "cannot be given"},
		{Options{Target: "h", MACs: []string{"02:00:5e:00:53:17"}}, "any knows no hardware addresses"},
		{Options{Target: "h", Set: map[string]string{"interface": "x; reboot"}}, "no name of an interface"},
		{Options{Target: "h", Set: map[string]string{"interface": "-w"}}, "no name of an interface"},
		{Options{Target: "h", Set: map[string]string{"sudo": "maybe"}}, "yes or no"},
		{Options{Target: "h", Set: map[string]string{"x": ""}}, `no setting "x"`},
	} {
		if _, err := newRemote(c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var s tail
	for range 1000 {
		s.Write([]byte("a line of some length\n"))
	}
	s.Write([]byte("the last\n5 packets captured\n"))
	if len(s.String()) > keptErrors || s.last() != "the last" {
		t.Errorf("%d octets, %q", len(s.String()), s.last())
	}
}

type discarded struct{ io.Writer }

func (discarded) Close() error { return nil }

func TestRemoteClock(t *testing.T) {
	now := float64(time.Now().UnixMicro()) / 1e6
	for text, uncertain := range map[string]float64{
		"v\ns\n" + strconv.FormatFloat(now+3600, 'f', 6, 64) + "\n": 0, fmt.Sprintf("v\ns\n%d.%%N\n", int64(now)+3600): 500, fmt.Sprintf("v\ns\n%d.N\n", int64(now)+3600): 500,
	} {
		var s remoteSource
		lines := s.ask(strings.NewReader(text), discarded{io.Discard})
		if lines[0] != "v" || lines[1] != "s" || s.clock == nil || s.clock.UncertainMS < uncertain || s.clock.OffsetMS < 3_590_000 || s.clock.OffsetMS > 3_610_000 {
			t.Errorf("%q: %q, %+v", text, lines, s.clock)
		}
	}
	for _, text := range []string{"", "v\n", "v\ns\n", "v\ns\nMon Nov 23\n", "v\ns\n12345"} {
		var s remoteSource
		if s.ask(strings.NewReader(text), discarded{io.Discard}); s.clock != nil {
			t.Errorf("%q: %+v", text, s.clock)
		}
	}
}
