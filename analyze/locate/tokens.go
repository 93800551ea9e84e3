package locate

import (
	"fmt"
	"strings"

	"abroad/analyze/audit"
)

// maxNamed is how many names of one address are searched for tokens.
const maxNamed = 100

// A token is a word that an operator uses for a place in names under its own suffix. Elsewhere the same word means nothing: a third of all
// hosts contain an airport's code by chance.
type token struct {
	operator, word, country, city string
}

var tokensHeader = []string{"suffix", "operator", "token", "country", "city"}

// readTokens reads the columns suffix, operator, token, country, city.
func readTokens(file []byte) (func(*sheet), error) {
	table := map[string][]token{}
	err := readRows(file, tokensHeader, func(_ int, f []string) error {
		country, err := parseCountry(f[3])
		suffix, word := strings.ToLower(f[0]), strings.ToLower(f[2])
		switch {
		case err != nil:
			return err
		case suffix == "" || word == "" || country == "" || f[1] == "":
			return fmt.Errorf("suffix %q, operator %q, token %q, country %q: want all of them", f[0], f[1], f[2], f[3])
		}
		for _, t := range table[suffix] {
			if t.word == word {
				return fmt.Errorf("token %q of %q is there twice", word, suffix)
			}
		}
		table[suffix] = append(table[suffix], token{tidy(f[1]), word, country, tidy(f[4])})
		return nil
	})
	return func(s *sheet) {
		said := map[string]bool{}
		s.eachName(func(name, detail string) {
			for suffix := name; ; {
				for _, t := range table[suffix] {
					key := t.word + " under " + suffix
					if !said[key] && t.in(strings.TrimSuffix(strings.TrimSuffix(name, suffix), ".")) {
						said[key] = true
						s.say(key, audit.Claim{Kind: audit.ClaimToken, Country: t.country, City: t.city, Organisation: t.operator,
							Role: audit.RoleHost, Detail: detail})
					}
				}
				_, rest, more := strings.Cut(suffix, ".")
				if !more {
					break
				}
				suffix = rest
			}
		})
	}, err
}

// eachName calls f with every name that is searched, and how a claim shows it: those of the recording, then those resolved later.
func (s *sheet) eachName(f func(name, detail string)) {
	for _, name := range s.names[:min(len(s.names), maxNamed)] {
		f(name, tidy(name))
	}
	for _, name := range s.later {
		f(name, tidy(name)+" (reverse look-up, made later)")
	}
}

// in reports whether one of the labels is the token, or begins with it before a digit or a hyphen: "lhr", "lhr2", "fra-edge-1".
func (t token) in(labels string) bool {
	for label := range strings.SplitSeq(labels, ".") {
		rest, ok := strings.CutPrefix(label, t.word)
		if ok && (rest == "" || rest[0] == '-' || rest[0] >= '0' && rest[0] <= '9') {
			return true
		}
	}
	return false
}
