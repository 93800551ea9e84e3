package session

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"abroad/capture"
	"abroad/capture/corpus"
)

// rich makes a session with everything that an export may have to leave out.
func rich(t *testing.T, key *SecretKey) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.session")
	a := about()
	a.Note, a.Device = "private remark", Device{Model: "M", MAC: "02:00:00:00:00:01"}
	w, err := Create(dir, a, Options{SegmentSize: 20_000, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Interface(Interface{Link: 1}); err != nil {
		t.Fatal(err)
	}
	imports, err := w.Import()
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(imports, "000001.pcap"), []byte("original"), 0o600)
	if err := w.Secrets(tlsKeyLog, []byte("CLIENT_RANDOM 00 11\n")); err != nil {
		t.Fatal(err)
	}
	control, err := Listen(w)
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	if _, err := control.Mark(MarkRequest{Text: "private mark"}); err != nil {
		t.Fatal(err)
	}
	for i := range uint32(300) {
		w.Packet(packet(i))
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	return dir
}

func everything(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all = append(all, read(t, path)...)
		}
		return err
	})
	return all
}

// A public export holds, is tied to the full session, and tells nothing that it should not.
func TestExportPublic(t *testing.T) {
	key, _ := NewKey()
	dir := rich(t, key)
	to := filepath.Join(t.TempDir(), "public")
	m, err := Export(dir, to, ExportOptions{Kind: Public, Redact: []string{"device.mac", "event.marker"}, RedactKey: []byte("key")})
	if err != nil {
		t.Fatal(err)
	}
	v := verified(t, to)
	full := verified(t, dir).Session
	if m.Chain != full.Manifest.Chain || m.Of.Manifest != full.Root || v.Packets != 300 {
		t.Errorf("the export is not tied to the session: %+v", m)
	}
	all := everything(t, to)
	// The hashes of the full session.json and of the full mark are in the export: without the salts nobody can try MAC addresses or words.
	var mark MarkData
	for _, e := range full.Events {
		if e.Kind == EventMarker {
			json.Unmarshal(e.Data, &mark)
		}
	}
	if len(full.About.Salt) < 26 || len(mark.Salt) < 26 || full.About.Salt == mark.Salt {
		t.Errorf("salts %q and %q", full.About.Salt, mark.Salt)
	}
	for _, secret := range []string{"private remark", "private mark", "02:00:00:00:00:01", "CLIENT_RANDOM", "original\"", full.About.Salt, mark.Salt} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("%q is in the export", secret)
		}
	}
	for _, gone := range []string{"secrets", "import"} {
		if _, err := os.Stat(filepath.Join(to, gone)); err == nil {
			t.Errorf("%s is in the export", gone)
		}
	}
	if got := strings.Join(m.Of.LeftOut, " "); got != "import secrets" {
		t.Errorf("left out: %s", got)
	}
	if v.Session.About.Device.Model != "M" || v.Session.About.Device.MAC != "" || len(v.Session.About.Redacted) != 3 {
		t.Errorf("session.json: %+v", v.Session.About)
	}
	if _, err := Verify(to, key.Public()); err != nil {
		t.Errorf("the full session's signature: %v", err)
	}
	if _, err := Export(to, filepath.Join(t.TempDir(), "again"), ExportOptions{Kind: Public}); err == nil {
		t.Error("an export was exported")
	}
	b := read(t, filepath.Join(to, eventsFile))
	if err := os.WriteFile(filepath.Join(to, eventsFile), bytes.Replace(b, []byte(`"kind":"stop"`), []byte(`"kind":"stap"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(to, nil); err == nil {
		t.Error("a changed event of an export was accepted")
	}
}

// Without packets the hashes stay.
func TestExportNoPackets(t *testing.T) {
	dir := rich(t, nil)
	to := filepath.Join(t.TempDir(), "public")
	if _, err := Export(dir, to, ExportOptions{Kind: Public, RedactKey: []byte("k"), NoPackets: true}); err != nil {
		t.Fatal(err)
	}
	if v := verified(t, to); v.Segments != 0 {
		t.Errorf("%d segments", v.Segments)
	}
	if !bytes.Contains(read(t, filepath.Join(to, fullManifest)), []byte("capture/000001.pcapng")) {
		t.Error("the hashes of the segments are gone")
	}
}

// What cannot be left out is refused.
func TestExportRefuses(t *testing.T) {
	for _, member := range []string{"id", "source", "role"} {
		if _, err := Export(rich(t, nil), filepath.Join(t.TempDir(), "x"), ExportOptions{Kind: Public, Redact: []string{member}}); err == nil {
			t.Errorf("%s was redacted", member)
		}
	}
	if _, err := Export(abandoned(t, 3), filepath.Join(t.TempDir(), "x"), ExportOptions{Kind: Public}); err == nil {
		t.Error("an unclosed session was exported")
	}
}

// An archive holds all packets where tshark and the session's own check read them.
func TestExportArchive(t *testing.T) {
	dir := rich(t, nil)
	to := filepath.Join(t.TempDir(), "archive")
	m, err := Export(dir, to, ExportOptions{Kind: Archive})
	if err != nil {
		t.Fatal(err)
	}
	v := verified(t, to)
	if v.Packets != 300 || v.Segments < 2 {
		t.Errorf("%d packets in %d segments", v.Packets, v.Segments)
	}
	n := 0
	for _, f := range m.Files {
		if strings.HasPrefix(f.Path, "capture/") {
			if !strings.HasSuffix(f.Path, ".pcapng.zst") || f.PlainSHA256.IsZero() || f.Packets == nil {
				t.Errorf("%+v", f)
			}
			n += tshark(t, filepath.Join(to, f.Path))
		}
	}
	if n != 300 {
		t.Errorf("tshark reads %d packets", n)
	}
	if !bytes.Contains(everything(t, to), []byte("private mark")) {
		t.Error("an archive lacks a mark")
	}
}

// Frames of an archive end where blocks do, also when there are several.
func TestCompressFrames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	w := create(t, dir, Options{})
	for i := range uint32(15_000) {
		w.Packet(packet(i))
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "archive")
	if _, err := Export(dir, to, ExportOptions{Kind: Archive}); err != nil {
		t.Fatal(err)
	}
	if n := tshark(t, filepath.Join(to, "capture/000001.pcapng.zst")); n != 15_000 {
		t.Errorf("tshark reads %d packets", n)
	}
	if v := verified(t, to); v.Packets != 15_000 {
		t.Errorf("%d packets", v.Packets)
	}
}

// A merged file is one that tshark reads, with marks as comments; the key log is in it only when asked for.
func TestMerge(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x.session")
	var now atomic.Int64 // the flusher asks for it too
	w := create(t, dir, Options{SegmentSize: 20_000, clock: func() (capture.Time, time.Duration) { return capture.Time(now.Load()), 0 }})
	if err := w.Secrets(tlsKeyLog, []byte("CLIENT_RANDOM 00 11\n")); err != nil {
		t.Fatal(err)
	}
	for i := range uint32(300) {
		p := packet(i)
		if i%2 == 0 {
			p.Notes, p.Drops = []string{"its own"}, 5
		}
		if now.Store(int64(p.Time)); i == 100 || i == 201 {
			w.Event(EventAction, MarkData{Text: "do it", Action: "step_" + string(rune('a'+i%2))})
		}
		w.Packet(p)
	}
	if err := w.Close(Complete, ""); err != nil {
		t.Fatal(err)
	}
	for _, secrets := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "merged.pcapng")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := Merge(dir, f, secrets)
		if err != nil || n != 300 {
			t.Fatalf("%d packets, %v", n, err)
		}
		f.Close()
		if got := tshark(t, path); got != 300 {
			t.Errorf("tshark reads %d packets", got)
		}
		out, err := exec.Command(corpus.Program(t, "tshark"), "-n", "-r", path, "-Y", `frame.comment contains "step"`, "-T", "fields", "-e", "frame.number", "-e", "frame.comment").Output()
		if want := "101\tmark: do it,step: step_a,its own\n202\tmark: do it,step: step_b\n"; err != nil || string(out) != want {
			t.Errorf("tshark sees the comments %q, want %q (%v)", out, want, err)
		}
		if in := bytes.Contains(read(t, path), []byte("CLIENT_RANDOM")); in != secrets {
			t.Errorf("secrets %v: they are in it: %v", secrets, in)
		}
	}
}
