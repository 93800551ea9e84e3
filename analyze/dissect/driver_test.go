package dissect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/capture"
)

// counted makes a dissector that says step to the nth call and counts its calls.
func counted(name string, calls *int, answer func(v *flow.View, see *Sight) flow.Step) *Dissector {
	return &Dissector{Name: name, Doc: "Tests.", Run: func(v *flow.View, see *Sight) flow.Step {
		*calls++
		return answer(v, see)
	}}
}

func TestDriverPanic(t *testing.T) {
	Rethrow = false
	defer func() { Rethrow = true }()
	calls := 0
	bad := counted("bad", &calls, func(v *flow.View, see *Sight) flow.Step {
		see.See(audit.SeenProtocol, "never told", v.Client, 0, 1)
		var none []byte
		_ = none[len(v.Client.Bytes)]
		return flow.Step{Mine: true}
	})
	r := play{proto: audit.TCP, port: 9999, packets: []packet{up(getTwo), down(okBody)}}.run(t, bad, httpDissector)
	r.want(t, "http", audit.Plaintext, "http-request GET / (1 bytes)", "http-host two.example")
	if calls != 1 || !slices.Equal(r.codes(), []string{"bad dissector-panic"}) {
		t.Errorf("%d calls, anomalies %v", calls, r.Anomalies)
	}
	if a := r.Anomalies[0]; a.At.Record != 3 || !strings.Contains(a.Detail, "index out of range") || !strings.Contains(a.Detail, "driver_test") && !strings.Contains(a.Detail, "TestDriverPanic") {
		t.Errorf("anomaly %+v", a)
	}
}

func TestDriverAsksOnce(t *testing.T) {
	calls := 0
	never := counted("never", &calls, func(*flow.View, *Sight) flow.Step { return flow.Step{} })
	var packets []packet
	for i := range 1000 {
		packets = append(packets, packet{server: i%2 == 1, data: "nothing that anybody knows"})
	}
	for _, proto := range []audit.Proto{audit.TCP, audit.UDP} {
		calls = 0
		r := play{proto: proto, port: 9999, packets: packets}.run(t, never)
		r.want(t, "", 0)
		if calls > 2*maxStrange || r.steps > 2*maxStrange {
			t.Errorf("%v: asked %d times in %d steps", proto, calls, r.steps)
		}
	}
}

func TestDriverForgetsWithMore(t *testing.T) {
	calls := 0
	patient := counted("patient", &calls, func(v *flow.View, see *Sight) flow.Step {
		see.See(audit.SeenProtocol, fmt.Sprint(len(v.Client.Bytes)), v.Client, 0, 1)
		return flow.Step{Mine: true, More: true, NeedClient: 10}
	})
	r := play{proto: audit.TCP, port: 9999, packets: split([]packet{up(strings.Repeat("x", 25))}, 5)}.run(t, patient)
	r.want(t, "patient", 0, "protocol 25") // told at the end only
}

func TestDriverRestarts(t *testing.T) {
	calls := 0
	again := counted("again", &calls, func(*flow.View, *Sight) flow.Step {
		return flow.Step{Mine: true, Restart: true, Client: 1, Became: "x"}
	})
	r := play{proto: audit.TCP, port: 9999, packets: []packet{up(strings.Repeat("x", 100))}}.run(t, again)
	if calls != MaxRestarts+1 || !slices.Equal(r.codes(), []string{"dissect limit"}) {
		t.Errorf("%d calls, anomalies %v", calls, r.codes())
	}
	// A restart that consumes nothing would never end.
	calls = 0
	stuck := counted("stuck", &calls, func(*flow.View, *Sight) flow.Step { return flow.Step{Mine: true, Restart: true} })
	play{proto: audit.TCP, port: 9999, packets: []packet{up("x"), up("y")}}.run(t, stuck)
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

func TestDriverLimitsObservations(t *testing.T) {
	calls := 0
	chatty := counted("chatty", &calls, func(v *flow.View, see *Sight) flow.Step {
		for range 1000 {
			see.See(audit.SeenProtocol, "x", v.Client, 0, 1)
		}
		return flow.Step{Mine: true, Client: len(v.Client.Bytes)}
	})
	var packets []packet
	for range 2 * MaxSeen / 1000 {
		packets = append(packets, up("x"))
	}
	r := play{proto: audit.UDP, port: 9999, packets: packets}.run(t, chatty)
	if len(r.Seen) > MaxSeen+1000 || !slices.Equal(r.codes(), []string{"dissect limit"}) {
		t.Errorf("%d seen, anomalies %v", len(r.Seen), r.codes())
	}
}

func TestDriverStamps(t *testing.T) {
	calls := 0
	d := counted("stamped", &calls, func(v *flow.View, see *Sight) flow.Step {
		see.See(audit.SeenProtocol, "x", v.Client, 0, 1)
		see.Answers = append(see.Answers, audit.Answer{Seen: capture.Ref{Record: 1}})
		see.Malformed(capture.Malformed, "x", v.Client, 0)
		return flow.Step{Mine: true, Done: true}
	})
	v := view(audit.UDP, 9999, "x", "")
	var out Sight
	out.Flags, out.App = audit.Push, "old" // of an earlier call
	step := newDriver([]*Dissector{d}).Feed(v, new(State), &out)
	a := out.Answers[0]
	if !step.Done || out.Seen[0].By != "stamped" || a.By != "stamped" || a.Resolver != v.ServerAddr || a.Client != clientIP || out.Anomalies[0].Stage != "stamped" || out.App != "stamped" || out.Flags != 0 {
		t.Errorf("%+v, %+v", step, out)
	}
}

// view makes a View of one packet a side.
func view(proto audit.Proto, port uint16, client, server string) *flow.View {
	p := play{proto: proto, port: port}
	head := func(data string, record uint32) *flow.Head {
		h := &flow.Head{Bytes: []byte(data)}
		if data != "" {
			h.Segments = []flow.Segment{{End: len(data), Record: record, FrameOff: frameOff, Time: capture.Time(record)}}
		}
		return h
	}
	return &flow.View{Proto: p.proto, ClientAddr: addrPort(clientIP, 40000), ServerAddr: addrPort(serverIP, port), Client: head(client, 1), Server: head(server, 2)}
}

func TestDriverAllocatesNothing(t *testing.T) {
	d := NewDriver()
	var out Sight
	for name, v := range map[string]*flow.View{
		"unknown TCP": view(audit.TCP, 9999, "\x01\x02\x03nothing that anybody knows, in more bytes than any header has", "\x99nor this"),
		"unknown UDP": view(audit.UDP, 9999, "\x01\x02\x03nothing that anybody knows, in more bytes than any header has", ""),
		"media":       view(audit.UDP, 9999, "\x80\x60\x00\x01\x00\x00\x00\x00\x12\x34\x56\x78media media media", ""),
	} {
		var seen int
		n := testing.AllocsPerRun(100, func() {
			st := State{}
			for range 20 {
				if d.Feed(v, &st, &out).Done {
					break
				}
			}
			seen += len(out.Seen)
		})
		if n > 0 || seen > 0 {
			t.Errorf("%s: %.1f allocations, %d seen", name, n, seen)
		}
	}
}

func BenchmarkDriver(b *testing.B) {
	d := NewDriver()
	var out Sight
	hello := handshake(b, tlsConfig("www.example.com"), 0)
	quic := quicHello(b, "www.example.com", "h3")
	quic1 := initial(b, dcid, 0, quic, cryptoFrame{0, 1000})
	quic2 := initial(b, dcid, 1, quic, cryptoFrame{1000, len(quic)})
	two := view(audit.UDP, 443, quic1+quic2, serverInitial)
	two.Client.Segments = []flow.Segment{{End: len(quic1), Record: 1}, {Start: len(quic1), End: len(quic1 + quic2), Record: 1}}
	for _, c := range []struct {
		name string
		v    *flow.View
	}{
		{"unknownTCP", view(audit.TCP, 9999, "\x01\x02\x03nothing that anybody knows, in more bytes than any header has", "\x99nor this")},
		{"unknownUDP", view(audit.UDP, 9999, "\x01\x02\x03nothing that anybody knows, in more bytes than any header has", "")},
		{"tls", view(audit.TCP, 443, hello[0].data, hello[1].data)},
		{"quic", two},
		{"http", view(audit.TCP, 80, getOne, okBody)},
		{"dns", view(audit.UDP, 53, askWWW, answerWWW)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				st := State{}
				d.Feed(c.v, &st, &out)
			}
		})
	}
}
