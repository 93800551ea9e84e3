package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"abroad/capture/session"
)

// A planFile is what --plan reads: the scenario, and what is known of the app, the device and the place. Every member is optional, and a flag
// goes before it. Values are text, also those that YAML takes for something else: "NO" is Norway, "2.0" a version.
type planFile struct {
	Name   string `yaml:"name"`
	Role   string `yaml:"role"`
	Source string `yaml:"source"` // as on the command line: "linux wlan0"
	App    struct {
		ID      string `yaml:"id"`
		Name    string `yaml:"name"`
		Version string `yaml:"version"`
		Code    string `yaml:"code"`
		Signer  string `yaml:"signer"`
	} `yaml:"app"`
	Device struct {
		Platform string `yaml:"platform"`
		Maker    string `yaml:"maker"`
		Model    string `yaml:"model"`
		OS       string `yaml:"os"`
		Build    string `yaml:"build"`
		MAC      string `yaml:"mac"`
		Key      string `yaml:"key"`
	} `yaml:"device"`
	Account struct {
		Residence string            `yaml:"residence"`
		Tier      string            `yaml:"tier"`
		Age       string            `yaml:"age"`
		Settings  map[string]string `yaml:"settings"`
	} `yaml:"account"`
	Consent  string `yaml:"consent"`
	Store    string `yaml:"store_country"`
	Network  string `yaml:"network"`
	Vantage  string `yaml:"vantage"` // as --vantage
	ISP      string `yaml:"isp"`
	AS       uint32 `yaml:"as"`
	VPN      bool   `yaml:"vpn"`
	Isolated bool   `yaml:"isolated"`
	Repeats  uint32 `yaml:"repeats"`
	Note     string `yaml:"note"`
	Steps    []struct {
		Action string `yaml:"action"`
		Text   string `yaml:"text"`
	} `yaml:"steps"`
}

// Limits of a plan.
const (
	maxPlan     = 1 << 20 // bytes
	maxPlanKeys = 1000    // of one mapping: the decoder compares each with every other
)

// readPlan reads the plan at path; "" is an empty plan.
func readPlan(path string) (*planFile, error) {
	plan := &planFile{}
	if path == "" {
		return plan, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", path, withoutPath(err))
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPlan+1))
	if err == nil && len(b) > maxPlan {
		err = fmt.Errorf("it has more than %d bytes", maxPlan)
	}
	if err == nil {
		err = plan.decode(b)
	}
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", path, err)
	}
	return plan, nil
}

// goType is what the decoder says behind the name of a field: our types, which are no reader's business.
var goType = regexp.MustCompile(`not found in type (?:[a-zA-Z.]+|struct \{[^}]*\})`)

// decode reads one YAML document in which every name is known.
func (p *planFile) decode(b []byte) error {
	var root yaml.Node
	if err := yaml.Unmarshal(b, &root); err == nil { // else the decoder below says what is wrong
		if n := wideMapping(&root); n != nil {
			return fmt.Errorf("line %d: a mapping of %d keys, at most %d are read", n.Line, len(n.Content)/2, maxPlanKeys)
		}
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(p); err != nil && !errors.Is(err, io.EOF) {
		return errors.New(strings.Join(strings.Fields(goType.ReplaceAllString(err.Error(), "is not known (abroad help plan)")), " "))
	}
	if err := dec.Decode(&planFile{}); !errors.Is(err, io.EOF) {
		return errors.New("it holds more than one document")
	}
	seen := map[string]bool{}
	for i, s := range p.Steps {
		if err := session.CheckAction(s.Action); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		if seen[s.Action] {
			return fmt.Errorf("step %d: action %q stands twice", i+1, s.Action)
		}
		seen[s.Action] = true
	}
	return nil
}

// wideMapping finds a mapping of too many keys.
func wideMapping(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.MappingNode && len(n.Content) > 2*maxPlanKeys {
		return n
	}
	for _, c := range n.Content {
		if w := wideMapping(c); w != nil {
			return w
		}
	}
	return nil
}

// scenario is the part of the plan that a session keeps; nil if there is none.
func (p *planFile) scenario(repeat uint32) *session.Plan {
	if p.Name == "" && len(p.Steps) == 0 && p.Repeats == 0 {
		return nil
	}
	plan := &session.Plan{Name: p.Name, Steps: []session.Step{}, Repeat: repeat, Repeats: p.Repeats}
	for _, s := range p.Steps {
		plan.Steps = append(plan.Steps, session.Step{Action: s.Action, Text: s.Text})
	}
	return plan
}

// settings lists the account's settings by name.
func (p *planFile) settings() []session.Setting {
	var list []session.Setting
	for name, value := range p.Account.Settings {
		list = append(list, session.Setting{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b session.Setting) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
