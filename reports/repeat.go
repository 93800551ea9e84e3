package reports

import (
	"math"
	"strconv"
	"strings"

	"abroad/analyze/audit"
)

func rootN(v float64, n int) float64 { return math.Pow(v, 1/float64(n)) }

// A step is one thing to do to get the same result, with its command.
type step struct {
	Says    foreign
	Command foreign
}

// repeat writes the commands that make this audit again. A file name that cannot be typed is written RECORDING.
func repeat(a *audit.Audit) []step {
	const files = 20
	var args []string
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, shellWord(value))
		}
	}
	own := true // every dataset comes with the program
	for i := range a.Datasets {
		own = own && (a.Datasets[i].Embedded || a.Datasets[i].Practice)
	}
	if own {
		args = append(args, "--data none")
	} else {
		args = append(args, "--data DIR")
	}
	add("--app", a.Subject.App)
	add("--app-version", a.Subject.Version)
	if v := a.Options.Vantage; v != nil {
		if v.Country != "" {
			add("--vantage", v.Country)
		} else {
			args = append(args, "--vantage="+degrees(v.Lat)+","+degrees(v.Lon)+","+degrees(v.Radius))
		}
	}
	if a.Subject.UID != 0 {
		args = append(args, "--app-uid", strconv.Itoa(int(a.Subject.UID)))
	}
	for i, domain := range a.Options.FirstParty {
		if i == files {
			break
		}
		add("--first-party", domain)
	}
	for i := range a.Promises {
		add("--promise", a.Promises[i].File)
	}
	add("--device", a.Options.Device)
	if a.Options.VPN {
		args = append(args, "--vpn")
	}
	for i := range a.Recordings {
		if i == files {
			args = append(args, "…")
			break
		}
		args = append(args, shellWord(a.Recordings[i].Name))
	}
	steps := []step{
		{"Check that you have the same recordings: the SHA-256 of each is listed under Recordings.", "sha256sum *"},
		{"Make the audit again, with " + clip(orElse(strings.TrimSpace(a.Tool.Name+" "+a.Tool.Version), "the same version of this program"), 80) + ".", foreign("abroad audit -o again " + strings.Join(args, " "))},
		{"Compare: the two documents are the same bytes.", "cmp audit.json again/audit.json"},
		{"Walk from any id on this page to its packets.", "abroad explain audit.json e1"},
	}
	if !own {
		steps[1].Says += " DIR is a folder with the datasets that are listed here, by SHA-256."
	}
	return steps
}

// replyWords is the section for the answer of whoever is named.
var replyWords = []string{
	"Those named here may know better: a destination may be someone else's, a database wrong, an exception in force. Ask before publishing.",
	"abroad report --format letter drafts the questions. Put the date they were sent and the answer, word for word, beside this report.",
	"No answer is recorded in this document.",
}
