package analyze

import (
	"testing"

	"abroad/analyze/audit"
	"abroad/analyze/flow"
)

func TestOneOfEach(t *testing.T) {
	b := &builder{audit: &audit.Audit{
		Coverage:   audit.Coverage{Total: audit.Share{Flows: 2}, Attributed: audit.Share{Flows: 1}},
		Recordings: []audit.Recording{{Lost: 1}},
		Endpoints:  []audit.Endpoint{{Place: audit.Place{Grade: audit.L1, Country: "IE"}}},
		Hosts:      []audit.Host{{}},
	}, recs: []*recording{{flows: []*flow.Flow{{}}}}}
	for what, says := range map[string]string{
		deviceLevel(b).Says: "1 flow of 2 is not mapped to an app by the operating system.",
		losses(b).Says:      "The recorder lost 1 packet: a destination that is not listed may have been missed.",
		noName(b).Says:      "1 flow to outside addresses has no name: the recording shows the address only.",
		oneDatabase(b).Says: "1 endpoint is placed by one database alone. Such a database is wrong for several percent of addresses: treat this country as a claim.",
		ownersKnown(b).Says: "Of 1 host, 0 have an owner that was read at a source. From memory: 0; on contestable rows: 0; without a row: 1. Nothing is concluded from these three.",
	} {
		if what != says {
			t.Errorf("got %q\nwant %q", what, says)
		}
	}
}
