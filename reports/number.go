package reports

import (
	"strconv"
	"strings"
)

// count writes n with commas: "1,204".
func count(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	var b []byte
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b = append(b, ',')
		}
		b = append(b, digits[i])
	}
	return string(b)
}

// plural writes "1 flow" or "2 flows"; noun may have words before it, as in "2 more flows".
func plural[N int | uint32 | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	switch noun[strings.LastIndexByte(noun, ' ')+1:] {
	case "address", "process":
		noun += "e"
	case "anomaly", "country":
		noun = strings.TrimSuffix(noun, "y") + "ie"
	}
	return count(uint64(n)) + " " + noun + "s"
}

// size writes a number of bytes for people, in powers of 1000: "512 B", "1.2 MB". JSON and CSV have the exact number.
func size(n uint64) string {
	if n < 1000 {
		return strconv.FormatUint(n, 10) + " B"
	}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < 6 {
		value /= 1000
		unit++
	}
	decimals := 1
	if value >= 99.95 {
		decimals = 0
	}
	return strconv.FormatFloat(value, 'f', decimals, 64) + " " + [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}[unit]
}

// percent writes part of whole: "97.3%". Only nothing is "0%" and only everything is "100%"; of nothing there is no share: "–".
func percent(part, whole uint64) string {
	switch {
	case whole == 0:
		return "–"
	case part == 0:
		return "0%"
	case part >= whole:
		return "100%"
	}
	p := 100 * float64(part) / float64(whole)
	switch {
	case p < 0.1:
		return "<0.1%"
	case p > 99.9:
		return ">99.9%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}

// permille is part of whole in thousandths, for the width of bars: a part that is not nothing stays visible.
func permille(part, whole uint64) int {
	if whole == 0 || part == 0 {
		return 0
	}
	return max(1, min(1000, int(1000*float64(part)/float64(whole))))
}

// millis writes nanoseconds as milliseconds: "12.3 ms".
func millis(ns int64) string { return strconv.FormatFloat(float64(ns)/1e6, 'f', 1, 64) + " ms" }
