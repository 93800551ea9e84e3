package reports

import (
	"io"
	"strconv"
	"strings"

	"abroad/analyze/audit"
)

// The columns are stable: new ones are added at the end.

func writeChangesCSV(w io.Writer, c *audit.Comparison, _ Screen) error {
	s := newSheet(w, "change class level item name a_seen a_of b_seen b_of p q sessions_needed says evidence missing")
	for i := range c.Changes {
		ch := &c.Changes[i]
		s.text(ch.ID)
		s.text(string(ch.Class))
		s.text(string(ch.Level))
		s.text(ch.Item)
		s.text(ch.Name)
		s.number(uint64(ch.A.Seen))
		s.number(uint64(ch.A.Of))
		s.number(uint64(ch.B.Seen))
		s.number(uint64(ch.B.Of))
		s.float(ch.P)
		s.float(ch.Q)
		s.number(uint64(ch.Needed))
		s.text(ch.Says)
		var list []string
		for _, e := range ch.Because {
			list = append(list, evidenceText([]evidenceRow{newEvidence(e)}))
		}
		s.list(list)
		s.list(ch.Missing)
		s.end()
	}
	return s.w.Flush()
}

// writePresenceCSV writes one row for every item and session that shows it.
func writePresenceCSV(w io.Writer, c *audit.Comparison, _ Screen) error {
	s := newSheet(w, "item level name domain organisation arm session session_id")
	for i := range c.Items {
		it := &c.Items[i]
		for _, arm := range [...]struct {
			key string
			p   *audit.Presence
		}{{"A", &it.A}, {"B", &it.B}} {
			for _, n := range arm.p.Sessions {
				session := &c.Sessions[n-1]
				s.text(it.ID)
				s.text(string(it.Level))
				s.text(it.Name)
				s.text(it.Domain)
				s.text(it.Organisation)
				s.text(arm.key)
				s.number(uint64(n))
				s.text(session.Audit + " " + session.Session.String())
				s.end()
			}
		}
	}
	return s.w.Flush()
}

func writeSessionsCSV(w io.Writer, c *audit.Comparison, _ Screen) error {
	s := newSheet(w, "session arm audit session_id recording day start end stratum hosts bytes_up left_out fields")
	for i := range c.Sessions {
		v := &c.Sessions[i]
		s.number(uint64(v.N))
		s.text(v.Arm)
		s.text(v.Audit)
		s.id(v.Session)
		s.text(v.Recording)
		s.text(v.Day)
		s.time(v.Start)
		s.time(v.End)
		s.text(v.Stratum)
		s.number(uint64(v.Hosts))
		s.number(v.BytesUp)
		s.text(v.LeftOut)
		var fields []string
		for _, f := range v.Fields {
			fields = append(fields, strings.TrimSpace(f.Name)+"="+f.Value)
		}
		s.list(fields)
		s.end()
	}
	return s.w.Flush()
}

func (s *sheet) float(f float64) { s.next(); s.b = strconv.AppendFloat(s.b, f, 'g', -1, 64) }
