package promise

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// operators are the network operators that a promise or a policy may name, by the keys of the owner table, which knows them by the numbers of
// their networks. For numbers that it does not have: words of which one stands in the name that a network is registered under. Names that
// belong to the practice recordings end the list.
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
	{"imperva", []string{"imperva", "incapsula"}},
	{"kakao", []string{"kakao"}},
	{"leaseweb", []string{"leaseweb"}},
	{"meta", []string{"facebook", "meta"}},
	{"microsoft", []string{"microsoft"}},
	{"naver", []string{"naver"}},
	{"netflix", []string{"netflix"}},
	{"oracle", []string{"oracle"}},
	{"ovh", []string{"ovh"}},
	{"telegram", []string{"telegram"}},
	{"tencent", []string{"tencent"}},
	{"vk", []string{"vk", "vkontakte"}},
	{"volcengine", []string{"volcano", "volcengine"}},
	{"yandex", []string{"yandex"}},
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

// operator returns the key of who runs the network that a contact went to: by its number where the owner table has it, else by its name. A key
// may be one that no file can name: then it is somebody else's network.
func (x *Contact) operator() string { return cmp.Or(x.Operator, operatorOf(x.Network)) }

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

// practiceKey begins the keys of operators of the practice recordings.
const practiceKey = "practice-"

// operatorHint lists the operators that a file may name, those of the practice recordings last and called that.
func operatorHint() string {
	var real, practice []string
	for _, o := range operators {
		if strings.HasPrefix(o.Key, practiceKey) {
			practice = append(practice, o.Key)
		} else {
			real = append(real, o.Key)
		}
	}
	return "one of " + strings.Join(real, ", ") + "; in practice recordings also " + strings.Join(practice, ", ")
}
