package flow

import "math/bits"

// MaxTunnels is how many tunnels inside each other are opened.
const MaxTunnels = 8

// Tunnels names the tunnels around a packet, outermost first, four bits each. It is comparable; the zero Tunnels is "none".
type Tunnels uint32

type tunnel uint8

const (
	tunnelNone tunnel = iota
	tunnelIPIP
	tunnel6in4
	tunnel4in6
	tunnel6in6
	tunnelGRE
	tunnelERSPAN
	tunnelPPTP
	tunnelVXLAN
	tunnelGeneve
	tunnelGTP
	tunnelTeredo
	tunnelL2TP
	tunnelAYIYA
	tunnelCAPWAP
	tunnelEtherIP
)

var tunnelNames = [16]string{
	tunnelIPIP: "ipip", tunnel6in4: "6in4", tunnel4in6: "4in6", tunnel6in6: "6in6", tunnelGRE: "gre", tunnelERSPAN: "erspan", tunnelPPTP: "pptp",
	tunnelVXLAN: "vxlan", tunnelGeneve: "geneve", tunnelGTP: "gtp", tunnelTeredo: "teredo", tunnelL2TP: "l2tp", tunnelAYIYA: "ayiya",
	tunnelCAPWAP: "capwap", tunnelEtherIP: "etherip",
}

// Depth returns how many tunnels there are.
func (t Tunnels) Depth() int { return (bits.Len32(uint32(t)) + 3) / 4 }

// Names returns the names, outermost first ("gre", "vxlan" …); nil for none.
func (t Tunnels) Names() []string {
	var names []string
	for ; t != 0; t >>= 4 {
		names = append(names, tunnelNames[t&15])
	}
	return names
}

// inside returns t with one more tunnel inside. The caller checks the depth.
func (t Tunnels) inside(kind tunnel) Tunnels { return t | Tunnels(kind)<<(4*t.Depth()) }
