package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"abroad/analyze"
	"abroad/analyze/audit"
	"abroad/analyze/flow"
	"abroad/analyze/locate"
	"abroad/capture"
	"abroad/capture/source"
	"abroad/reports"
)

// stages prints how long each part of an audit takes in one process, each measured alone, the faster of two. The first two lines are parts of
// the third: what lies between them is the time of the step that was added.
func stages(file string) error {
	fmt.Println("stage                                           wall")
	stage := func(name string, work func() error) error {
		best := time.Duration(0)
		for i := range 2 {
			start := time.Now()
			if err := work(); err != nil {
				return err
			}
			if took := time.Since(start); i == 0 || took < best {
				best = took
			}
		}
		fmt.Printf("%-44s %7.3fs\n", name, best.Seconds())
		return nil
	}
	each := func(do func(*capture.Packet)) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		rec, err := source.Open(file, f)
		if err != nil {
			return err
		}
		for r, err := range rec.Records() {
			if err != nil {
				return err
			}
			if p, ok := r.(*capture.Packet); ok {
				do(p)
			}
		}
		return nil
	}
	if err := stage("  read and hash", func() error { return each(func(*capture.Packet) {}) }); err != nil {
		return err
	}
	var packet flow.Packet
	decoder := flow.NewDecoder(func(capture.Anomaly) {})
	if err := stage("  … and decode packets", func() error {
		return each(func(p *capture.Packet) { decoder.Decode(p, &packet) })
	}); err != nil {
		return err
	}
	library, err := locate.Open(locate.Options{Data: "none"})
	if err != nil {
		return err
	}
	defer library.Close()
	var a *audit.Audit
	input := analyze.Input{Name: "mix.pcap", Open: func() (io.ReadCloser, error) { return os.Open(file) }}
	if err := stage("the whole analysis: flows, names, places", func() (err error) {
		a, err = analyze.Run(context.Background(), []analyze.Input{input}, analyze.Config{Version: "bench", Library: library})
		return err
	}); err != nil {
		return err
	}
	if err := stage("write audit.json", func() error { return audit.Write(io.Discard, a) }); err != nil {
		return err
	}
	page, err := reports.Find("html")
	if err != nil {
		return err
	}
	return stage("write report.html", func() error { return page.Files[0].Write(io.Discard, a, reports.Screen{}) })
}
