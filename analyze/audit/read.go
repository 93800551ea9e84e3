package audit

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrSchema says that a file is not an audit, or one of a model that this program cannot read.
var ErrSchema = errors.New("not an abroad audit of this model")

// Read reads what Write wrote and checks it. Members that it does not know are passed over. An error names the byte, the member and the
// element at which the document is wrong; see MaxDocument and the other limits.
func Read(r io.Reader) (*Audit, error) {
	a, err := readMembers(r, nil)
	if err != nil {
		return nil, err
	}
	if err := Check(a); err != nil {
		return nil, fmt.Errorf("check audit: %w", err)
	}
	return a, nil
}

// ReadHead reads the named members of an audit only ("subject", "endpoints" …) and whether it is practice, and the document no further than
// they go, at most to its claims. Nothing but the form is checked: it is for finding an audit, not for believing it.
func ReadHead(r io.Reader, members ...string) (*Audit, error) {
	want := map[string]bool{"schema": true}
	for _, name := range members {
		want[name] = true
	}
	return readMembers(r, want)
}

func readMembers(r io.Reader, want map[string]bool) (*Audit, error) {
	a := &Audit{}
	d := newDocument(r)
	delete(want, "practice") // few have it: it is read if it stands there, and not waited for
	left := len(want)
	err := d.members(func(name string) (taken, enough bool, err error) {
		if want != nil && name != "practice" {
			if name == "claims" || !want[name] {
				return false, name == "claims", nil
			}
			left--
		}
		read := a.reader(d, name)
		if read == nil {
			return false, false, nil
		}
		if err = read(); err == nil && name == "schema" {
			err = checkSchema(a.Schema)
		}
		return true, want != nil && left == 0, err
	})
	if err == nil {
		err = checkSchema(a.Schema)
	}
	switch {
	case err == nil:
		return a, nil
	case isForm(err):
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	case errors.Is(err, ErrSchema):
		return nil, err
	}
	return nil, fmt.Errorf("read audit: %w", err)
}

func checkSchema(schema string) error {
	if model, _, _ := strings.Cut(Schema, "."); !strings.HasPrefix(schema, model+".") {
		return fmt.Errorf("%w: schema is %.100q, this program reads %q", ErrSchema, schema, Schema)
	}
	return nil
}

// reader returns what reads a member; nil if there is no such member. Elements of the long lists are checked at once as far as that goes, so
// that a list of empty elements does not fill the memory.
func (a *Audit) reader(d *document, name string) func() error {
	of := func(into any) func() error { return func() error { return d.value(into) } }
	switch name {
	case "schema":
		return of(&a.Schema)
	case "tool":
		return of(&a.Tool)
	case "subject":
		return of(&a.Subject)
	case "options":
		return of(&a.Options)
	case "practice":
		return of(&a.Practice)
	case "coverage":
		return of(&a.Coverage)
	case "public":
		return listed(d, &a.Public, MaxListed, nil)
	case "recordings":
		return listed(d, &a.Recordings, MaxListed, func(i int, v *Recording) error { return ordinal(KindRecording, i, v.ID) })
	case "sessions":
		return listed(d, &a.Sessions, MaxListed, func(i int, v *Session) error { return ordinal(KindSession, i, v.ID) })
	case "datasets":
		return listed(d, &a.Datasets, MaxListed, func(i int, v *Dataset) error { return ordinal(KindDataset, i, v.ID) })
	case "jurisdictions":
		return listed(d, &a.Jurisdictions, MaxListed, nil)
	case "endpoints":
		return listed(d, &a.Endpoints, MaxListed, func(i int, v *Endpoint) error { return ordinal(KindEndpoint, i, v.ID) })
	case "hosts":
		return listed(d, &a.Hosts, MaxListed, func(i int, v *Host) error { return ordinal(KindHost, i, v.ID) })
	case "organisations":
		return listed(d, &a.Organisations, MaxListed, func(i int, v *Organisation) error { return ordinal(KindOrganisation, i, v.ID) })
	case "laws":
		return listed(d, &a.Laws, MaxListed, func(i int, v *Law) error { return ordinal(KindLaw, i, v.ID) })
	case "promises":
		return listed(d, &a.Promises, MaxListed, func(i int, v *Promise) error { return ordinal(KindPromise, i, v.ID) })
	case "overrides":
		return listed(d, &a.Overrides, MaxListed, func(i int, v *Override) error { return ordinal(KindOverride, i, v.ID) })
	case "findings":
		return listed(d, &a.Findings, MaxListed, func(i int, v *Finding) error { return ordinal(KindFinding, i, v.ID) })
	case "notes":
		return listed(d, &a.Notes, MaxListed, nil)
	}
	return a.longReader(d, name)
}

// longReader is reader for the lists that grow with the traffic.
func (a *Audit) longReader(d *document, name string) func() error {
	const none = 1 << 62
	seen := func(kind Kind, i int, id ID, is bool) error {
		if err := ordinal(kind, i, id); err != nil || is {
			return err
		}
		return fmt.Errorf("%s: stands on nothing", id)
	}
	switch name {
	case "claims":
		return listed(d, &a.Claims, none, func(i int, v *Claim) error {
			return seen(KindClaim, i, v.ID, v.Said.Key != "")
		})
	case "flows":
		return listed(d, &a.Flows, none, func(i int, v **Flow) error {
			if *v == nil {
				*v = &Flow{}
			}
			return seen(KindFlow, i, (*v).ID, (*v).Packet.Record != 0)
		})
	case "observations":
		return listed(d, &a.Observations, none, func(i int, v *Observation) error {
			return seen(KindObservation, i, v.ID, len(v.Seen) > 0)
		})
	case "answers":
		return listed(d, &a.Answers, none, func(i int, v *Answer) error {
			return seen(KindAnswer, i, v.ID, v.Seen.Record != 0)
		})
	case "anomalies":
		return listed(d, &a.Anomalies, none, func(i int, v *Anomaly) error { return ordinal(KindAnomaly, i, v.ID) })
	case "overflow":
		return listed(d, &a.Overflow, none, func(i int, v *Overflow) error {
			if v.Recording.Kind != KindRecording {
				return fmt.Errorf("overflow %d: of no recording", i+1)
			}
			return nil
		})
	}
	return nil
}

func listed[T any](d *document, into *[]T, most int, check func(i int, v *T) error) func() error {
	return func() error { return elements(d, into, most, check) }
}
