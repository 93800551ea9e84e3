package compare

import "strings"

// template replaces what numbers machines and regions in a host name, so that "edge-17.eu-west-1.example.com" and "edge-3.us-east-2…" are
// one service: tokens with digits become "#" behind their letters, hexadecimal ones become "#", region words become "@". The registrable
// domain stays as it is. Two names with one template may still be at different places: that is looked at separately.
func template(name, domain string) string {
	head, ok := strings.CutSuffix(name, domain)
	if !ok || head == "" || domain == "" {
		return name
	}
	labels := strings.Split(strings.TrimSuffix(head, "."), ".")
	for i, label := range labels {
		labels[i] = templateLabel(label)
	}
	return strings.Join(labels, ".") + "." + domain
}

func templateLabel(label string) string {
	tokens := strings.Split(label, "-")
	out := make([]string, 0, len(tokens))
	for i := 0; i < len(tokens); i++ {
		if n := region(tokens[i:]); n > 0 {
			out = append(out, "@")
			i += n - 1
			continue
		}
		out = append(out, templateToken(tokens[i]))
	}
	return strings.Join(out, "-")
}

// templateToken writes "fra3" and "lhr12" as "@#", "edge17" as "edge#", "5f02" and "deadbeef" as "#".
func templateToken(token string) string {
	letters := strings.TrimRight(token, "0123456789")
	switch {
	case strings.ContainsAny(letters, "0123456789"), token != "" && letters == "": // digits alone or inside: a serial number
		return "#"
	case letters == token:
		if hexWord(token, 8) {
			return "#"
		}
		return token
	case len(letters) == 3 && strings.Contains(airports, " "+letters+" "):
		return "@#"
	case hexWord(token, 4) && len(token)-len(letters) > 1: // "ab12": rather a number than a word with a number
		return "#"
	}
	return letters + "#"
}

// hexWord reports whether s has at least least characters and all of them are hexadecimal digits.
func hexWord(s string, least int) bool {
	return len(s) >= least && strings.Trim(s, "0123456789abcdef") == ""
}

// region returns how many of the tokens name a cloud region ("eu", "west", "1"; "europe", "west4"; "us", "gov", "east", "1"), or 0.
func region(tokens []string) int {
	if !strings.Contains(continents, " "+tokens[0]+" ") {
		return 0
	}
	n := 1
	for n < len(tokens) && n < 4 && strings.Contains(directions, " "+strings.TrimRight(tokens[n], "0123456789")+" ") {
		n++
	}
	if n == 1 {
		return 0 // "eu" alone is a word of the service as often as not
	}
	if n < len(tokens) && tokens[n] != "" && strings.Trim(tokens[n], "0123456789") == "" && len(tokens[n]) <= 2 {
		n++
	}
	return n
}

// Words of the region names of Amazon, Google, Azure, Oracle, Alibaba and Tencent.
const (
	continents = " af ap asia australia ca cn eu europe il me mx na northamerica sa southamerica uk us "
	directions = " central centralus east eastus north northeast northwest south southeast southwest west westus gov "
)

// airports are codes that operators put before a number to name a point of presence. Without a digit behind it no code counts.
const airports = " ams arn atl bcn bkk bog bom bos bru bud cai cdg cgk cph dal del den dfw doh dub dus dxb eze fra gig gru ham hel hkg hnd iad icn " +
	"ist jfk jnb kix kul lax lhr lim lis los mad man mba mel mex mia mil mnl mrs muc nbo nrt ord osl otp par per pdx prg qro rio rix scl sea sfo " +
	"sin sjc sof sto syd tlv tpe vie waw yul yvr yyz zag zrh "
