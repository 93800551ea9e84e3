package promise

import (
	"fmt"
	"strings"
	"testing"

	"abroad/analyze/audit"
)

// british are ten sessions of a British account in which everything was done that a promise of the library asks for, every first-party host
// answered in a country at L3, and nothing was decrypted.
func british(f *File, residence, country string) *Evidence {
	e := &Evidence{App: f.Metadata.ID, Version: "1", AsOf: "2026-09-01"}
	f.Subject.App.Android = []string{f.Metadata.ID}
	var actions []string
	for i := range f.Clauses {
		for _, n := range f.Clauses[i].Indicators {
			actions = append(actions, n.Select.Action...)
		}
	}
	for i := range 10 {
		e.Sessions = append(e.Sessions, Session{
			ID: audit.ID{Kind: audit.KindSession, N: uint32(i + 1)}, Day: fmt.Sprintf("2026-09-%02d", i+1), App: e.App, Version: "1", Actions: actions,
			Account: audit.Account{Residence: residence, Tier: "free"},
		})
		for _, step := range append([]string{""}, actions...) {
			e.Contacts = append(e.Contacts, Contact{
				Session: i, Host: "api.tiktok.com", Domain: "tiktok.com", Step: step, Endpoint: audit.ID{Kind: audit.KindEndpoint, N: 1},
				Flow: audit.ID{Kind: audit.KindFlow, N: uint32(len(e.Contacts) + 1)}, Flows: 1, Up: 9000, Down: 9000, MaxUp: 9000, Network: "ORACLE-BMC",
				Owned: Owned{Grade: 3, Package: e.App, UID: -1}, Place: in(3, country),
			})
		}
	}
	return e
}

// TestSeed answers every claim of the article that began it. Most of them no traffic can decide, and the answer says so.
func TestSeed(t *testing.T) {
	for _, claim := range []struct {
		says, file, clause string
		residence, country string
		want               audit.Ruling
		reason             audit.Reason
		leads              int
	}{
		{"UK data is stored in Ireland", "tiktok-eu-clover", "uk-in-ireland", "GB", "IE", audit.Consistent, "", 0}, // weak: see below
		{"UK data is stored in Ireland, uploads go to Singapore", "tiktok-eu-clover", "uk-in-ireland", "GB", "SG", audit.Silent, audit.NotObservable, 1},
		{"the UK is treated as part of Europe", "tiktok-eu-clover", "uk-as-europe", "GB", "IE", audit.Silent, audit.NotObservable, 0},
		{"there is no centre in the UK", "tiktok-eu-clover", "no-uk-centre", "GB", "IE", audit.Consistent, "", 0},
		{"there is no centre in the UK, uploads end there", "tiktok-eu-clover", "no-uk-centre", "GB", "GB", audit.Silent, audit.NotObservable, 1},
		{"staff in China reach European data", "tiktok-eu-clover", "access-from-china", "GB", "CN", audit.Silent, audit.NotObservable, 0},
		{"independent audits", "tiktok-eu-clover", "independent-audits", "GB", "IE", audit.Silent, audit.NotObservable, 0},
		{"US data is managed by Oracle: until January 2026", "tiktok-us", "texas-routing", "US", "US", audit.Silent, audit.NotInForce, 0},
		{"US data is kept in Oracle's cloud in the US: since then", "tiktok-us", "jv-store", "US", "US", audit.Consistent, "", 0},
	} {
		f, c := libraryClause(t, claim.file, claim.clause)
		p := Judge(f, british(f, claim.residence, claim.country))
		v := &p.Clauses[c].Verdict
		if v.Outcome != claim.want || v.Reason != claim.reason || len(v.Leads) != claim.leads {
			t.Errorf("%s: %s(%s) with %d leads, want %s(%s) with %d", claim.says, v.Outcome, v.Reason, len(v.Leads), claim.want, claim.reason, claim.leads)
		}
		if v.Outcome == audit.Consistent && (!v.Weak || !strings.Contains(plainWords(v.Says), "This says little about storage.")) {
			t.Errorf("%s: consistent, without saying how little that is: %s", claim.says, plainWords(v.Says))
		}
	}
	f, _ := libraryClause(t, "tiktok-eu-clover", "uk-in-ireland")
	p := Judge(f, british(f, "GB", "IE"))
	ncsc := false
	for _, x := range p.External {
		ncsc = ncsc || strings.Contains(string(x.By), "National Cyber Security Centre") && x.Date == "2023-03-16"
	}
	if !ncsc {
		t.Error("the review by the National Cyber Security Centre is not among the findings of others")
	}
	on := map[string]string{}
	for _, r := range p.Ladder {
		for _, a := range r.Audits {
			on[string(a.Name)] = r.Key
		}
	}
	if on["NCC Group"] != "server-audit" || on["Huawei Cyber Security Evaluation Centre (HCSEC)"] != "source" {
		t.Errorf("the ladder has %v", on)
	}
	tension := false
	for _, r := range p.Relations {
		tension = tension || r.Type == "in_tension" && r.From == "pp-store" && r.To == "eu-default-store"
	}
	if !tension {
		t.Error("the policy and the newsroom stand beside each other without a word")
	}
}

func libraryClause(t *testing.T, id, clause string) (*File, int) {
	t.Helper()
	files, err := Load([]string{id})
	if err != nil {
		t.Fatal(err)
	}
	for i := range files[0].Clauses {
		if files[0].Clauses[i].ID == clause {
			return files[0], i
		}
	}
	t.Fatalf("%s has no clause %q", id, clause)
	return nil, 0
}

// TestLibraryNeverContradicts: drafts cannot, whatever is seen; only the practice promise is reviewed.
func TestLibraryNeverContradicts(t *testing.T) {
	for _, id := range Library() {
		files, err := Load([]string{id})
		if err != nil {
			t.Fatal(err)
		}
		f := files[0]
		reviewed, why := f.Reviewed()
		if reviewed != (id == "practice") {
			t.Errorf("%s: reviewed is %v (%s)", id, reviewed, why)
		}
		if len(f.Subject.FirstParty.Domains) == 0 {
			t.Errorf("%s: no first-party domains", id)
		}
		for _, country := range []string{"CN", "SG", "US", "IE"} {
			for i, c := range Judge(f, british(f, "GB", country)).Clauses {
				if c.Verdict.Outcome == audit.Contradicted && id != "practice" {
					t.Errorf("%s: %s is contradicted", id, f.Clauses[i].ID)
				}
			}
		}
	}
}
