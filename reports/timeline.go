package reports

import (
	"strconv"
	"strings"

	"abroad/analyze/audit"
	"abroad/capture"
)

// The drawing's measures.
const (
	timelineWidth = 1000
	timelineBars  = 250
	timelineTall  = 40
)

// A timeline is one session: when how many bytes went up, and what the operator noted.
type timeline struct {
	ID       audit.ID
	Label    foreign
	Length   string
	Bars     string // SVG path
	Markers  []marker
	More     int // markers
	Title    string
	Flows    uint64
	Up       uint64
	Failed   foreign
	Recorded bool // any packet carries a time
}

// A marker is what the operator noted while recording.
type marker struct {
	N      int
	X      string
	At     string // since the session began
	Text   foreign
	Action foreign
}

// sessionsOf maps recordings to the session that they belong to.
func sessionsOf(a *audit.Audit) map[audit.ID]int {
	of := map[audit.ID]int{}
	for i := range a.Sessions {
		for _, r := range a.Sessions[i].Recordings {
			of[r] = i
		}
	}
	return of
}

func newTimelines(a *audit.Audit, b bounds) (lines []timeline, more int) {
	const shown = 12
	n := min(len(a.Sessions), shown)
	bars := make([][timelineBars]uint64, n)
	lines = make([]timeline, n)
	first, last := make([]capture.Time, n), make([]capture.Time, n)
	of := sessionsOf(a)
	for i := range n {
		s := &a.Sessions[i]
		first[i], last[i] = s.Start, s.End
		lines[i] = timeline{ID: s.ID, Label: sessionLabel(s), Failed: clip(s.Failed, 200)}
	}
	for _, f := range a.Flows {
		i, ok := of[f.Recording]
		if !ok || i >= n {
			continue
		}
		lines[i].Flows++
		lines[i].Up += f.BytesUp
		if span := last[i] - first[i]; f.First != capture.NoTime && first[i] != capture.NoTime && span > 0 && f.First >= first[i] && f.First <= last[i] {
			at := float64(f.First-first[i]) / float64(span)
			bars[i][min(timelineBars-1, int(at*timelineBars))] += f.BytesUp
		}
	}
	for i := range lines {
		l, s := &lines[i], &a.Sessions[i]
		span := last[i] - first[i]
		if first[i] == capture.NoTime || last[i] == capture.NoTime || span <= 0 {
			continue
		}
		l.Recorded, l.Length, l.Bars = true, seconds(span), barPath(bars[i][:])
		l.Title = plural(l.Flows, "flow") + ", " + size(l.Up) + " up in " + l.Length
		for k, m := range s.Markers {
			if k == b.limits {
				l.More = len(s.Markers) - k
				break
			}
			at := min(max(m.At-first[i], 0), span)
			l.Markers = append(l.Markers, marker{k + 1, tenth(float64(at) / float64(span) * timelineWidth), seconds(at), clip(m.Text, 120), clip(m.Action, 60)})
		}
	}
	return lines, len(a.Sessions) - n
}

// barPath draws a bar for every bin that is not empty; the area of a bar grows slower than its bytes, so that small ones are seen.
func barPath(bins []uint64) string {
	var most uint64
	for _, v := range bins {
		most = max(most, v)
	}
	var b strings.Builder
	for i, v := range bins {
		if v == 0 {
			continue
		}
		b.WriteString("M" + strconv.Itoa(i*timelineWidth/timelineBars+2) + " " + strconv.Itoa(timelineTall) + "v-" + tenth(2+float64(timelineTall-4)*root(float64(v)/float64(most))))
	}
	return b.String()
}

// seconds writes a span as "9 min 40 s".
func seconds(t capture.Time) string {
	s := int64(t) / 1_000_000_000
	switch {
	case s >= 3600:
		return strconv.FormatInt(s/3600, 10) + " h " + strconv.FormatInt(s/60%60, 10) + " min"
	case s >= 60:
		return strconv.FormatInt(s/60, 10) + " min " + strconv.FormatInt(s%60, 10) + " s"
	}
	return strconv.FormatInt(s, 10) + " s"
}

// sessionLabel is "s1, 2026-11-03, version 2.0, test".
func sessionLabel(s *audit.Session) foreign {
	parts := []string{s.ID.String()}
	for _, p := range []string{s.Day, s.Version, string(s.Role)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return clip(strings.Join(parts, ", "), 120)
}
