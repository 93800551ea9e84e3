package locate

import "testing"

func TestCountry(t *testing.T) {
	for in, want := range map[string]string{
		"NO": "NO", "no": "NO", "No": "NO", "DE": "DE", "XK": "XK", "GB": "GB",
		"": "", "D": "", "DEU": "", "UK": "", "EU": "", "AP": "", "XX": "", "ZZ": "", "A1": "", "O1": "", "É": "", "{|": "", "@[": "", "--": "",
	} {
		if got := Country(in); got != want {
			t.Errorf("Country(%q) is %q, want %q", in, got, want)
		}
	}
	n := 0
	for _, is := range assigned {
		if is {
			n++
		}
	}
	if n != 249+1 { // ISO 3166-1 has 249, and XK
		t.Errorf("%d countries", n)
	}
}

func FuzzCountry(f *testing.F) {
	f.Add("no")
	f.Fuzz(func(t *testing.T, code string) {
		got := Country(code)
		if got != "" && (len(got) != 2 || Country(got) != got || got[0] < 'A' || got[1] > 'Z') {
			t.Fatalf("Country(%q) is %q", code, got)
		}
	})
}
