package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"abroad/capture/recorder/adb/adbtest"
)

var phoneExtra = regexp.MustCompile(`-e (\w+) '([^']*)'`)

// practicePhone is a phone with PCAPdroid that sends a practice recording once it is started, and goes on until it is stopped.
func practicePhone(t *testing.T) *adbtest.Phone {
	stream, err := os.ReadFile(filepath.Join(practice(t), "copies", "pcapdroid.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	phone, stop := &adbtest.Phone{}, make(chan struct{})
	answers := map[string]string{ // shapes after Android's documentation, not taken from a phone
		"for p in ro.": "Example\nPhone 7\n16\nexample/phone7:16/A1/1:user\n2026-10-05\nSERIAL0001\n",
		"dumpsys package com.emanuelef.remote_capture": "Packages:\n  Package [com.emanuelef.remote_capture] (1):\n    versionCode=91 minSdk=21\n    versionName=1.9.1\n",
		"dumpsys package org.example.practice":         "Packages:\n  Package [org.example.practice] (1):\n    appId=10123\n    versionCode=421 minSdk=21\n    versionName=4.2.1\n",
		"settings get global private_dns_mode;":        "off\nnull\nnull\n",
		"settings get global private_dns_mode":         "off\n",
		"settings get secure always_on_vpn_app":        "null\n",
	}
	phone.Shell = func(_ context.Context, line string, _ io.Reader, stdout, _ io.Writer) int {
		best := ""
		for begin := range answers {
			if strings.HasPrefix(line, begin) && len(begin) > len(best) {
				best = begin
			}
		}
		switch {
		case best != "":
			io.WriteString(stdout, answers[best])
		case line == "date +%s.%N":
			io.WriteString(stdout, "1.5\n") // long ago
		case strings.HasPrefix(line, "am start "):
			x := map[string]string{}
			for _, m := range phoneExtra.FindAllStringSubmatch(line, -1) {
				x[m[1]] = m[2]
			}
			if x["action"] == "stop" {
				close(stop)
				return 0
			}
			go func() {
				c, err := phone.Dial(context.Background(), "tcp:"+x["collector_port"])
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				c.Write(stream)
				<-stop
			}()
		default:
			return 1
		}
		return 0
	}
	return phone
}

// From the doctor to the audit, as a user goes.
func TestRecordAndroid(t *testing.T) {
	server, serial := adbtest.Start(t, practicePhone(t))
	_, port, _ := strings.Cut(server.Address, ":")
	t.Setenv("ANDROID_ADB_SERVER_PORT", port)
	t.Setenv("ABROAD_DATA", "none")
	t.Setenv("HOME", t.TempDir())
	t.Chdir(t.TempDir())
	do := func(want int, args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := run(args, strings.NewReader(""), &out, &out); code != want {
			t.Errorf("abroad %s: exit code %d, want %d:\n%s", strings.Join(args, " "), code, want, out.Bytes())
		}
		return out.String()
	}
	doctor := do(exitError, "doctor", "android", "--app", "org.example.practice")
	for _, says := range []string{"ok       PCAPdroid: 1.9.1 (91)", "ok       app: org.example.practice 4.2.1 (421)", "missing  clock: the device is -", "ok       Private DNS: off"} {
		if !strings.Contains(doctor, says) {
			t.Errorf("doctor does not say %q:\n%s", says, doctor)
		}
	}
	if err := os.WriteFile("key", []byte("s3cr3tKEY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	recorded := do(exitDone, "record", "-o", "s", "--no-ui", "--for", "2s", "--app", "org.example.practice", "--api-key", "key", "--vantage", "IS", "android", serial)
	if strings.Contains(recorded, "s3cr3tKEY") {
		t.Errorf("the key is shown:\n%s", recorded)
	}
	do(exitDone, "session", "verify", "s")
	audited := do(exitDone, "audit", "-o", "a", "s")
	document := strings.ReplaceAll(do(exitDone, "report", "a", "--format", "json"), `": `, `":`)
	for _, says := range []string{`"org.example.practice"`, `"4.2.1"`, `"grade":"A3"`, `"uid":10123`, `"by":"pcapdroid"`} {
		if !strings.Contains(document, says) {
			t.Errorf("the audit does not hold %s", says)
		}
	}
	if t.Failed() {
		fmt.Println(recorded, audited)
	}
}
