package usbmux_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"abroad/capture/corpus"
	"abroad/capture/recorder/usbmux/usbmuxtest"
)

// libimobiledevice's own programs take the simulated phone for one: the simulator, and with it what our client was tried against, follows the
// protocol as an independent program reads it.
func TestSimulator(t *testing.T) {
	phone := &usbmuxtest.Phone{}
	env := append(os.Environ(), "USBMUXD_SOCKET_ADDRESS="+phone.Start(t))
	for _, test := range [...]struct {
		line string
		want string
	}{
		{"idevice_id -l", usbmuxtest.UDID},
		{"ideviceinfo -u " + usbmuxtest.UDID + " -k ProductType", "iPhone16,2"},
	} {
		words := strings.Fields(test.line)
		cmd := exec.Command(corpus.Program(t, words[0]), words[1:]...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: %v\n%s", test.line, err, out)
		}
	}
}
