package locate

import "strings"

// assigned is the set of country codes that a claim may carry: ISO 3166-1 alpha-2 as officially assigned, and XK, which every dataset uses
// for Kosovo. Codes that stand for "unknown", for Europe or for an anonymous proxy are not countries.
var assigned = codes(`AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG
CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT
GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
VG VI VN VU WF WS XK YE YT ZA ZM ZW`)

func codes(list string) (set [26 * 26]bool) {
	for _, code := range strings.Fields(list) {
		set[int(code[0]-'A')*26+int(code[1]-'A')] = true
	}
	return set
}

// Country returns code in capitals if it is a country's, else "".
func Country(code string) string {
	if len(code) != 2 {
		return ""
	}
	a, b := code[0]&^0x20-'A', code[1]&^0x20-'A'
	if a >= 26 || b >= 26 || !assigned[int(a)*26+int(b)] {
		return ""
	}
	if code[0] >= 'a' || code[1] >= 'a' {
		return strings.ToUpper(code)
	}
	return code
}
