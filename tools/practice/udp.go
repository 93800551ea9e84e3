package main

// layUDP lays out datagrams: what comes down follows what went up by a round trip.
func layUDP(f *flow, p path) (list []packet) {
	now, lastUp := f.start, f.start
	id := [2]uint16{uint16(p.rng.Uint32()), uint16(p.rng.Uint32())}
	pending := p.jitter()
	for i, e := range f.tape.list() {
		if e.end {
			continue
		}
		src, dst, ttl := p.local, p.far, byte(64)
		if e.up {
			if i > 0 {
				now = max(now+p.gap(200_000), e.notBefore)
			}
			lastUp, pending = now, p.jitter()
		} else {
			now = max(lastUp+p.rtt+pending, now+p.gap(60_000), e.notBefore)
			src, dst, ttl = dst, src, p.ttl
		}
		n := side(e.up)
		id[n]++
		ip := ipPacket(src.Addr(), dst.Addr(), protoUDP, udpMessage(src, dst, e.data), ttl, id[n])
		if len(ip) > 1500 {
			for _, piece := range fragments4(ip, 1500) {
				list = append(list, packet{at: now, up: e.up, ip: piece, flow: f, uid: f.uid})
				now += p.gap(20_000)
			}
			continue
		}
		list = append(list, packet{at: now, up: e.up, ip: ip, flow: f, uid: f.uid})
	}
	return list
}
