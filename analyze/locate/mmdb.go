package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"time"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"

	"github.com/oschwald/maxminddb-golang/v2"
)

var mmdb = &Locator{
	Name: "mmdb",
	Doc:  "Reads databases of the user in MaxMind's format: editions of MaxMind and DB-IP, and any other whose rows have a country or an AS.",
	Open: openMMDB,
}

const formatMMDB = "mmdb"

// maxRowsKept is how many different rows of a database are remembered.
const maxRowsKept = 1 << 18

// openMMDB opens the files that the user names. Every one of them is expected to work.
func openMMDB(o *options) ([]*Source, error) {
	var sources []*Source
	var broken []error
	for _, path := range o.MMDB {
		s, err := openFileNamed(path)
		if err != nil {
			broken = append(broken, fmt.Errorf("open database %q: %w", path, err))
			continue
		}
		for _, other := range sources {
			if other.SHA256 == s.SHA256 {
				broken = append(broken, fmt.Errorf("open database %q: same bytes as %q", path, other.Origin))
			}
		}
		sources = append(sources, s)
	}
	return sources, errors.Join(broken...)
}

// openFileNamed opens a database that no index describes: what it is must be read from the file, or guessed from its name.
func openFileNamed(path string) (*Source, error) {
	file, digest, err := dataset.ReadFile(path)
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(file)
	if err != nil {
		return nil, err
	}
	s := &Source{Dataset: db.describe(filepath.Base(path)), Answer: db.answer, Note: db.note}
	s.Bytes, s.SHA256 = int64(len(file)), digest
	return s, nil
}

// Describe tells what is known of a database that no index describes: it opens the file, and reads its metadata and its name.
func Describe(name string, file []byte) (dataset.Dataset, error) {
	db, err := openDatabase(file)
	if err != nil {
		return dataset.Dataset{}, err
	}
	return db.describe(name), nil
}

// describe makes an entry of an index out of the metadata and the name of the file.
func (db *database) describe(base string) (d dataset.Dataset) {
	who := identify(db.meta(), base)
	db.registry = who.registry
	// The origin is not the path: an audit must not depend on where a file lies.
	d.File, d.Kind, d.Format, d.Origin = base, dataset.Databases, formatMMDB, base
	d.Name, d.Title, d.Publisher, d.Licence = tidy(strings.TrimSuffix(base, filepath.Ext(base))), tidy(who.title), who.publisher, "as supplied by the user"
	d.AsOf = built(db.meta())
	return d
}

// built returns the day on which the database says it was made.
func built(m *maxminddb.Metadata) string {
	const earliest, latest = 946684800, 7258118400 // years 2000 to 2199: anything else is not a date
	if m.BuildEpoch < earliest || m.BuildEpoch > latest {
		return ""
	}
	return time.Unix(int64(m.BuildEpoch), 0).UTC().Format(time.DateOnly)
}

// A database is an opened file in MaxMind's format.
type database struct {
	tree     *maxminddb.Reader
	decode   func(maxminddb.Result, netip.Addr) (facts, error)
	registry bool // its country is where an address is registered
	v4, v6   bool // it has addresses of this family

	kept   map[uintptr]facts // by place in the file
	broken int               // addresses whose row could not be read
	first  error
}

// facts is what a row says, whatever its form.
type facts struct {
	country, registered, represented string
	region, city                     string
	as                               uint32
	organisation                     string
	anycast                          bool
}

func (f *facts) empty() bool { return *f == facts{} }

// openDatabase opens a file of any schema. It looks at some rows before it says yes: a database that says nothing that is understood must
// not pass for one that knows nothing.
func openDatabase(file []byte) (*database, error) {
	tree, err := maxminddb.OpenBytes(file, maxminddb.DisableStringCache())
	if err != nil {
		return nil, err
	}
	db := &database{tree: tree, kept: map[uintptr]facts{}}
	sample := db.sample()
	if len(sample) == 0 {
		return nil, errors.New("has no rows")
	}
	for _, decode := range []func(maxminddb.Result, netip.Addr) (facts, error){edition(file), readAny} {
		if decode != nil && understands(decode, sample) {
			db.decode = decode
			return db, nil
		}
	}
	return nil, fmt.Errorf("no row has a country or an AS that is understood (type %q)", tidy(tree.Metadata.DatabaseType))
}

func (db *database) meta() *maxminddb.Metadata { return &db.tree.Metadata }

// Limits of the look at a database.
const (
	maxLeaves = 20_000
	maxSample = 200
)

// sample returns rows from both families, and notes which family the database has. A file can hold IPv6 addresses only, and then has no
// answer for any IPv4 address, without an error.
func (db *database) sample() []maxminddb.Result {
	var sample []maxminddb.Result
	walk := func(within netip.Prefix, has *bool) {
		leaves, found := 0, 0
		// Every leaf is asked for, so that a tree made to branch without end cannot hide its size.
		for r := range db.tree.NetworksWithin(within, maxminddb.IncludeAliasedNetworks(), maxminddb.IncludeNetworksWithoutData()) {
			if leaves++; leaves > maxLeaves || found >= maxSample || r.Err() != nil {
				return
			}
			prefix := r.Prefix()
			if !r.Found() || sixToFour.Overlaps(prefix) || teredo.Overlaps(prefix) { // these lead back to IPv4
				continue
			}
			*has = true
			found++
			sample = append(sample, r)
		}
	}
	walk(netip.MustParsePrefix("0.0.0.0/0"), &db.v4)
	if db.tree.Metadata.IPVersion == 6 {
		walk(netip.MustParsePrefix("2000::/3"), &db.v6)
	}
	return sample
}

// understands reports whether decode finds anything in the sample.
func understands(decode func(maxminddb.Result, netip.Addr) (facts, error), sample []maxminddb.Result) bool {
	for _, r := range sample {
		if f, err := decode(r, r.Prefix().Addr()); err == nil && !f.empty() {
			return true
		}
	}
	return false
}

// row returns what the database says of a, and the prefix it says it of.
func (db *database) row(a netip.Addr) (facts, netip.Prefix, bool) {
	result := db.tree.Lookup(a)
	if err := result.Err(); err != nil {
		db.fail(err)
		return facts{}, netip.Prefix{}, false
	}
	if !result.Found() {
		return facts{}, netip.Prefix{}, false
	}
	f, known := db.kept[result.Offset()]
	if !known {
		var err error
		if f, err = db.decode(result, a); err != nil {
			db.fail(fmt.Errorf("%s: %w", result.Prefix(), err))
		}
		if len(db.kept) < maxRowsKept {
			db.kept[result.Offset()] = f
		}
	}
	return f, result.Prefix(), !f.empty()
}

func (db *database) fail(err error) {
	if db.broken++; db.first == nil {
		db.first = err
	}
}

// answer makes one claim of each thing that a row says. Registered and represented countries are not where an address is.
func (db *database) answer(s *sheet) {
	f, prefix, ok := db.row(s.asked)
	if !ok {
		return
	}
	key := prefix.String()
	if f.country != "" {
		kind, detail := audit.ClaimDatabase, ""
		if db.registry {
			kind, detail = audit.ClaimRegistration, "registry data"
		}
		s.say(key, audit.Claim{Kind: kind, Country: f.country, Region: f.region, City: f.city, Detail: detail})
	}
	if f.registered != "" {
		s.say(key, audit.Claim{Kind: audit.ClaimRegistration, Country: f.registered, Detail: "registered country"})
	}
	if f.represented != "" {
		s.say(key, audit.Claim{Kind: audit.ClaimRegistration, Country: f.represented, Detail: "represented country"})
	}
	if f.as != 0 {
		s.say(key, audit.Claim{Kind: audit.ClaimNetwork, AS: f.as, Organisation: f.organisation})
	}
	if f.anycast {
		s.say(key, audit.Claim{Kind: audit.ClaimEdge, Role: audit.RoleEdge, Detail: "anycast"})
	}
}

// note says what limits the database.
func (db *database) note() string {
	var parts []string
	switch {
	case !db.v6:
		parts = append(parts, "has IPv4 addresses only")
	case !db.v4:
		parts = append(parts, "has IPv6 addresses only")
	}
	if db.broken > 0 {
		addresses := "addresses"
		if db.broken == 1 {
			addresses = "address"
		}
		parts = append(parts, fmt.Sprintf("could not be read for %d %s (first: %v)", db.broken, addresses, db.first))
	}
	return strings.Join(parts, "; ")
}
