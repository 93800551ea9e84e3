package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"abroad/capture"
)

// fill sets every field of v to something that is not its zero value, so that a field forgotten by the hand-written encoder shows.
func fill(v reflect.Value, r *rand.Rand) {
	switch p := v.Addr().Interface().(type) {
	case *ID:
		*p = ID{Kind(kinds[r.IntN(len(kinds))]), 1 + r.Uint32N(9)}
		return
	case *capture.Ref:
		*p = capture.Ref{Recording: 1 + r.Uint32N(9), Record: 1 + r.Uint32N(9), Off: r.Uint32N(99), Len: 1 + r.Uint32N(99)}
		return
	case *netip.Addr:
		*p = netip.AddrFrom4([4]byte{192, 0, 2, byte(r.IntN(256))})
		return
	case *netip.AddrPort:
		*p = netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), uint16(1+r.IntN(9999)))
		return
	case *capture.Time:
		*p = capture.Time(r.Int64())
		return
	case *Flags:
		*p = Flags(1 + r.IntN(1<<len(flagNames)-1))
		return
	case *Proto:
		*p = Proto(r.IntN(256))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), r)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(2), 2))
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), r)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), r)
	case reflect.String:
		v.SetString([]string{"plain", "q\"\\", "<b>é\u202e\x01", "\x7f"}[r.IntN(4)])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1 + r.Float64())
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(1 + int64(r.IntN(1000)))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1 + uint64(r.IntN(200)))
	default:
		panic(v.Type().String())
	}
}

// TestEncode holds the hand-written encoder against the struct tags: full, empty and null values come out as encoding/json writes them.
func TestEncode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	same := func(name string, got []byte, v any) {
		t.Helper()
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if want = appendVisible(nil, want); string(got) != string(want) {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	for i := range 200 {
		var f Flow
		var o Observation
		var a Answer
		var c Claim
		var v Overflow
		if i > 0 {
			for _, p := range []any{&f, &o, &a, &c, &v} {
				fill(reflect.ValueOf(p).Elem(), r)
			}
		}
		same("flow", appendFlow(nil, &f), f)
		same("observation", appendObservation(nil, &o), o)
		same("answer", appendAnswer(nil, &a), a)
		same("claim", appendClaim(nil, &c), c)
		same("overflow", appendOverflow(nil, &v), v)
	}
}

// small is a document that passes Check.
func small() *Audit {
	return &Audit{
		Schema: Schema,
		Tool:   Tool{"abroad", "test"},
		Recordings: []Recording{{ID: ID{'r', 1}, Name: "x.pcap", SHA256: capture.Digest{1}, Records: 3, LastNumber: 3,
			Packets: Packets{InFlows: 2, Undecoded: 1}, Undecoded: []Undecoded{{Code: capture.NotIP, Detail: "arp", Packets: 1, Example: capture.Ref{Recording: 1, Record: 2}}}}},
		Sessions:     []Session{{ID: ID{'s', 1}, Recordings: []ID{{'r', 1}}}},
		Datasets:     []Dataset{{ID: ID{'d', 1}, Name: "db", SHA256: capture.Digest{2}}},
		Endpoints:    []Endpoint{{ID: ID{'e', 1}, Address: netip.MustParseAddr("192.0.2.1"), Place: Place{Country: "IE", Because: []ID{{'c', 1}}, Grade: L1}, Sessions: []ID{{'s', 1}}}},
		Claims:       []Claim{{ID: ID{'c', 1}, Country: "IE", Said: Citation{ID{'d', 1}, "192.0.2.0/24"}}},
		Flows:        []*Flow{{ID: ID{'f', 1}, Recording: ID{'r', 1}, Endpoint: ID{'e', 1}, Packet: capture.Ref{Recording: 1, Record: 1}, Names: []Name{{Name: "a.example", How: BySNI, Because: []ID{{'o', 1}}}}}},
		Observations: []Observation{{ID: ID{'o', 1}, Flow: ID{'f', 1}, Kind: SeenSNI, Value: "a.example", Seen: []capture.Ref{{Recording: 1, Record: 3}}}},
		Answers:      []Answer{{ID: ID{'a', 1}, Flow: ID{'f', 1}, Seen: capture.Ref{Recording: 1, Record: 3}}},
		Findings:     []Finding{{ID: ID{'n', 1}, Rule: "x", Because: []ID{{'o', 1}}}},
		Anomalies:    []Anomaly{{ID: ID{'x', 1}, Recording: ID{'r', 1}}},
	}
}

func TestRoundTrip(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, small()); err != nil {
		t.Fatal(err)
	}
	a, err := Read(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(small(), a, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	// Every field of the document must be in the file.
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &keys); err != nil {
		t.Fatal(err)
	}
	typ := reflect.TypeFor[Audit]()
	for i := range typ.NumField() {
		name, omit, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if _, ok := keys[name]; !ok && omit == "" {
			t.Errorf("field %q is not written", name)
		}
	}
}

// TestCheck breaks one link at a time.
func TestCheck(t *testing.T) {
	if err := Check(small()); err != nil {
		t.Fatal(err)
	}
	breaks := map[string]func(a *Audit){
		"recording id":     func(a *Audit) { a.Recordings[0].ID.N = 2 },
		"recording hash":   func(a *Audit) { a.Recordings[0].SHA256 = capture.Digest{} },
		"packets lost":     func(a *Audit) { a.Recordings[0].Records++ },
		"undecoded sum":    func(a *Audit) { a.Recordings[0].Undecoded[0].Packets++ },
		"session link":     func(a *Audit) { a.Sessions[0].Recordings[0].N = 2 },
		"dataset hash":     func(a *Audit) { a.Datasets[0].SHA256 = capture.Digest{} },
		"citation":         func(a *Audit) { a.Claims[0].Said.Dataset.N = 2 },
		"citation key":     func(a *Audit) { a.Claims[0].Said.Key = "" },
		"place":            func(a *Audit) { a.Endpoints[0].Place.Because[0].N = 2 },
		"place on nothing": func(a *Audit) { a.Endpoints[0].Place.Because = nil },
		"rejected":         func(a *Audit) { a.Endpoints[0].Place.Rejected = []Rejected{{Claim: ID{'c', 9}}} },
		"endpoint session": func(a *Audit) { a.Endpoints[0].Sessions[0].N = 0 },
		"endpoint rtt":     func(a *Audit) { a.Endpoints[0].RTT = []RTT{{}} },
		"override author":  func(a *Audit) { a.Overrides = []Override{{ID: ID{'m', 1}, Date: "2026-01-01", Reason: "r"}} },
		"override endpoint": func(a *Audit) {
			a.Overrides = []Override{{ID: ID{'m', 1}, Author: "a", Date: "2026-01-01", Reason: "r", Endpoints: []ID{{'e', 9}}}}
		},
		"flow recording":     func(a *Audit) { a.Flows[0].Recording = ID{'s', 1} },
		"flow packet":        func(a *Audit) { a.Flows[0].Packet.Record = 4 },
		"flow no packet":     func(a *Audit) { a.Flows[0].Packet.Record = 0 },
		"flow endpoint":      func(a *Audit) { a.Flows[0].Endpoint.N = 7 },
		"name":               func(a *Audit) { a.Flows[0].Names[0].Because[0] = ID{'a', 2} },
		"name on nothing":    func(a *Audit) { a.Flows[0].Names[0].Because = nil },
		"attribution":        func(a *Audit) { a.Flows[0].Attribution = &Attribution{Because: []ID{{'o', 2}}} },
		"attribution bare":   func(a *Audit) { a.Flows[0].Attribution = &Attribution{} },
		"flow rtt":           func(a *Audit) { a.Flows[0].RTT = []RTT{{Sent: capture.Ref{Recording: 1, Record: 1}}} },
		"observation unseen": func(a *Audit) { a.Observations[0].Seen = nil },
		"observation ref":    func(a *Audit) { a.Observations[0].Seen[0].Recording = 2 },
		"observation flow":   func(a *Audit) { a.Observations[0].Flow.N = 2 },
		"answer ref":         func(a *Audit) { a.Answers[0].Seen.Record = 0 },
		"answer flow":        func(a *Audit) { a.Answers[0].Flow.N = 2 },
		"finding":            func(a *Audit) { a.Findings[0].Because[0].N = 2 },
		"finding on nothing": func(a *Audit) { a.Findings[0].Because = nil },
		"anomaly":            func(a *Audit) { a.Anomalies[0].Recording.N = 2 },
		"anomaly ref":        func(a *Audit) { a.Anomalies[0].At = capture.Ref{Recording: 1, Record: 9} },
		"jurisdiction":       func(a *Audit) { a.Jurisdictions = []Jurisdiction{{Endpoints: []ID{{'e', 2}}}} },
	}
	for name, damage := range breaks {
		a := small()
		damage(a)
		if err := Check(a); err == nil {
			t.Errorf("%s: not noticed", name)
		}
		if err := Write(&bytes.Buffer{}, a); err == nil {
			t.Errorf("%s: written all the same", name)
		}
	}
}

func TestReadForeign(t *testing.T) {
	for _, in := range []string{"", "{", "[]", `{"schema":"abroad/audit/2.0.0"}`, `{"schema":"other"}`, `{"flows":[{"id":"q1"}]}`, "\xff"} {
		if _, err := Read(strings.NewReader(in)); err == nil {
			t.Errorf("%q was read", in)
		}
	}
}

func FuzzID(f *testing.F) {
	f.Add("f7")
	f.Add("x0")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && id.String() != s {
			t.Fatalf("%q became %q", s, id)
		}
	})
}

// TestVisible: nothing in a document acts on the terminal that shows it, and nothing is lost.
func TestVisible(t *testing.T) {
	const hostile = "\x7f\u0080\u009b31m\u202etxt\u2066\u200f\u061cé\x1b"
	a := small()
	a.Flows[0].App, a.Recordings[0].Name, a.Subject.App = hostile, hostile, hostile
	var b bytes.Buffer
	if err := Write(&b, a); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if acts(r) || r < ' ' && r != '\n' {
			t.Errorf("%U in the document", r)
		}
	}
	back, err := Read(&b)
	if err != nil || back.Flows[0].App != hostile || back.Recordings[0].Name != hostile || back.Subject.App != hostile {
		t.Errorf("came back as %+q, %v", back.Flows[0].App, err)
	}
}

// TestLongLists: blocks that are written by several goroutines keep their order.
func TestLongLists(t *testing.T) {
	a := small()
	for i := len(a.Observations); i < 5*blockItems+7; i++ {
		a.Observations = append(a.Observations, Observation{ID: ID{KindObservation, uint32(i + 1)}, Kind: SeenSNI, Seen: []capture.Ref{{Recording: 1, Record: 1}}})
	}
	var b bytes.Buffer
	if err := Write(&b, a); err != nil {
		t.Fatal(err)
	}
	got, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Observations) != len(a.Observations) {
		t.Errorf("%d observations came back, %d were written", len(got.Observations), len(a.Observations))
	}
}

// TestWriteFails: an error of the writer comes out, also from behind the goroutines.
func TestWriteFails(t *testing.T) {
	a := small()
	for i := len(a.Observations); i < 2*blockItems; i++ {
		a.Observations = append(a.Observations, Observation{ID: ID{KindObservation, uint32(i + 1)}, Seen: []capture.Ref{{Recording: 1, Record: 1}}})
	}
	if err := Write(full{}, a); err != errFull {
		t.Errorf("got %v", err)
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }
