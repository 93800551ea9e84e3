package compare

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTemplate(t *testing.T) {
	for _, test := range [][3]string{
		{"api.practice.example", "practice.example", "api.practice.example"},
		{"practice.example", "practice.example", "practice.example"},
		{"cdn-5f02.flurry.example", "flurry.example", "cdn-#.flurry.example"},
		{"cdn-c61f.flurry.example", "flurry.example", "cdn-#.flurry.example"},
		{"edge17.cdn.example", "cdn.example", "edge#.cdn.example"},
		{"r3---sn-4g5e6nsk.googlevideo.com", "googlevideo.com", "r#---sn-#.googlevideo.com"},
		{"fra3.turn.parley.example", "parley.example", "@#.turn.parley.example"},
		{"lhr12.turn.parley.example", "parley.example", "@#.turn.parley.example"},
		{"s3.eu-west-1.amazonaws.com", "amazonaws.com", "s#.@.amazonaws.com"},
		{"s3.us-gov-east-1.amazonaws.com", "amazonaws.com", "s#.@.amazonaws.com"},
		{"europe-west4-docker.pkg.dev", "pkg.dev", "@-docker.pkg.dev"},
		{"eu.api.openai.com", "openai.com", "eu.api.openai.com"},
		{"mars.api.example.com", "example.com", "mars.api.example.com"},
		{"face1.example.com", "example.com", "face#.example.com"},
		{"face12.example.com", "example.com", "#.example.com"},
		{"deadbeefcafe.example.com", "example.com", "#.example.com"},
		{"x1.4chan.org", "4chan.org", "x#.4chan.org"},
		{"192.0.2.1", "", "192.0.2.1"},
	} {
		if got := template(test[0], test[1]); got != test[2] {
			t.Errorf("%s: got %s, want %s", test[0], got, test[2])
		}
	}
}

// A template keeps the domain and the number of labels, and is its own template.
func TestTemplateProperties(t *testing.T) {
	label := rapid.StringMatching(`[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(label, 1, 4).Draw(t, "labels"), ".") + ".example.com"
		got := template(name, "example.com")
		if !strings.HasSuffix(got, ".example.com") || strings.Count(got, ".") != strings.Count(name, ".") {
			t.Fatalf("%s becomes %s", name, got)
		}
		if again := template(got, "example.com"); again != got {
			t.Fatalf("%s becomes %s, and that %s", name, got, again)
		}
	})
}
