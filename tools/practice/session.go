package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// A flow is one conversation of a session: where the fiction puts it, and what really crossed it.
type flow struct {
	key           string // service key, "dns", "cdn0" …: names it for faults and seeds
	tcp           bool
	local, remote netip.AddrPort
	uid           int32
	start         time.Duration
	tape          *tape
	unanswered    bool
}

// A stray is a datagram that belongs to no conversation of ours: multicast, broadcast.
type stray struct {
	at       time.Duration
	up       bool
	src, dst netip.AddrPort
	payload  []byte
	uid      int32
}

// A mark is the moment a step begins.
type mark struct {
	at    time.Duration
	words string
}

// A session is one run of a script: real clients against the real servers, one after the other, with the fiction's clock.
type session struct {
	name       string
	start      time.Time
	version, n int // 0-based; version -1: idle, app not running
	laptop     bool
	servers    *servers
	clock      *clock
	rng        *rand.Rand
	keylog     bytes.Buffer

	flows  []*flow
	strays []stray
	marks  []mark

	cdn      []string // names of this session's CDN hosts
	nat64    string
	port     uint16
	resolved map[string][]netip.Addr
	clients  map[string]*http.Client
	target   map[string]netip.AddrPort // where the next dial of a service goes
	closers  []func()
	secure   func(q *dns.Msg) (*dns.Msg, error) // encrypted resolver of this session; nil: plain DNS
}

// seed makes a generator that depends on nothing but the words.
func seed(words ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, words...)
	return rand.New(rand.NewPCG(h.Sum64(), 0x9e3779b97f4a7c15))
}

func newSession(name string, start time.Time, version, n int, s *servers) *session {
	x := &session{name: name, start: start, version: version, n: n, servers: s, clock: &clock{}, rng: seed("session", name),
		resolved: map[string][]netip.Addr{}, clients: map[string]*http.Client{}, target: map[string]netip.AddrPort{}}
	x.port = uint16(33000 + x.rng.IntN(20000))
	hosts := map[string][]netip.Addr{}
	if version >= 0 {
		x.cdn = cdnNames(version, n)
		for _, host := range x.cdn {
			hosts[host] = []netip.Addr{netip.AddrFrom4([4]byte{198, 18, 40 + byte(x.rng.IntN(2)), byte(1 + x.rng.IntN(254))})}
		}
		if version == 1 && n == nat64Session {
			x.nat64 = serviceNamed("chat").host
		}
	}
	s.zone.session(max(version, 0), hosts, x.nat64)
	return x
}

// cdnNames are the CDN hosts of a session: version 2 uses one more at a time.
func cdnNames(version, n int) (names []string) {
	pool := cdnPool[version]
	k := 2 + version
	for i := range k {
		names = append(names, pool[(n*k+i)%len(pool)]+cdnSuffix)
	}
	return names
}

// run plays a script. When it returns, every connection is closed and every byte is on tape.
func (x *session) run(steps []step) error {
	for _, st := range steps {
		var visits []visit
		for _, v := range st.visits {
			if x.wants(v.service) {
				visits = append(visits, v)
			}
		}
		if len(visits) == 0 && len(st.visits) > 0 {
			continue
		}
		if st.words != "" {
			x.marks = append(x.marks, mark{st.at, st.words})
		}
		for _, v := range visits {
			at := st.at + v.after + time.Duration(x.rng.Int64N(int64(60*ms)))
			x.clock.set(at)
			if err := x.visit(v, at); err != nil {
				return fmt.Errorf("session %s: visit %s: %w", x.name, v.service, err)
			}
			x.clock.settle(40 * ms)
		}
	}
	x.clock.set(steps[len(steps)-1].at + 8*second)
	for _, c := range x.clients {
		c.CloseIdleConnections()
	}
	x.clock.settle(40 * ms)
	for _, f := range slices.Backward(x.closers) {
		f()
	}
	x.clock.settle(60 * ms)
	return nil
}

// wants reports whether the session uses a service of the script.
func (x *session) wants(key string) bool {
	switch {
	case x.version < 0 || x.laptop || key == "big":
		return true
	case strings.HasPrefix(key, cdn):
		return int(key[len(cdn)]-'0') < len(x.cdn)
	}
	s := serviceNamed(key)
	return s.used(x.version, x.n)
}

// local takes the next ephemeral port of the device.
func (x *session) local(remote netip.Addr) netip.AddrPort {
	x.port += uint16(1 + x.rng.IntN(37))
	addr := phoneAddr
	switch {
	case remote.IsLoopback():
		addr = remote.String()
	case x.laptop:
		addr = laptopAddr
	case remote.Is6() && remote.IsLinkLocalUnicast():
		addr = phoneLink
	case remote.Is6():
		addr = phoneAddr6
	}
	return netip.AddrPortFrom(netip.MustParseAddr(addr), x.port)
}

// open begins a flow at the fiction's present.
func (x *session) open(key string, isTCP bool, remote netip.AddrPort, uid int32) *flow {
	f := &flow{key: key, tcp: isTCP, local: x.local(remote.Addr()), remote: remote, uid: uid, start: x.clock.stamp(), tape: &tape{clock: x.clock}}
	x.flows = append(x.flows, f)
	return f
}

// dialTCP connects to the real server of a protocol under the fiction's address.
func (x *session) dialTCP(ctx context.Context, key string, p protocol, remote netip.AddrPort, uid int32) (net.Conn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", x.servers.addr[p])
	if err != nil {
		return nil, err
	}
	return &tapConn{c, x.open(key, true, remote, uid).tape}, nil
}

// dialUDP opens a connected socket to the real server of a protocol.
func (x *session) dialUDP(key string, p protocol, remote netip.AddrPort, uid int32) (*tapDatagrams, error) {
	c, err := net.Dial("udp", x.servers.addr[p])
	if err != nil {
		return nil, err
	}
	c.SetDeadline(time.Now().Add(5 * time.Second))
	return &tapDatagrams{c.(*net.UDPConn), x.open(key, false, remote, uid).tape}, nil
}

// config is a client's side of TLS, at the fiction's time.
func (x *session) config(serverName string, protocols ...string) *tls.Config {
	return &tls.Config{ServerName: serverName, RootCAs: x.servers.authority.roots, NextProtos: protocols, KeyLogWriter: &x.keylog,
		Time: func() time.Time { return x.start }}
}
