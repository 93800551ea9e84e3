package online

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"abroad/analyze/dataset"
	"abroad/analyze/locate"
	"abroad/analyze/provider"
)

// atOnce is how many publishers are asked at the same time.
const atOnce = 4

// mostPage is the size of the largest page on which a link is looked for, in bytes.
const mostPage = 4 << 20

// An Updater fetches datasets into a directory.
type Updater struct {
	Directory string
	Now       time.Time // decides which month's files are asked for, and is the date of a file that says none
	Shrunk    bool      // also take a file that is much smaller than the one before
	client    *client
}

// NewUpdater returns an Updater; agent is how it introduces itself. transport is nil but in tests.
func NewUpdater(directory, agent string, now time.Time, transport http.RoundTripper) *Updater {
	return &Updater{Directory: directory, Now: now, client: newClient(agent, transport)}
}

// Read returns how many bytes have come so far.
func (u *Updater) Read() int64 { return u.client.read.Load() }

// A Result is what became of one publisher.
type Result struct {
	Dataset string
	Set     dataset.Dataset // as it is now; the zero Dataset if there is none
	Same    bool            // the one at hand is the newest
	Notes   []string        // what was left out of the file
	Err     error           // why nothing was changed
}

// Update asks the publishers, a few at once, and returns the results in their order. What fails leaves what is there.
func (u *Updater) Update(ctx context.Context, publishers []Publisher) []Result {
	results := make([]Result, len(publishers))
	var wait sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range publishers {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			results[i] = u.one(ctx, &publishers[i])
		})
	}
	wait.Wait()
	return results
}

// one asks one publisher.
func (u *Updater) one(ctx context.Context, p *Publisher) Result {
	r := Result{Dataset: p.Dataset}
	had, err := u.had(p.Dataset)
	if err != nil {
		r.Err = err
		return r
	}
	r.Set = had
	table, v, err := u.get(ctx, p, &had)
	switch {
	case err != nil:
		r.Err = err
		return r
	case table == nil:
		r.Same = true
		return r
	}
	set := table.Set
	set.ETag, set.Modified = v.etag, v.modified
	if err := u.fits(&set, &had, len(table.File)); err != nil {
		r.Err = err
		return r
	}
	put, err := dataset.Put(u.Directory, set, table.File)
	if err != nil {
		r.Err = err
		return r
	}
	r.Set, r.Same, r.Notes = put, put.SHA256 == had.SHA256, table.Notes
	return r
}

// had returns the dataset of this name that the directory has, if its file is whole; an empty one otherwise.
func (u *Updater) had(name string) (dataset.Dataset, error) {
	d, err := dataset.Open(u.Directory)
	if errors.Is(err, fs.ErrNotExist) {
		return dataset.Dataset{}, nil
	}
	if err != nil {
		return dataset.Dataset{}, err
	}
	defer d.Close()
	i := slices.IndexFunc(d.Index, func(o dataset.Dataset) bool { return o.Name == name })
	if i < 0 {
		return dataset.Dataset{}, nil
	}
	had := d.Index[i]
	if _, err := d.Bytes(&had); err != nil {
		had.ETag, had.Modified = "", "" // damaged: not modified would leave it so
	}
	return had, nil
}

// get fetches and reads the newest file; a nil table means that had is it.
func (u *Updater) get(ctx context.Context, p *Publisher, had *dataset.Dataset) (*provider.Table, version, error) {
	list := p.addresses(u.Now)
	for i, address := range list {
		table, v, err := u.try(ctx, p, address, had)
		if errors.Is(err, errMissing) && i+1 < len(list) {
			continue
		}
		if err != nil {
			return nil, v, fmt.Errorf("fetch %s: %w", address, err)
		}
		return table, v, nil
	}
	return nil, version{}, errMissing
}

func (u *Updater) try(ctx context.Context, p *Publisher, address string, had *dataset.Dataset) (*provider.Table, version, error) {
	if p.Link != "" {
		page, err := u.client.fetch(ctx, address, "", "", mostPage)
		if err != nil {
			return nil, version{}, err
		}
		if address, err = link(page.file, p.Link); err != nil {
			return nil, version{}, err
		}
	}
	etag, modified := had.ETag, had.Modified
	if had.Origin != address { // the names of versions are those of one address
		etag, modified = "", ""
	}
	v, err := u.client.fetch(ctx, address, etag, modified, p.Most)
	if err != nil || v.file == nil {
		return nil, v, err
	}
	table, err := p.read(address, v)
	if err != nil {
		return nil, v, err
	}
	if table.Set.AsOf == "" {
		table.Set.AsOf = u.Now.UTC().Format(time.DateOnly)
		table.Notes = append(table.Notes, "neither file nor server gives a date: taken as of the day it was fetched")
	}
	return table, v, nil
}

// link finds the newest of the links on a page that begin and end as the pattern does.
func link(page []byte, pattern string) (string, error) {
	begin, end, _ := strings.Cut(pattern, "*")
	form := regexp.MustCompile(regexp.QuoteMeta(begin) + `[A-Za-z0-9_./-]{1,200}` + regexp.QuoteMeta(end))
	found := form.FindAllString(string(page), -1)
	if len(found) == 0 {
		return "", fmt.Errorf("no link like %s is on the page", pattern)
	}
	return slices.MaxFunc(found, func(a, b string) int { return strings.Compare(path.Base(a), path.Base(b)) }), nil
}

// read checks that the file is what it should be, and fills in what it does not say.
func (p *Publisher) read(address string, v version) (*provider.Table, error) {
	file := v.file
	if p.Gzip {
		var err error
		if file, err = unpack(file, p.Most); err != nil {
			return nil, err
		}
	}
	if isPage(file) {
		return nil, errors.New("the server answers with a web page")
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	table, err := provider.Read(p.Format, path.Base(parsed.Path), file)
	if err != nil {
		return nil, err
	}
	set := &table.Set
	set.Name, set.Origin = p.Dataset, address
	for _, f := range []struct {
		said string
		into *string
	}{{p.Publisher, &set.Publisher}, {p.Title, &set.Title}, {p.Licence, &set.Licence}, {p.Credit, &set.Credit}} {
		if f.said != "" {
			*f.into = f.said
		}
	}
	if set.AsOf == "" {
		set.AsOf = v.day
	}
	return table, locate.Check(set, table.File)
}

// fits refuses a file that is half as large as the one before, or older: a publisher's accident must not cost coverage.
func (u *Updater) fits(set, had *dataset.Dataset, size int) error {
	if had.Bytes == 0 || u.Shrunk {
		return nil
	}
	if int64(size) < had.Bytes/2 {
		return fmt.Errorf("has %d bytes where the one before has %d: not taken without --force", size, had.Bytes)
	}
	if set.AsOf < had.AsOf {
		return fmt.Errorf("is of %s, the one before of %s: not taken without --force", set.AsOf, had.AsOf)
	}
	return nil
}
