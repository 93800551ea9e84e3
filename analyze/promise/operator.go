package promise

import (
	"slices"
	"strings"
	"unicode"
)

// operators are the network operators that a promise or a policy may name: key -> words of which one stands in the name that an AS is
// registered under. Names that belong to the practice recordings end the list.
var operators = []struct {
	Key   string
	Words []string
}{
	{"akamai", []string{"akamai", "linode"}},
	{"alibaba", []string{"alibaba", "alicloud", "aliyun"}},
	{"amazon", []string{"amazon", "aws"}},
	{"apple", []string{"apple"}},
	{"baidu", []string{"baidu"}},
	{"bytedance", []string{"bytedance", "bytedancevn", "bytepluscloud", "byteplus"}},
	{"cloudflare", []string{"cloudflare", "cloudflarenet"}},
	{"digitalocean", []string{"digitalocean"}},
	{"fastly", []string{"fastly"}},
	{"google", []string{"google"}},
	{"hetzner", []string{"hetzner"}},
	{"huawei", []string{"huawei", "hwclouds"}},
	{"meta", []string{"facebook", "meta"}},
	{"microsoft", []string{"microsoft"}},
	{"oracle", []string{"oracle"}},
	{"ovh", []string{"ovh"}},
	{"tencent", []string{"tencent"}},
	{"volcengine", []string{"volcano", "volcengine"}},
	{"zoom", []string{"zoom"}},
	{"practice-emerald", []string{"emerald"}},
	{"practice-flurry", []string{"flurry"}},
	{"practice-merlion", []string{"merlion"}},
	{"practice-prairie", []string{"prairie"}},
}

// knownOperator reports whether a file may name key.
func knownOperator(key string) bool {
	for _, o := range operators {
		if o.Key == key {
			return true
		}
	}
	return false
}

// operatorOf returns the key of the operator whose word stands in the name of a network, empty if none or more than one does.
func operatorOf(organisation string) string {
	words := strings.FieldsFunc(strings.ToLower(organisation), func(r rune) bool { return !unicode.IsLetter(r) })
	found := ""
	for _, o := range operators {
		for _, w := range o.Words {
			if !slices.Contains(words, w) || found == o.Key {
				continue
			}
			if found != "" {
				return ""
			}
			found = o.Key
		}
	}
	return found
}

func operatorKeys() (keys []string) {
	for _, o := range operators {
		keys = append(keys, o.Key)
	}
	return keys
}
