package reports

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
	"abroad/capture/corpus"
)

// TestExplainReachesBottom: from every id that concludes, the walk ends at packets or rows, and every packet has its command.
func TestExplainReachesBottom(t *testing.T) {
	a := practice()
	x := index{a}
	explain := func(id audit.ID) string {
		t.Helper()
		var b bytes.Buffer
		if err := Explain(&b, a, id); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, e := range a.Endpoints {
		got := explain(e.ID)
		for _, c := range e.Place.Because {
			claim := x.claim(c)
			for _, want := range []string{c.String() + " said", claim.Said.Key, x.dataset(claim.Said.Dataset).SHA256.String()} {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q is missing in\n%s", e.ID, want, got)
				}
			}
		}
	}
	for _, f := range a.Flows {
		got := explain(f.ID)
		refs := []capture.Ref{f.Packet}
		for _, n := range f.Names {
			for _, id := range n.Because {
				refs = append(refs, x.seen(id)...)
			}
		}
		for _, r := range refs {
			if !strings.Contains(got, string(x.command(r))) {
				t.Errorf("%s: no command for %s", f.ID, r)
			}
		}
	}
	for _, n := range a.Findings {
		if got := explain(n.ID); !strings.Contains(got, "tshark -r ") {
			t.Errorf("%s ends nowhere:\n%s", n.ID, got)
		}
	}
}

func TestExplainUnknown(t *testing.T) {
	for id, want := range map[audit.ID]string{
		{Kind: 'f', N: 99}: `explain "f99": the audit has f1 to f11`,
		{Kind: 'f'}:        `explain "f0": the audit has f1 to f11`,
		{}:                 `explain "": the audit has nothing of this kind`,
	} {
		var b bytes.Buffer
		if err := Explain(&b, practice(), id); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", id, err, want)
		}
	}
	if err := Explain(&bytes.Buffer{}, empty(), id('n', 1)); err == nil {
		t.Error("a finding of an audit without findings")
	}
}

// TestOneOfOne: an app that is known by its uid alone, and one flow of another host, read as sentences.
func TestOneOfOne(t *testing.T) {
	a := practice()
	a.Flows[0].Attribution = &audit.Attribution{Grade: audit.A3, UID: 1051, By: "nflog"}
	var b bytes.Buffer
	if err := Explain(&b, a, a.Flows[0].ID); err != nil || !strings.Contains(b.String(), "attribution A3: uid 1051, by nflog, because:") {
		t.Errorf("%v\n%s", err, b.String())
	}
	c := audit.Coverage{Total: audit.Share{Flows: 1}, NotDevice: audit.Share{Flows: 1}, DeviceSure: true}
	if says := strings.Join(coverageSays(&c, audit.Share{}), " "); !strings.Contains(says, "1 flow of other hosts was recorded; it is counted apart.") {
		t.Error(says)
	}
}

// TestExplainBounded: a finding about a hundred flows with a hundred names each stays readable, and says what it leaves out.
func TestExplainBounded(t *testing.T) {
	b := newBuilder()
	r := b.recording(audit.Recording{Name: "x.pcap", Records: 100_000})
	e := b.endpoint("192.0.2.1", audit.Endpoint{})
	var because []audit.ID
	for range 100 {
		f := b.flow(r, e, audit.Flow{})
		var seen []audit.ID
		for range 100 {
			seen = append(seen, b.observe(audit.Observation{Flow: f.ID, Kind: audit.SeenSNI, Value: "n", Seen: make([]capture.Ref, 100)}))
		}
		for range 100 {
			f.Names = append(f.Names, audit.Name{Name: "n", How: audit.BySNI, Because: seen})
		}
		because = append(because, f.ID)
	}
	b.Findings = append(b.Findings, audit.Finding{ID: id('n', 1), Rule: "x", Because: because})
	for _, id := range []audit.ID{id('n', 1), e, id('f', 1), id('o', 1)} {
		var out bytes.Buffer
		if err := Explain(&out, b.Audit, id); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n > 2*explainLines || !strings.Contains(out.String(), "more") {
			t.Errorf("%s: %d lines", id, n)
		}
	}
}

// TestCommand runs the commands of an explanation: tshark shows the bytes that the audit names.
func TestCommand(t *testing.T) {
	tshark := corpus.Program(t, "tshark")
	dir := t.TempDir()
	// One Ethernet frame in a little-endian pcap file, with a name that wants quoting.
	frame := []byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x88\xb5hello, packet")
	file := append([]byte("\xd4\xc3\xb2\xa1\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x00\x01\x00\x00\x00"),
		"\x00\x00\x00\x00\x00\x00\x00\x00\x1b\x00\x00\x00\x1b\x00\x00\x00"...)
	file = append(file, frame...)
	const name = "it's a $recording.pcap"
	if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
		t.Fatal(err)
	}
	x := index{&audit.Audit{Recordings: []audit.Recording{{ID: id('r', 1), Name: name, Records: 1}}}}
	command := string(x.command(capture.Ref{Recording: 1, Record: 1, Off: 14, Len: 5}))
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(tshark)+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "hello, packet") && !strings.Contains(string(out), "68 65") {
		t.Errorf("%s: %v\n%s", command, err, out)
	}
}
