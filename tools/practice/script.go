package main

import "time"

// A step is something a person does with the app. Its words become a comment on the first packet after it.
type step struct {
	words  string
	at     time.Duration // from the session's start
	visits []visit
}

// A visit is one use of a service: where it falls in its step and what is asked.
type visit struct {
	service string
	after   time.Duration
	asks    []ask
}

// An ask is one HTTP request; services that are not HTTP ignore it.
type ask struct {
	method, path string
	up           int // bytes of body
	header       [][2]string
}

func get(path string) ask          { return ask{method: "GET", path: path} }
func post(path string, up int) ask { return ask{method: "POST", path: path, up: up} }

const second, ms = time.Second, time.Millisecond

// secretConfig is a careless request: what stands in its query, cookie and authorization must never leave the recording.
var secretConfig = ask{method: "GET", path: "/config.json?device=SECRET-QUERY-0001&lang=is", header: [][2]string{
	{"Cookie", "session=SECRET-COOKIE-0002"}, {"Authorization", "Bearer SECRET-AUTHORIZATION-0003"}}}

// cdn stands for the session's rotating hosts; the number is its index among them.
const cdn = "cdn"

// script is one session with the app. A visit to a service that the session does not use is left out, and so is a step without visits.
var script = []step{
	{"open app", 2 * second, []visit{
		{"check", 0, []ask{get("/generate_204")}},
		{"portal", 300 * ms, []ask{get("/status")}},
		{"api", 500 * ms, []ask{get("/v1/config"), get("/v1/flags")}},
		{"legacy", 900 * ms, []ask{secretConfig}},
		{"crash", 1100 * ms, []ask{post("/v2/envelope", 420)}},
		{"tally", 1300 * ms, []ask{post("/collect", 900)}},
		{cdn + "0", 1700 * ms, []ask{get("/app/bundle.bin")}},
		{"old", 1900 * ms, nil},
		{"void", 2000 * ms, nil},
		{"self", 2100 * ms, []ask{get("/whoami")}},
		{"time", 2200 * ms, nil},
		{"push", 2600 * ms, nil},
	}},
	{"log in", 21 * second, []visit{
		{"login", 200 * ms, []ask{post("/oauth/token", 640), get("/oauth/userinfo")}},
		{"private", 900 * ms, []ask{post("/attest", 512)}},
		{"bare", 1500 * ms, []ask{get("/ping")}},
	}},
	{"load feed", 48 * second, []visit{
		{"feed", 100 * ms, []ask{get("/v1/feed?page=1"), get("/v1/feed?page=2")}},
		{"images", 350 * ms, []ask{get("/thumb/1.jpg"), get("/thumb/2.jpg")}},
		{"ads", 500 * ms, []ask{get("/bid?slot=top")}},
		{"pixel", 800 * ms, []ask{get("/p.gif?u=SECRET-QUERY-0004")}},
		{cdn + "1", 900 * ms, []ask{get("/clip/1.bin")}},
		{cdn + "2", 1000 * ms, []ask{get("/clip/2.bin")}},
		{"tiles", 1200 * ms, []ask{get("/11/908/546.png")}},
		{"saudade", 1600 * ms, []ask{post("/b", 380)}},
		{"update", 2500 * ms, []ask{get("/v3/manifest")}},
	}},
	{"open chat", 83 * second, []visit{
		{"chat", 100 * ms, []ask{get("/rooms"), post("/rooms/7/messages", 260)}},
		{"turn", 600 * ms, nil},
		{"relay", 1100 * ms, []ask{get("/calls/offer")}},
	}},
	{"cast to television", 104 * second, []visit{
		{"tv", 100 * ms, []ask{post("/apps/practice", 90)}},
	}},
	{"post private video", 121 * second, []visit{
		{"api", 100 * ms, []ask{post("/v1/posts", 300)}},
		{"upload", 400 * ms, []ask{{method: "PUT", path: "/videos/private/41", up: 7200}}},
		{"tally", 2500 * ms, []ask{post("/collect", 700)}},
	}},
	{"send feedback", 149 * second, []visit{
		{"mail", 200 * ms, nil},
	}},
	{"close app", 171 * second, []visit{
		{"api", 100 * ms, []ask{post("/v1/session/end", 120)}},
		{"hearth", 400 * ms, []ask{get("/state")}},
		{"nowhere", 800 * ms, []ask{post("/beta", 200)}},
		{"crash", 1200 * ms, []ask{post("/v2/session", 180)}},
	}},
}

// idle is the baseline: nobody touches the device, and the app is not running.
var idle = []step{
	{"device idle, app not started", 0, []visit{
		{"check", 4 * second, []ask{get("/generate_204")}},
		{"push", 6 * second, nil},
		{"time", 31 * second, nil},
		{"update", 64 * second, []ask{get("/v3/manifest"), get("/v3/delta")}},
		{"portal", 66 * second, []ask{get("/status")}},
		{"time", 1055 * second, nil},
		{"check", 1500 * second, []ask{get("/generate_204")}},
		{"time", 2079 * second, nil},
		{"push", 2400 * second, nil},
		{"check", 3000 * second, []ask{get("/generate_204")}},
	}},
	{"end of idle hour", 3590 * second, nil},
}

// onLaptop is what another device in the network does during the gateway copy.
var onLaptop = []step{
	{"", 5 * second, []visit{
		{"big", 0, nil},
		{"update", 3 * second, []ask{get("/v3/manifest")}},
		{"pixel", 9 * second, []ask{get("/p.gif?u=SECRET-QUERY-0005")}},
	}},
	{"", 60 * second, []visit{{"tiles", 0, []ask{get("/11/907/546.png")}}}},
}

// A plan says which version runs when.
type plan struct {
	version, n int // version 0 or 1, n-th session of it, both 0-based
	start      time.Time
}

// firstDay is the first of the three days.
var firstDay = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)

// plans interleaves the versions, so that a change of the services cannot look like a change of the app.
func plans() (list []plan) {
	clockTimes := []time.Duration{8*time.Hour + 11*time.Minute, 9*time.Hour + 42*time.Minute, 11*time.Hour + 5*time.Minute, 13*time.Hour + 23*time.Minute,
		15*time.Hour + 36*time.Minute, 17*time.Hour + 52*time.Minute, 20*time.Hour + 17*time.Minute}
	count := [2]int{}
	for day, order := range []string{"1221121", "2112212", "122112"} {
		for slot, v := range order {
			version := int(v - '1')
			at := firstDay.AddDate(0, 0, day).Add(clockTimes[slot] + time.Duration(7*slot+13*day)*second + 271828183*time.Nanosecond)
			list = append(list, plan{version, count[version], at})
			count[version]++
		}
	}
	return list
}

// copied is the session of which the copies in other forms are made: version 2, third session.
var copied = plan{version: 1, n: 2}

// Sessions with something of their own, by index of the session in its version.
const (
	nat64Session      = 6 // of version 2: chat by way of NAT64
	publicDNSSession  = 4 // asks a public resolver
	linkDNSSession    = 8 // asks the gateway's link-local address
	quic2Session      = 9 // feed over QUIC version 2
	truncatedSession  = 5 // of version 2: snap length 1500
	lossySession      = 7 // of version 2: the recorder dropped packets
	secretsSession    = 1 // of version 2: with key log
	namesSession      = 3 // of version 1: with a name resolution block
	bigAnswerSession  = 0 // a DNS answer too long for UDP
	lateHelloSession  = 3 // of version 2: a retransmitted ClientHello just before its answer
	lateSYNSession    = 5 // of version 1: a retransmitted SYN
	resetSession      = 2 // of version 1: a connection ends in RST
	recordedOverNight = 2 * time.Hour
)
