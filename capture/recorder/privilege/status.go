package privilege

import (
	"strconv"
	"strings"
)

// Kept returns the first line of a /proc/PID/task/TID/status that shows more than an owner without privileges has, or names the line that
// is missing; "" if all is gone. The bounding set counts only for root: others cannot draw from it once no_new_privs is set.
func Kept(status string, to Owner) string {
	want := map[string]string{
		"Uid": strings.Repeat("\t"+strconv.Itoa(to.UID), 4), "Gid": strings.Repeat("\t"+strconv.Itoa(to.GID), 4),
		"CapInh": none, "CapPrm": none, "CapEff": none, "CapAmb": none, "NoNewPrivs": "\t1",
	}
	if to.UID == 0 {
		want["CapBnd"] = none
	}
	for line := range strings.Lines(status) {
		line = strings.TrimRight(line, "\n")
		key, value, _ := strings.Cut(line, ":")
		if w, ok := want[key]; ok {
			if w != value {
				return line
			}
			delete(want, key)
		}
	}
	for _, key := range []string{"Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "CapBnd"} {
		if _, missing := want[key]; missing {
			return "no line " + key
		}
	}
	return ""
}

const none = "\t0000000000000000"
