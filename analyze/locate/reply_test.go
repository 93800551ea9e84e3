package locate

import (
	"fmt"
	"strings"
	"testing"
)

// Of the same answer by several resolvers the earliest row is cited, in whatever order they stand; of many names a bounded number is said,
// the confirmed ones first.
func TestReplies(t *testing.T) {
	var b strings.Builder
	b.WriteString(strings.Join(resolvedHeader, ",") + "\n")
	row := func(question, kind, resolver, value string) {
		fmt.Fprintf(&b, "%s,%s,%s,udp,,2026-05-06T07:08:09Z,1,NOERROR,%s,x,%s,60\n", question, kind, resolver, kind, value)
	}
	for i := range maxResolved + 4 {
		row("46.4.0.1", "PTR", "192.0.2.2:53", fmt.Sprintf("n%02d.operator.net", i))
	}
	for _, resolver := range []string{"192.0.2.3:53", "192.0.2.1:53", "192.0.2.2:53"} {
		row("46.4.0.1", "PTR", resolver, "z.operator.net")
	}
	row("z.operator.net", "A", "192.0.2.9:53", "46.4.0.1")
	replies, day, err := parseResolved([]byte(b.String()))
	if err != nil || day != "2026-05-06" {
		t.Fatal(day, err)
	}
	for address, list := range replies {
		first := list[0]
		if address.String() != "46.4.0.1" || len(list) != maxResolved || first.name != "z.operator.net" || first.detail != ReverseConfirmed {
			t.Errorf("%s: %d replies, first %+v", address, len(list), first)
		}
		if want := "46.4.0.1 PTR, asked of 192.0.2.1:53 at 2026-05-06T07:08:09Z"; first.key != want {
			t.Errorf("cites %q, want %q", first.key, want)
		}
	}
}
