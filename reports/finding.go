package reports

import (
	"abroad/analyze/audit"
)

// A finding is a conclusion of the audit, as it says it.
type finding struct {
	ID      audit.ID
	Rule    foreign
	Outcome foreign
	Says    foreign
	Flows   uint64
	Because []audit.ID // the first ones
	More    int
	Proof   []proof // the first one
	Missing []foreign
}

func findings(x index, b bounds) (rows []finding, more int) {
	const because = 5
	for i := range x.a.Findings {
		if len(rows) == b.findings {
			return rows, len(x.a.Findings) - i
		}
		f := &x.a.Findings[i]
		row := finding{
			ID: f.ID, Rule: clip(f.Rule, 60), Outcome: clip(orElse(string(f.Outcome), "unknown"), 40), Says: clip(f.Says, 600), Flows: uint64(f.Flows),
			Because: f.Because, Missing: clipAll(f.Missing, b.limits, 200),
		}
		if n := len(f.Because) - because; n > 0 {
			row.Because, row.More = f.Because[:because], n
		}
		for _, id := range f.Because {
			if f := x.flow(id); f != nil {
				row.Proof = append(row.Proof, x.proof(id, f.Packet))
				break
			}
			if seen := x.seen(id); len(seen) > 0 {
				row.Proof = append(row.Proof, x.proof(id, seen[0]))
				break
			}
		}
		rows = append(rows, row)
	}
	return rows, 0
}

// An anomaly is a place where a recording or a packet in it is not what its format says.
type anomaly struct {
	ID        audit.ID
	Recording audit.ID
	Stage     foreign
	Code      foreign
	Detail    foreign
	Count     uint64
	Where     string
	Command   foreign
}

func anomalies(x index, b bounds) (rows []anomaly, more sum) {
	for i := range x.a.Anomalies {
		v := &x.a.Anomalies[i]
		if len(rows) == b.anomalies {
			more.add(v.Count, 0, 0)
			continue
		}
		row := anomaly{ID: v.ID, Recording: v.Recording, Stage: clip(v.Stage, 40), Code: clip(string(v.Code), 40), Detail: clip(v.Detail, 300), Count: uint64(v.Count)}
		switch {
		case !v.At.IsZero():
			row.Where, row.Command = v.At.String(), x.command(v.At)
		case v.Offset >= 0:
			row.Where = "byte " + count(uint64(v.Offset)) + " of the file"
		}
		rows = append(rows, row)
	}
	return rows, more
}

// undecoded counts packets that could not become part of a flow.
type undecoded struct {
	Recording audit.ID
	Code      foreign
	Detail    foreign
	Packets   uint64
	Where     string
	Command   foreign
}

func undecodedKinds(x index, b bounds) (rows []undecoded, more sum) {
	for i := range x.a.Recordings {
		r := &x.a.Recordings[i]
		for _, u := range r.Undecoded {
			if len(rows) == b.undecoded {
				more.add(u.Packets, 0, 0)
				continue
			}
			rows = append(rows, undecoded{r.ID, clip(string(u.Code), 40), clip(u.Detail, 120), uint64(u.Packets), u.Example.String(), x.command(u.Example)})
		}
	}
	return rows, more
}

// A dataset is a source of claims, with the line its licence asks for.
type dataset struct {
	ID        audit.ID
	Name      foreign
	Title     foreign
	Publisher foreign
	Licence   foreign
	Credit    foreign
	AsOf      foreign
	SHA256    string
	Embedded  bool
	Practice  bool
	Warning   foreign
}

func datasets(a *audit.Audit) []dataset {
	rows := make([]dataset, 0, len(a.Datasets))
	for i := range a.Datasets {
		d := &a.Datasets[i]
		rows = append(rows, dataset{
			ID: d.ID, Name: clip(d.Name, 80), Title: clip(orElse(d.Title, d.Name), 120), Publisher: clip(d.Publisher, 80), Licence: clip(d.Licence, 80),
			Credit: clip(d.Credit, 400), AsOf: clip(d.AsOf, 40), SHA256: d.SHA256.String(), Embedded: d.Embedded, Practice: d.Practice, Warning: clip(d.Warning, 200),
		})
	}
	return rows
}

func clipAll(list []string, most, limit int) []foreign {
	rows := make([]foreign, 0, min(len(list), most))
	for i, s := range list {
		if i == most {
			return append(rows, foreign("and "+count(uint64(len(list)-most))+" more"))
		}
		rows = append(rows, clip(s, limit))
	}
	return rows
}
