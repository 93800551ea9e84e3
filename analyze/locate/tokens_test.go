package locate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTokenForms(t *testing.T) {
	answer, err := readTokens([]byte("suffix,operator,token,country,city\ncloud.example,Cloud,fra,DE,\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{
		"fra.cloud.example": 1, "fra2.cloud.example": 1, "fra-edge-1.cloud.example": 1, "a.fra9.b.cloud.example": 1,
		"france.cloud.example": 0, "edge-fra.cloud.example": 0, "fra.example": 0, "fra.cloud.example.org": 0, "fracloud.example": 0,
	} {
		if got := ask(answer, "1.2.3.4", name); len(got) != want {
			t.Errorf("%s: %q, want %d", name, got, want)
		}
	}
	many := slices.Repeat([]string{"nothing.cloud.example"}, maxNamed-1)
	for extra, want := range []int{1, 0} { // the last that is searched, and the first that is not
		names := append(append(slices.Clone(many), slices.Repeat([]string{"x.example"}, extra)...), "fra.cloud.example")
		if got := ask(answer, "1.2.3.4", names...); len(got) != want {
			t.Errorf("among %d names: %q, want %d", len(names), got, want)
		}
	}
}

// A row counts as read only if both were: how the operator writes names, and what the word means.
func TestReadOrNot(t *testing.T) {
	for _, c := range []struct {
		form, word string
		want       bool
	}{{"https://cloud.example/names", "https://cloud.example/regions", true}, {unread, "https://cloud.example/regions", false}, {"https://cloud.example/names", unread, false}} {
		rules, err := readNames(fmt.Appendf(nil, "%s\ncloud.example,Cloud,label,v,%s,\n", strings.Join(namesHeader, ","), c.form),
			fmt.Appendf(nil, "%s\nv,fra,DE,,%s\n", strings.Join(wordsHeader, ","), c.word))
		if err != nil {
			t.Fatal(err)
		}
		s := &sheet{names: []string{"fra.cloud.example"}, by: "tokens"}
		rules.answer(s)
		if len(s.claims) != 1 || (s.claims[0].By != byUnread) != c.want || strings.Contains(s.claims[0].Detail, "unverified") == c.want {
			t.Errorf("form %q, word %q: %+v", c.form, c.word, s.claims)
		}
	}
}
