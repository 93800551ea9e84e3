package flow

import (
	"bytes"
	"slices"
	"testing"

	"abroad/analyze/audit"
	"abroad/capture"
)

// check holds for every packet that Decode gives, whatever the input.
func check(t *testing.T, p *capture.Packet, o *Packet) {
	t.Helper()
	if !o.Src.IsValid() || !o.Dst.IsValid() || o.Src.Is4In6() || o.Dst.Is4In6() {
		t.Fatalf("addresses %v and %v", o.Src, o.Dst)
	}
	if uint64(o.PayloadLen) < uint64(len(o.Payload)) {
		t.Fatalf("payload of %d bytes, %d of them captured", o.PayloadLen, len(o.Payload))
	}
	if off := o.PayloadOff; off >= 0 && !o.Incomplete {
		if off+len(o.Payload) > len(p.Data) || !bytes.Equal(p.Data[off:off+len(o.Payload)], o.Payload) {
			t.Fatalf("payload is not at byte %d of the frame", off)
		}
		if len(o.Payload) > 0 && &p.Data[off] != &o.Payload[0] {
			t.Fatal("payload is a copy")
		}
	} else if !o.Fragment {
		t.Fatalf("payload offset %d without a fragment", off)
	}
	if o.Incomplete && (!o.Fragment || o.Payload != nil || o.SrcPort != 0 || o.DstPort != 0) {
		t.Fatalf("incomplete fragment with a payload or ports: %+v", o)
	}
	if uint64(len(o.Payload)) < uint64(o.PayloadLen) && !o.Truncated {
		t.Fatalf("payload of %d bytes, %d of them captured, is not marked as truncated", o.PayloadLen, len(o.Payload))
	}
	if o.Proto != audit.TCP && o.TCP != (TCP{}) {
		t.Fatalf("TCP fields in protocol %s", o.Proto)
	}
	if depth := o.Tunnels.Depth(); depth > MaxTunnels || len(o.Tunnels.Names()) != depth {
		t.Fatalf("tunnels %v", o.Tunnels.Names())
	}
}

func TestDecode(t *testing.T) {
	for _, f := range frames() {
		t.Run(f.name, func(t *testing.T) {
			var notes []capture.Anomaly
			d := NewDecoder(func(a capture.Anomaly) { notes = append(notes, a) })
			var o Packet
			p := f.packet()
			if kind, ok := d.Decode(p, &o); !ok {
				t.Fatalf("not decoded: %v %v", kind, notes)
			}
			check(t, p, &o)
			if len(notes) > 0 {
				t.Errorf("anomalies: %v", notes)
			}
			if got, want := tupleOf(&o), wantOf(f); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			if string(o.Payload) != hello || o.PayloadLen != uint32(len(hello)) || o.Truncated {
				t.Errorf("payload %q of %d bytes, truncated %v", o.Payload, o.PayloadLen, o.Truncated)
			}
			wantLen := 20 + 8 + len(hello)
			if f.six {
				wantLen = 40 + 24 + len(hello)
			} else if f.name == "ah" {
				wantLen += 24
			}
			if o.IPLen != uint32(wantLen) {
				t.Errorf("IP length %d, want %d", o.IPLen, wantLen)
			}
			if o.Tunnels != f.tunnels {
				t.Errorf("tunnels %v, want %v", o.Tunnels.Names(), f.tunnels.Names())
			}
			if f.src != (MAC{}) && o.SrcMAC != f.src || f.dst != (MAC{}) && o.DstMAC != f.dst || f.link == 101 && o.SrcMAC != (MAC{}) {
				t.Errorf("MACs %x to %x, want %x to %x", o.SrcMAC, o.DstMAC, f.src, f.dst)
			}
			if o.Dir != f.dir {
				t.Errorf("direction %d, want %d", o.Dir, f.dir)
			}
			if by := ""; o.Attribution != nil && o.Attribution.By != f.by || o.Attribution == nil && f.by != by {
				t.Errorf("attribution %+v, want one by %q", o.Attribution, f.by)
			}
			if f.six && (o.TCP != TCP{Seq: 1000, Ack: 2000, ACK: true}) {
				t.Errorf("TCP %+v", o.TCP)
			}
			if d.Next(&o) {
				t.Error("a second packet in the frame")
			}
		})
	}
}

// TestCut keeps only a part of each frame. That is never the sender's fault: the frame is either cut short, or a truncated packet; what is
// said of it is true of the whole frame, too, or of the packet around the tunnel.
func TestCut(t *testing.T) {
	for _, f := range frames() {
		outer := map[tuple]bool{}
		for n := range f.data {
			p := f.packet()
			p.Data = slices.Clone(f.data[:n])
			var notes []capture.Anomaly
			var o Packet
			kind, ok := NewDecoder(func(a capture.Anomaly) { notes = append(notes, a) }).Decode(p, &o)
			if len(notes) > 0 {
				t.Errorf("%s cut at %d: %v", f.name, n, notes)
			}
			if !ok {
				if kind.Code != capture.CutShort && kind != (Undecoded{capture.NotIP, "mpls"}) {
					t.Errorf("%s cut at %d: %v", f.name, n, kind)
				}
				continue
			}
			check(t, p, &o)
			got, want := tupleOf(&o), wantOf(f)
			switch {
			case got == want, got.src == want.src && got.dst == want.dst && got.srcPort == "0" || got.proto == 0 && f.name == "ah":
				if padded := f.name == "ethernet padded" || f.link == capture.LinkNFLOG && n == len(f.data)-1; !padded && !o.Truncated {
					t.Errorf("%s cut at %d: not marked as truncated", f.name, n)
				}
			case f.tunnels != 0 && o.Tunnels.Depth() < f.tunnels.Depth():
				outer[got] = true
			default:
				t.Errorf("%s cut at %d: got %v, want %v", f.name, n, got, want)
			}
		}
		if len(outer) > 3 {
			t.Errorf("%s: %d different packets around the tunnel: %v", f.name, len(outer), outer)
		}
	}
}

// TestShort sends only a part of each frame: what is said has to hold, and a frame that gives nothing has to say why.
func TestShort(t *testing.T) {
	for _, f := range frames() {
		for n := range f.data {
			p := &capture.Packet{Number: 1, Link: f.link, Data: slices.Clone(f.data[:n]), OrigLen: uint32(n)}
			var o Packet
			if kind, ok := NewDecoder(nil).Decode(p, &o); ok {
				check(t, p, &o)
			} else if kind.Code == "" || kind.Detail == "" || kind.Code == capture.CutShort {
				t.Errorf("%s of %d bytes: %v", f.name, n, kind)
			}
		}
	}
}

// TestNoAllocations decodes all frames again and again with one Decoder.
func TestNoAllocations(t *testing.T) {
	d := NewDecoder(func(a capture.Anomaly) { t.Error(a) })
	for _, f := range frames() {
		p := f.packet()
		var o Packet
		d.Decode(p, &o)
		if n := testing.AllocsPerRun(100, func() { d.Decode(p, &o) }); n != 0 {
			t.Errorf("%s: %v allocations", f.name, n)
		}
	}
}
