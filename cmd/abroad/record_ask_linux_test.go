package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"abroad/capture/session"
)

// On a terminal what is missing is asked for, and asked again when the answer cannot be; flags are not asked for, and without a terminal nothing is.
func TestRecordAsks(t *testing.T) {
	recording := filepath.Join(practice(t), "v2", "s01.pcapng")
	dir := filepath.Join(t.TempDir(), "x.session")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	ours, theirs := openTerminal(t)
	shown := drain(ours)
	cmd := exec.Command("abroad", "record", "--no-ui", "--consent", "rejected", "--os", "16", "-o", dir, recording)
	cmd.Stdin, cmd.Stderr = theirs, theirs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	if _, err := ours.WriteString("org.example.app\n2.0\nPhone 7\nA1\nNorway\nNO\nfree\n16-17\n\nwifi\nIS\n"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	said := <-shown
	if !strings.Contains(said, `"Norway" is no ISO 3166-1 country code`) || strings.Contains(said, "consent given") || strings.Contains(said, "version of its system") {
		t.Errorf("shown: %s", said)
	}
	s, err := session.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	a := s.About
	if a.App.ID != "org.example.app" || a.App.Version != "2.0" || a.Account.Residence != "NO" || a.StoreCountry != "" || a.Network != "wifi" ||
		a.Vantage.Country != "IS" || a.Consent != "rejected" || a.Account.Tier != "free" || a.Account.Age != "16-17" ||
		a.Device.Model != "Phone 7" || a.Device.OS != "16" || a.Device.Build != "A1" {
		t.Errorf("session.json: %+v", a)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	cmd = exec.Command("abroad", "record", "--no-ui", "-o", dir+"2", recording)
	cmd.Stdin = null
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "not known") {
		t.Errorf("%v: %s", err, out)
	}
}
