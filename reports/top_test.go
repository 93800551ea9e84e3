package reports

import (
	"bytes"
	"strings"
	"testing"
)

// A recording with losses says so where everybody reads it.
func TestLossesOnTop(t *testing.T) {
	a := practice()
	if s := missed(a); s != "" {
		t.Errorf("nothing was lost: %q", s)
	}
	a.Recordings[0].Lost, a.Recordings[0].LostKnown = 18631, true
	const want = "18,631 packets were lost"
	if top := newPage(a, textBounds).Top; !strings.Contains(strings.Join(top, " "), want) {
		t.Errorf("on top: %q", top)
	}
	var b bytes.Buffer
	if err := Summary(&b, a, Screen{}); err != nil || !strings.Contains(strings.Join(strings.Fields(b.String()), " "), want) {
		t.Errorf("%v: %s", err, b.String())
	}
}
