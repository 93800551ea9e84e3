package recorder

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"abroad/capture/recorder/adb"
)

// ready says which PCAPdroid is installed, and an error if it cannot be driven.
func (s *androidSource) ready(ctx context.Context) (version string, err error) {
	pkg, ok, err := s.phone.installed(ctx, s.pcapdroid)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", hinted(fmt.Errorf("find PCAPdroid: %q is not installed on the phone", s.pcapdroid),
			"install PCAPdroid on the phone from F-Droid or Google Play: abroad help android")
	}
	if code, err := strconv.Atoi(pkg.code); err != nil || code < pcapdroidOldest {
		return "", hinted(fmt.Errorf("use PCAPdroid %q (version code %q): 1.8.6 (86) is the first that can be driven", pkg.version, pkg.code),
			"update PCAPdroid on the phone")
	}
	return pkg.version + " (" + pkg.code + ")", nil
}

// extras are the words of the intent, without the key. Both names of the collector are sent: which one counts depends on the version.
func (s *androidSource) extras(action string, port int) []string {
	if action == "stop" {
		return []string{"action=stop"}
	}
	extras := []string{
		"action=start", "pcap_dump_mode=tcp_exporter", "collector_ip_address=127.0.0.1", "collector_host=127.0.0.1",
		"collector_port=" + strconv.Itoa(port), "dump_extensions=true", "pcapdroid_trailer=true",
		"auto_block_private_dns=" + strconv.FormatBool(s.options.Set["private-dns"] == "block"),
	}
	if s.options.Set["quic"] == "block" {
		extras = append(extras, "block_quic=always")
	} else {
		extras = append(extras, "block_quic=never")
	}
	if s.options.App != "" {
		extras = append(extras, "app_filter="+s.options.App)
	}
	return extras
}

// command sends an intent to PCAPdroid. The shell has no way to see its answer.
func (s *androidSource) command(ctx context.Context, action string, port int) error {
	line := "am start -n " + s.pcapdroid + "/" + pcapdroidControl
	for _, e := range s.extras(action, port) {
		name, value, _ := strings.Cut(e, "=")
		line += " -e " + name + " " + adb.Quote(value)
	}
	if s.options.Key != "" {
		line += " -e api_key " + adb.Quote(s.options.Key)
	}
	out, err := s.phone.RunSecret(ctx, line, s.options.Key)
	if err != nil {
		return fmt.Errorf("%s PCAPdroid: %w", action, err)
	}
	if i := strings.Index(out, "Error"); i >= 0 {
		return fmt.Errorf("%s PCAPdroid: the phone says %q", action, printableWord(strings.ReplaceAll(out[i:], "\n", " ")))
	}
	return nil
}
