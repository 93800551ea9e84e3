package locate

import (
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"abroad/analyze/audit"
	"abroad/analyze/dataset"
)

var names = &Locator{
	Name: "names",
	Doc:  "Reads places in names of hosts, under the suffixes of operators who write them there.",
	Open: openNames,
}

//go:embed embedded/names.csv
var namesFile []byte

//go:embed embedded/words.csv
var wordsFile []byte

// namesAsOf is the day of the last change to either file.
const namesAsOf = "2026-11-24"

func openNames(*options) ([]*Source, error) {
	rules, err := readNames(namesFile, wordsFile)
	if err != nil {
		return nil, fmt.Errorf("open embedded names: %w", err)
	}
	s := &Source{Answer: rules.answer, Names: true, By: "tokens"}
	s.File, s.Kind = "names.csv", dataset.Tokens
	s.Name, s.Title, s.Publisher, s.Licence = "abroad-names", "abroad's list of place names", "abroad", "Apache-2.0"
	s.AsOf, s.Origin, s.Embedded = namesAsOf, "operators' documents, named in each row", true
	s.SHA256 = sha256.Sum256(slices.Concat(namesFile, wordsFile))
	return []*Source{s}, nil
}

// unread stands in place of a source for what was not read in an operator's document.
const unread = "unverified"

// byUnread marks the claims of rows that are unread: they do not lift a place to L3 (grade.go).
const byUnread = "tokens, unverified"

// A word is what an operator calls a place.
type word struct {
	country, city string
	read          bool
}

// A nameRule is how an operator writes words into the label before a suffix.
type nameRule struct {
	operator string
	form     string
	words    map[string]word
	read     bool
}

// nameRules are by suffix.
type nameRules map[string][]nameRule

var (
	namesHeader = []string{"suffix", "operator", "form", "vocabulary", "source", "read"}
	wordsHeader = []string{"vocabulary", "token", "country", "city", "source"}
)

// nameForms find words in a label.
var nameForms = map[string]func(label string, words map[string]word) (token string){
	"label": func(label string, words map[string]word) string { return has(words, label) },
	"end": func(label string, words map[string]word) string {
		for {
			_, rest, more := strings.Cut(label, "-")
			if !more {
				return ""
			}
			if token := has(words, rest); token != "" {
				return token
			}
			label = rest
		}
	},
	"pop": func(label string, words map[string]word) string {
		n := strings.IndexAny(label, "0123456789")
		return has(words, label[:max(n, 0)])
	},
	"part": func(label string, words map[string]word) string {
		for part := range strings.SplitSeq(label, "-") {
			if token := strings.TrimRight(part, "0123456789"); token != part && has(words, token) != "" {
				return token
			}
		}
		return ""
	},
}

func has(words map[string]word, token string) string {
	if _, ok := words[token]; ok {
		return token
	}
	return ""
}

// readNames reads the two tables: rules and vocabularies.
func readNames(names, words []byte) (nameRules, error) {
	vocabularies := map[string]map[string]word{}
	err := readRows(words, wordsHeader, func(_ int, f []string) error {
		country, err := parseCountry(f[2])
		if err != nil {
			return err
		}
		if f[0] == "" || f[1] == "" || country == "" || f[4] == "" || f[1] != strings.ToLower(f[1]) {
			return fmt.Errorf("vocabulary %q, token %q, country %q, source %q: want all of them, in small letters", f[0], f[1], f[2], f[4])
		}
		v := vocabularies[f[0]]
		if v == nil {
			v = map[string]word{}
			vocabularies[f[0]] = v
		}
		if _, twice := v[f[1]]; twice {
			return fmt.Errorf("token %q of %q is there twice", f[1], f[0])
		}
		v[strings.Clone(f[1])] = word{country, tidy(f[3]), f[4] != unread}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	rules := nameRules{}
	err = readRows(names, namesHeader, func(_ int, f []string) error {
		v := vocabularies[f[3]]
		if v == nil || nameForms[f[2]] == nil || f[0] == "" || f[1] == "" || f[4] == "" {
			return fmt.Errorf("suffix %q, operator %q, form %q, vocabulary %q, source %q: want all of them", f[0], f[1], f[2], f[3], f[4])
		}
		rules[f[0]] = append(rules[f[0]], nameRule{tidy(f[1]), f[2], v, f[4] != unread})
		return nil
	})
	return rules, err
}

// answer looks at the label before each suffix of each name, and at no other: customers choose those.
func (r nameRules) answer(s *sheet) {
	said := map[string]bool{}
	s.eachName(func(name, detail string) {
		label, suffix, more := strings.Cut(name, ".")
		for more {
			for _, rule := range r[suffix] {
				token := nameForms[rule.form](label, rule.words)
				key := token + " under " + suffix
				if token == "" || said[key] {
					continue
				}
				said[key] = true
				w := rule.words[token]
				c := audit.Claim{Kind: audit.ClaimToken, Country: w.country, City: w.city, Organisation: rule.operator, Role: audit.RoleHost, Detail: detail}
				if !rule.read || !w.read {
					c.By = byUnread
					c.Detail += " (what it means is unverified)"
				}
				s.say(key, c)
			}
			label, suffix, more = strings.Cut(suffix, ".")
		}
	})
}
