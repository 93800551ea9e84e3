package online

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
)

// Write writes answers as the table that package locate reads (dataset.Resolved).
func Write(w io.Writer, answers []Answer) error {
	rows := csv.NewWriter(w)
	if err := rows.Write(locate.Header(dataset.Resolved)); err != nil {
		return err
	}
	for i := range answers {
		a := &answers[i]
		rtt := ""
		if a.RTT > 0 {
			rtt = strconv.FormatInt(max(a.RTT.Microseconds(), 1), 10)
		}
		head := []string{a.Name, a.Type, a.Server, a.Transport, a.Subnet, a.Time.UTC().Format(time.RFC3339), rtt, a.Code}
		list := a.Records
		if len(list) == 0 {
			if err := rows.Write(append(head, "", "", "", "")); err != nil {
				return err
			}
		}
		for _, r := range list {
			if err := rows.Write(append(head[:len(head):len(head)], r.Type, r.Owner, r.Value, strconv.FormatUint(uint64(r.TTL), 10))); err != nil {
				return err
			}
		}
	}
	rows.Flush()
	return rows.Error()
}
