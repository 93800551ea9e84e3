package web

import (
	"bufio"
	"context"
	"io/fs"
	"os"
	"slices"
	"time"

	"abroad/analyze/audit"
)

// keptAudits is how many whole audits stay in memory.
const keptAudits = 2

// A loaded is a whole audit, and the file that it was read from.
type loaded struct {
	path    string
	size    int64
	changed time.Time
	audit   *audit.Audit
}

// open returns a whole audit; the last ones stay in memory.
func (l *library) open(n int) (*audit.Audit, error) {
	path := l.path(n)
	if path == "" {
		return nil, fs.ErrNotExist
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	l.reading.Lock()
	defer l.reading.Unlock()
	for i, have := range l.whole {
		if have.path == path && have.size == info.Size() && have.changed.Equal(info.ModTime()) {
			l.whole = append(append(l.whole[:i:i], l.whole[i+1:]...), have)
			return have.audit, nil
		}
	}
	if len(l.whole) == keptAudits {
		l.whole = slices.Delete(l.whole, 0, 1)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	a, err := audit.Read(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, err
	}
	l.whole = append(l.whole, &loaded{path, info.Size(), info.ModTime(), a})
	return a, nil
}

// warm looks at the folder and reads its largest audit, so that the first page that is asked for need not wait for it.
func (l *library) warm(ctx context.Context) {
	list, _, err := l.documents(ctx)
	if err != nil {
		return
	}
	var largest *document
	for _, d := range list {
		if !d.Comparison && d.Run == nil && d.Broken == "" && (largest == nil || d.size > largest.size) {
			largest = d
		}
	}
	if largest != nil {
		l.open(largest.N)
	}
}
