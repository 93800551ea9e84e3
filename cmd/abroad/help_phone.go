package main

// The way from an empty machine and a phone to the first recording. A text that begins with "$ " is a command and stays in one line.

// consent stands first in every one of them.
var consent = [2]string{"consent", "A recording holds whatever the device says and hears. Use a device and accounts of your own, made for the test. " +
	"Everybody whose device uses the same network must know of it and agree; better still, nobody else's does."}

var gatewaySteps = [][2]string{
	{"what for", "This Linux machine becomes the device's way to the network and records what passes. It works with every device and changes " +
		"nothing on it, but it sees a device, not an app: only a baseline can tell what the app under test did."},
	consent,
	{"machine", "It needs a second way to the network besides the Wi-Fi card that serves the device: a cable, or another card."},
	{"", "$ sudo apt install network-manager iw tshark"},
	{"hotspot", "A network of its own, with a name and a password that nobody else has. NetworkManager also turns on forwarding and address translation."},
	{"", "$ nmcli device wifi hotspot ifname wlan0 ssid abroad-test password CHOOSE-ONE"},
	{"forwarding", "Where something else makes the hotspot (hostapd, dnsmasq), turn it on yourself."},
	{"", "$ sudo sysctl -w net.ipv4.ip_forward=1"},
	{"", "$ sudo nft 'add table ip test; add chain ip test out { type nat hook postrouting priority 100; }; add rule ip test out oifname eth0 masquerade'"},
	{"IPv6", "If your line has IPv6, give it to the device too: apps prefer it, and go elsewhere with it. Without it, say so in the note of the session. " +
		"(A machine that forwards takes no address from its own router unless accept_ra is 2.)"},
	{"", "$ nmcli connection modify Hotspot ipv6.method shared && nmcli connection up Hotspot"},
	{"", "$ sudo sysctl -w net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.all.forwarding=1"},
	{"device", "Mobile data off, other networks forgotten, VPN off: there must be no other way out. Sign out of what is not under test, remove apps " +
		"that are not needed, and let it rest for an hour: system updates are traffic too."},
	{"Private DNS", "Android: Settings > Network & internet > Private DNS > Off. Otherwise the names looked up cannot be read. Turn it back on afterwards."},
	{"Private Relay", "iPhone: Settings > your name > iCloud > Private Relay off, and Settings > Wi-Fi > (i) > Limit IP Address Tracking off. Otherwise " +
		"addresses are the relay's."},
	{"address", "The device's MAC address keeps everybody else out of the file. Phones use a different one for each network: look here, not on the box."},
	{"", "$ ip neigh show dev wlan0"},
	{"clock", "Markers are made on this machine's clock."},
	{"", "$ timedatectl set-ntp true"},
	{"check", "Forwarding, the way out, permissions, the interface and who is on it, disk and clock:"},
	{"", "$ abroad doctor linux wlan0"},
	{"baseline", "The same device and system without the app under test: names in it are not the app's own. It counts only where both recordings say which " +
		"device and which build of its system they are of, in the same words, and that it was isolated."},
	{"", "$ sudo abroad record --role idle --isolated --mac 02:00:00:00:00:01 --os 16 --os-build BUILD --for 30m -o idle.session linux wlan0"},
	{"record", "Start it first, then the app. Privileges are dropped once the interface is open, and the session belongs to you."},
	{"", "$ sudo abroad record --isolated --mac 02:00:00:00:00:01 --os 16 --os-build BUILD --app org.example.app --vantage IS -o app.session linux wlan0"},
	{"audit", "With the baseline:"},
	{"", "$ abroad audit --baseline idle.session app.session"},
	{"rehearse", "The same without a phone, in a world inside this machine (Linux):"},
	{"", "$ sudo abroad lab"},
}

var androidSteps = [][2]string{
	{"what for", "An Android phone without root. The app PCAPdroid captures as a VPN on the phone and says of every packet which app it belongs to. " +
		"Addresses, ports and contents are the app's; TCP and IP headers and times are PCAPdroid's. So far this has met a simulated phone only: tell us how a real one behaves."},
	consent,
	{"machine", "Not as root: the phone trusts a computer by your own key."},
	{"", "$ sudo apt install adb tshark"},
	{"phone", "Settings > About phone, tap Build number seven times; then Settings > System > Developer options > USB debugging. Connect the cable and " +
		"accept this computer on the phone."},
	{"", "$ adb devices"},
	{"PCAPdroid", "Install it from F-Droid or Google Play (1.8.6 or later). Start and stop a capture by hand once: Android asks about the VPN the first " +
		"time. Take it off battery optimisation."},
	{"API key", "PCAPdroid > Settings > Control permissions: make a key, and put it into a file. Without one PCAPdroid asks at each start and stop. " +
		"The key goes over the phone's command line, where other programs with USB debugging rights may see it; abroad writes it nowhere."},
	{"", "$ (umask 077; cat > pcapdroid.key)"},
	{"one VPN", "Android has one VPN at a time: turn off always-on VPN and others. A VPN that changes the vantage must run at the router."},
	{"Private DNS", "Settings > Network & internet > Private DNS > Off. Turn it back on afterwards."},
	{"IPv6", "PCAPdroid > Settings > IPv6: on if your network has it."},
	{"clock", "Settings > System > Date & time > automatic, and the same here."},
	{"check", "adb, the phone, PCAPdroid, the app, clock, Private DNS, left-overs:"},
	{"", "$ abroad doctor android --app org.example.app"},
	{"record", "Start it first, then the app:"},
	{"", "$ abroad record --api-key pcapdroid.key --app org.example.app --vantage IS android"},
	{"mark", "What you do in the app, from another terminal:"},
	{"", "$ abroad mark \"post private video\""},
	{"with root", "A rooted phone or an emulator gives the packets themselves, both ways, of one app. It needs a static tcpdump on the phone, and a kernel " +
		"with NFLOG. Rules are removed at the end, also when the cable is pulled; doctor finds what is left."},
	{"", "$ adb push tcpdump /data/local/tmp/tcpdump && adb shell chmod 755 /data/local/tmp/tcpdump"},
	{"", "$ abroad doctor android-root && abroad record --app org.example.app --vantage IS android-root"},
	{"by hand", "PCAPdroid's own file always works, with dump extensions on:"},
	{"", "$ abroad record --app org.example.app PCAPdroid.pcap"},
}

var iosSteps = [][2]string{
	{"what for", "An iPhone or iPad by cable. Its own capture service copies the packets of Wi-Fi and mobile data and names the process behind each and " +
		"the one on whose behalf it works. Nothing is installed on it. So far this has met a simulated one only: tell us how a real one behaves."},
	consent,
	{"machine", "usbmuxd shares the cable and keeps the pairing."},
	{"", "$ sudo apt install usbmuxd libimobiledevice-utils tshark"},
	{"pairing", "Connect the cable, unlock the device, tap Trust and enter the passcode:"},
	{"", "$ idevicepair pair && idevicepair validate"},
	{"device", "VPN off. Settings > Display & Brightness > Auto-Lock > Never, while recording. Sign out of what is not under test."},
	{"Private Relay", "Settings > your name > iCloud > Private Relay off; Settings > Wi-Fi > (i) > Limit IP Address Tracking off. Otherwise addresses are the " +
		"relay's. Safari's Hide IP Address too."},
	{"DNS", "Profiles that encrypt DNS: Settings > General > VPN & Device Management. Remove them, or names are read from TLS and QUIC only."},
	{"IPv6", "Both families are recorded, on every interface."},
	{"clock", "Settings > General > Date & Time > Set Automatically, and the same here."},
	{"check", "usbmuxd, pairing, the device, its clock, the app and the name of its process:"},
	{"", "$ abroad doctor ios --app org.example.App"},
	{"record", "Start it first, then the app. The system looks up names on behalf of every app; those packets are kept apart."},
	{"", "$ abroad record --app org.example.App --vantage IS ios"},
	{"processes", "An app with helpers of its own (extensions) has several names:"},
	{"", "$ abroad record --app org.example.App --set process=Example,ExampleShare ios"},
	{"on a Mac", "With Xcode's tools the same service is an interface:"},
	{"", "$ rvictl -s UDID && sudo tcpdump -i rvi0 -U -w - | abroad record --app org.example.App -"},
	{"otherwise", "abroad help gateway works with every device."},
}
