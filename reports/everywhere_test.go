package reports

import (
	"bytes"
	stdcsv "encoding/csv"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"abroad/analyze/audit"
	"abroad/capture"
)

// fill puts a payload into every string of v that a stranger could reach, also where only we write today, and into the zone of every address.
// Lists get two members, ids stay small, so that some lead to something and some do not.
func (p *payload) fill(v reflect.Value, r *rand.Rand) {
	switch to := v.Addr().Interface().(type) {
	case *audit.ID:
		*to = audit.ID{Kind: audit.Kind("rsdfeoacnx"[r.IntN(10)]), N: 1 + r.Uint32N(3)}
		return
	case *capture.Ref:
		*to = capture.Ref{Recording: 1 + r.Uint32N(3), Record: r.Uint32N(9), Off: r.Uint32(), Len: r.Uint32()}
		return
	case *netip.Addr:
		*to = netip.IPv6LinkLocalAllNodes().WithZone(p.next())
		return
	case *netip.AddrPort:
		*to = netip.AddrPortFrom(netip.IPv6LinkLocalAllNodes().WithZone(p.next()), uint16(r.Uint32()))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			p.fill(v.Field(i), r)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			p.fill(v.Index(i), r)
		}
	case reflect.Array:
		for i := range v.Len() {
			p.fill(v.Index(i), r)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.fill(v.Elem(), r)
	case reflect.String:
		v.SetString(p.next())
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Float64:
		v.SetFloat(r.NormFloat64())
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()))
	default:
		v.SetUint(r.Uint64())
	}
}

// everywhere is an audit with an attack in every field. It would not pass Check; formats must not depend on that for safety.
func everywhere(seed int) *audit.Audit {
	var a audit.Audit
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	(&payload{seed}).fill(reflect.ValueOf(&a).Elem(), r)
	for i := range a.Endpoints { // as the lists' ordinals, so that names, claims and flows are bound to something
		a.Endpoints[i].ID = id('e', i+1)
		a.Flows[i].Endpoint = id('e', i+1)
		a.Claims[i].Address = a.Endpoints[i].Address
	}
	return &a
}

// safe fails if b holds anything that a terminal, an editor or a browser would act on instead of showing.
func safe(t *testing.T, what string, b []byte) {
	t.Helper()
	if !utf8.Valid(b) {
		t.Errorf("%s is not UTF-8", what)
	}
	for i, r := range string(b) {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs, unicode.Variation_Selector) {
			t.Errorf("%s: %U in %q", what, r, b[max(0, i-40):min(len(b), i+20)])
			return
		}
	}
}

// TestHostileEverywhere renders audits whose every string is an attack, in every format.
func TestHostileEverywhere(t *testing.T) {
	audits := []*audit.Audit{hostile(), load(t, "hostile")}
	for seed := range 2 * len(payloads) {
		audits = append(audits, everywhere(seed))
	}
	for _, a := range audits {
		for _, format := range All {
			if format == asJSON {
				continue // exact by design; audit.Write has its own rules
			}
			for _, f := range format.Files {
				got := render(t, f, a, Screen{})
				safe(t, f.Name, got)
				switch format {
				case asCSV:
					checkCSV(t, f.Name, got)
				case asHTML:
					checkHTML(t, got)
				case asMarkdown:
					checkMarkdown(t, got)
				}
			}
		}
		var b bytes.Buffer
		if err := Summary(&b, a, Screen{}, Made{"Report", payloads[6]}); err != nil {
			t.Fatal(err)
		}
		safe(t, "summary", b.Bytes())
		for _, id := range first(a) {
			b.Reset()
			if err := Explain(&b, a, id); err != nil {
				t.Fatal(err)
			}
			safe(t, "explain", b.Bytes())
		}
	}
}

// checkCSV reads the file as a spreadsheet would, also one that cuts lines at semicolons, and looks for cells that would run.
func checkCSV(t *testing.T, name string, got []byte) {
	t.Helper()
	rows, err := stdcsv.NewReader(bytes.NewReader(got)).ReadAll() // every row as many cells as the first
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			for part := range strings.SplitSeq(cell, ";") {
				if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(part, ` "'`)); strings.ContainsRune("=+-@＝＋－＠", first) && first != utf8.RuneError && part[0] != '\'' {
					t.Errorf("%s: cell %q would run", name, cell)
				}
			}
		}
	}
}

// checkMarkdown reads tables as GitHub does (a backslash escapes the bar behind it) and refuses HTML and links outside code spans.
func checkMarkdown(t *testing.T, got []byte) {
	t.Helper()
	columns := 0
	for line := range strings.Lines(string(got)) {
		bars, spans := 0, 0
		outside := strings.Builder{}
		for i := 0; i < len(line); i++ {
			switch c := line[i]; {
			case c == '\\' && i+1 < len(line) && spans%2 == 0:
				i++
			case c == '|':
				bars++
			case c == '`':
				spans++
			case spans%2 == 0:
				outside.WriteByte(c)
			}
		}
		if spans%2 != 0 {
			t.Errorf("markdown: open code span in %q", line)
		}
		if s := outside.String(); strings.ContainsAny(s, "<>[]*_~$@") && s != "# " && !strings.HasPrefix(line, "- **") && !strings.HasPrefix(line, "**") {
			t.Errorf("markdown: markup in %q", line)
		}
		if !strings.HasPrefix(line, "|") {
			columns = 0
			continue
		}
		if columns == 0 {
			columns = bars
		}
		if bars != columns {
			t.Errorf("markdown: %d bars, want %d in %q", bars, columns, line)
		}
	}
	if bytes.Contains(bytes.ToLower(got), []byte("<script")) {
		t.Error("markdown contains <script")
	}
}

// TestColor checks that colours are the only escapes, and only where asked for.
func TestColor(t *testing.T) {
	for _, a := range []*audit.Audit{practice(), hostile(), everywhere(3)} {
		got := string(render(t, asText.Files[0], a, Screen{Color: true}))
		if !strings.Contains(got, bold) {
			t.Error("no colour though asked for")
		}
		for _, style := range []string{bold, dim, green, yellow, inverse, plain} {
			got = strings.ReplaceAll(got, style, "")
		}
		safe(t, "coloured text", []byte(got))
		if got != string(render(t, asText.Files[0], a, Screen{})) {
			t.Error("colours change the text")
		}
	}
}

// TestColumns checks that text keeps to the screen, but for what must not be broken.
func TestColumns(t *testing.T) {
	for _, width := range []int{60, 80, 100, 160} {
		for _, a := range []*audit.Audit{empty(), small(), practice(), hostile()} {
			for line := range strings.Lines(string(render(t, asText.Files[0], a, Screen{Columns: width}))) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > width && !slices.ContainsFunc([]string{"sha256"}, func(s string) bool { return strings.Contains(line, s) }) {
					t.Errorf("%d columns on a screen of %d: %q", n, width, line)
				}
			}
		}
	}
}
