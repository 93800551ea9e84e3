package recorder

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"abroad/capture/recorder/adb"
)

// maxClockMS is the difference between two clocks that is not worth a word: markers are set by hand.
const maxClockMS = 2000

// checkAndroidPhone asks what both ways to record an Android phone need; phone is nil if there is none to ask further.
func checkAndroidPhone(ctx context.Context, o Options) (list []Check, phone *androidPhone) {
	server, err := adb.FromEnvironment(os.Getenv)
	if err != nil {
		return append(list, Check{"adb server", false, err.Error(), "unset ADB_SERVER_SOCKET ANDROID_ADB_SERVER_PORT"}), nil
	}
	version, err := server.Version(ctx)
	if err != nil {
		mend := "adb start-server"
		says := "none answers at " + server.Address
		if _, missing := exec.LookPath("adb"); missing != nil {
			mend, says = hintNoAdb, "none answers at "+server.Address+", and the program adb is not installed"
		} else if !errors.Is(err, syscall.ECONNREFUSED) {
			mend, says = "adb kill-server; adb start-server", err.Error()
		}
		return append(list, Check{"adb server", false, says, mend}), nil
	}
	list = append(list, Check{"adb server", true, fmt.Sprintf("protocol %d at %s", version, server.Address), ""})
	devices, err := server.Devices(ctx)
	if err != nil {
		return append(list, Check{"phone", false, err.Error(), "adb kill-server; adb start-server"}), nil
	}
	d, err := adb.Find(devices, o.Target)
	if err != nil {
		mend := hintNoDevice
		if notReady, ok := errors.AsType[*adb.NotReadyError](err); ok {
			mend = notReady.Hint()
		}
		return append(list, Check{"phone", false, err.Error(), mend}), nil
	}
	phone = &androidPhone{server.Phone(d.Serial), server}
	about, err := phone.device(ctx)
	if err != nil {
		return append(list, Check{"phone", false, err.Error(), "adb reconnect"}), nil
	}
	list = append(list, Check{"phone", true, strings.TrimSpace(fmt.Sprintf("%s %s, Android %s, serial %s", about.Maker, about.Model, about.OS, d.Serial)), ""})
	if o.App != "" {
		c := Check{What: "app", OK: true}
		if app, err := phone.version(ctx, o.App); err != nil {
			c = Check{"app", false, err.Error(), "adb -s " + d.Serial + " shell pm list packages"}
		} else {
			c.Says = fmt.Sprintf("%s %s (%s)", app.ID, app.Version, app.Code)
		}
		list = append(list, c)
	}
	return append(list, phone.checkClock(ctx), phone.checkPrivateDNS(ctx)), phone
}

func (p *androidPhone) checkClock(ctx context.Context) Check {
	reading, err := p.clock(ctx)
	if err != nil {
		return Check{"clock", false, err.Error(), ""}
	}
	if math.Abs(reading.OffsetMS)-reading.UncertainMS > maxClockMS {
		return Check{"clock", false, reading.says(), "adb -s " + p.Serial + " shell settings put global auto_time 1; timedatectl set-ntp true"}
	}
	return Check{"clock", true, reading.says(), ""}
}

func (p *androidPhone) checkPrivateDNS(ctx context.Context) Check {
	out, err := p.Run(ctx, "settings get global private_dns_mode")
	mode := printableWord(out)
	switch {
	case err != nil:
		return Check{"Private DNS", false, err.Error(), ""}
	case mode == "hostname":
		return Check{"Private DNS", false, "set to a host: the names looked up will not be readable",
			"adb -s " + p.Serial + " shell settings put global private_dns_mode off (and back to hostname afterwards)"}
	case mode == "off":
		return Check{"Private DNS", true, "off", ""}
	}
	return Check{"Private DNS", true, "automatic: names are readable unless the network's resolver offers encryption", ""}
}

func checkAndroid(ctx context.Context, o Options) []Check {
	list, phone := checkAndroidPhone(ctx, o)
	if phone == nil {
		return list
	}
	s := &androidSource{phone: phone, pcapdroid: pcapdroidPackage}
	if p := o.Set["pcapdroid"]; p != "" {
		s.pcapdroid = p
	}
	c := Check{What: "PCAPdroid", OK: true}
	if version, err := s.ready(ctx); err != nil {
		c = Check{"PCAPdroid", false, err.Error(), "adb -s " + phone.Serial + " shell am start -a android.intent.action.VIEW -d https://f-droid.org/packages/" + pcapdroidPackage}
	} else {
		c.Says = version
	}
	list = append(list, c)
	if out, err := phone.Run(ctx, "settings get secure always_on_vpn_app"); err == nil {
		if app := printableWord(out); app != "" && app != "null" && app != s.pcapdroid {
			list = append(list, Check{"always-on VPN", false, fmt.Sprintf("%q holds the phone's one VPN", app),
				"turn it off on the phone: Settings > Network & internet > VPN"})
		}
	}
	ports, err := staleTunnels(ctx, phone.Phone)
	if err != nil {
		return append(list, Check{"left-over tunnels", false, err.Error(), ""})
	}
	for _, port := range ports {
		list = append(list, Check{"left-over tunnels", false, fmt.Sprintf("port %d of the phone leads to nobody", port),
			"adb -s " + phone.Serial + " reverse --remove tcp:" + strconv.Itoa(port)})
	}
	if len(ports) == 0 {
		list = append(list, Check{"left-over tunnels", true, "none", ""})
	}
	return list
}

func checkAndroidRoot(ctx context.Context, o Options) []Check {
	list, phone := checkAndroidPhone(ctx, o)
	if phone == nil {
		return list
	}
	failed := func(what string, err error) []Check {
		c := Check{What: what, Says: err.Error()}
		if h, ok := errors.AsType[*Hinted](err); ok {
			c.Mend = h.Hint
		}
		return append(list, c)
	}
	s := &androidRootSource{phone: phone, options: o}
	var err error
	if s.su, err = phone.findRoot(ctx); err != nil {
		return failed("root", err)
	}
	how := "the shell is root's"
	if s.su != "" {
		how = "by " + strings.TrimSpace(s.su)
	}
	list = append(list, Check{"root", true, how, ""})
	if s.tcpdump, err = s.findTcpdump(ctx); err != nil {
		list = failed("tcpdump", err)
	} else {
		list = append(list, Check{"tcpdump", true, s.tcpdump, ""})
	}
	if _, err := s.root(ctx, "iptables -w -S >/dev/null && ip6tables -w -S >/dev/null"); err != nil {
		return failed("iptables", err)
	}
	list = append(list, Check{"iptables", true, "IPv4 and IPv6", ""})
	if _, err := s.root(ctx, listRules); err == nil {
		return append(list, Check{"left-over rules", false, "a recording that was killed left its rules on the phone",
			"adb -s " + phone.Serial + " shell " + adb.Quote(rootLine(s.su, cleanRules))})
	} else if exit, ok := errors.AsType[*adb.ExitError](err); !ok || exit.Code != 1 {
		return failed("left-over rules", err)
	}
	return append(list, Check{"left-over rules", true, "none", ""})
}
