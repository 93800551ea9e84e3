package lab

import (
	"fmt"
	"net"
	"os"
	"time"
)

// A World is the three namespaces, connected: phone - gateway - server.
type World struct {
	Phone, Gateway, Server *Namespace
	closers                []func()
}

// Open makes a world. It needs root rights and the program ip (iproute2).
func Open() (*World, error) {
	w := &World{}
	if err := w.build(); err != nil {
		w.Close()
		return nil, fmt.Errorf("build the lab: %w", err)
	}
	return w, nil
}

func (w *World) build() (err error) {
	if os.Geteuid() != 0 {
		return fmt.Errorf("only root can make network namespaces: %w", os.ErrPermission)
	}
	for _, n := range []struct {
		at   **Namespace
		name string
	}{{&w.Phone, "phone"}, {&w.Gateway, "gateway"}, {&w.Server, "server"}} {
		if *n.at, err = newNamespace(n.name); err != nil {
			return err
		}
		w.closers = append(w.closers, (*n.at).Close)
		// Nobody else has these addresses: do not wait a second to find out.
		if err := (*n.at).Set("ipv6/conf/default/accept_dad", "0"); err != nil {
			return fmt.Errorf("switch off duplicate address detection: %w", err)
		}
	}
	for _, setting := range []string{"ipv4/ip_forward", "ipv6/conf/all/forwarding"} {
		if err := w.Gateway.Set(setting, "1"); err != nil {
			return fmt.Errorf("switch on forwarding: %w", err)
		}
	}
	const common = "link set lo up\n"
	if err := w.Gateway.Run(fmt.Sprintf(common+`link add %[1]s address %[2]s type veth peer name %[3]s address %[4]s netns %[5]s
link add %[6]s type veth peer name %[7]s netns %[8]s
addr add %[9]s/24 dev %[1]s
addr add %[10]s/64 dev %[1]s nodad
addr add %[11]s/24 dev %[6]s
addr add %[12]s/64 dev %[6]s nodad
link set %[1]s up
link set %[6]s up
`, GatewayInterface, GatewayMAC, PhoneInterface, PhoneMAC, w.Phone.path, upstream, serverInterface, w.Server.path,
		GatewayAddr, GatewayAddr6, upstreamAddr, upstreamAddr6), "ip", "-batch", "-"); err != nil {
		return err
	}
	if err := w.Phone.Run(fmt.Sprintf(common+`addr add %[2]s/24 dev %[1]s
addr add %[3]s/64 dev %[1]s nodad
link set %[1]s up
route add default via %[4]s
route add ::/0 via %[5]s
`, PhoneInterface, PhoneAddr, PhoneAddr6, GatewayAddr, GatewayAddr6), "ip", "-batch", "-"); err != nil {
		return err
	}
	batch := common
	for _, h := range services {
		batch += fmt.Sprintf("addr add %s/24 dev %s\n", h.addr, serverInterface)
		if h.addr6.IsValid() {
			batch += fmt.Sprintf("addr add %s/64 dev %s nodad\n", h.addr6, serverInterface)
		}
	}
	if err := w.Server.Run(batch+fmt.Sprintf(`link set %[1]s up
route add default via %[2]s
route add ::/0 via %[3]s
`, serverInterface, upstreamAddr, upstreamAddr6), "ip", "-batch", "-"); err != nil {
		return err
	}
	for _, end := range []struct {
		in   *Namespace
		name string
	}{{w.Phone, PhoneInterface}, {w.Gateway, GatewayInterface}, {w.Gateway, upstream}, {w.Server, serverInterface}} {
		if err := end.in.await(end.name); err != nil {
			return err
		}
	}
	return nil
}

const carrierTimeout = 10 * time.Second

// await waits until an interface is up: the kernel notices the other end of a cable a little later.
func (n *Namespace) await(name string) error {
	for deadline := time.Now().Add(carrierTimeout); ; time.Sleep(time.Millisecond) {
		var i *net.Interface
		if err := n.Do(func() (err error) {
			i, err = net.InterfaceByName(name)
			return err
		}); err != nil {
			return fmt.Errorf("look at interface %q: %w", name, err)
		}
		if i.Flags&net.FlagRunning != 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("interface %q does not come up", name)
		}
	}
}

// Close takes the world down.
func (w *World) Close() {
	for i := len(w.closers) - 1; i >= 0; i-- {
		w.closers[i]()
	}
	w.closers = nil
}
