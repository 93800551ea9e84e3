package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	root := flag.String("root", "../..", "the repository")
	only := flag.String("only", "", "\"tables\": the datasets and the README, leave the recordings as they are")
	flag.Parse()
	if err := run(*root, *only); err != nil {
		fmt.Fprintln(os.Stderr, "practice:", err)
		os.Exit(1)
	}
}

// Where the output goes, inside the repository.
const (
	recordingsDir = "capture/lab/practice"
	datasetsDir   = "analyze/locate/practice"
	digestsFile   = "recordings.sha256"
)

func run(root, only string) error {
	if err := checkWorld(); err != nil {
		return fmt.Errorf("check the world: %w", err)
	}
	if err := writeDatasets(filepath.Join(root, datasetsDir)); err != nil {
		return err
	}
	for name, data := range map[string][]byte{"README.md": readme(), "truth.csv": truth()} {
		if err := write(filepath.Join(root, recordingsDir, name), data); err != nil {
			return err
		}
	}
	if only == "tables" {
		return nil
	}
	os.Setenv("QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", "true") // loopback needs no large buffers
	files, err := recordings()
	if err != nil {
		return err
	}
	var digests strings.Builder
	for _, f := range files {
		path := filepath.Join(root, recordingsDir, filepath.FromSlash(f.name))
		if err := write(path, f.data); err != nil {
			return err
		}
		fmt.Fprintf(&digests, "%x  %s\n", sha256.Sum256(f.data), f.name)
	}
	return write(filepath.Join(root, datasetsDir, digestsFile), []byte(digests.String()))
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func writeDatasets(dir string) error {
	list := datasets()
	for i := range list {
		b, err := list[i].bytes()
		if err != nil {
			return fmt.Errorf("make %s: %w", list[i].file, err)
		}
		if err := write(filepath.Join(dir, list[i].file), b); err != nil {
			return err
		}
	}
	b, err := index(list)
	if err != nil {
		return fmt.Errorf("make the index: %w", err)
	}
	return write(filepath.Join(dir, "datasets.csv"), b)
}

// A file is one recording, by its name inside recordingsDir.
type file struct {
	name string
	data []byte
}

// recordings plays every session and writes it in its form. The order is: baseline, copies, version 1, version 2.
func recordings() (list []file, err error) {
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	s, err := serve(a, &zone{ech: a.list})
	if err != nil {
		return nil, err
	}
	defer s.Close()

	night := newSession("baseline/idle", firstDay.Add(recordedOverNight+3*time.Minute), -1, 0, s)
	night.idleNoise()
	if err := night.run(idle); err != nil {
		return nil, err
	}
	list = append(list, file{"baseline/idle.pcapng", writeNFLOG(night)})

	var sessions, copies []file
	for _, p := range plans() {
		name := fmt.Sprintf("v%d/s%02d", p.version+1, p.n+1)
		x := newSession(name, p.start, p.version, p.n, s)
		if err := x.run(script); err != nil {
			return nil, err
		}
		sessions = append(sessions, file{name + ".pcapng", writeNFLOG(x)})
		if p.version == copied.version && p.n == copied.n {
			laptop := newSession("laptop", p.start, p.version, p.n, s)
			laptop.laptop = true
			if err := laptop.run(onLaptop); err != nil {
				return nil, err
			}
			copies = []file{{"copies/gateway.pcapng", writeGateway(x, laptop)}, {"copies/pcapdroid.pcap", writePCAPdroid(x)},
				{"copies/pcapdroid.pcapng", writePCAPdroidNG(x)}, {"copies/pktap.pcapng", writePKTAP(x)}}
		}
	}
	list = append(list, copies...)
	for _, prefix := range []string{"v1/", "v2/"} {
		for _, f := range sessions {
			if strings.HasPrefix(f.name, prefix) {
				list = append(list, f)
			}
		}
	}
	return list, nil
}
