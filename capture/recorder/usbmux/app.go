package usbmux

import (
	"fmt"
	"time"
)

// An App is an installed app, as the device describes it.
type App struct {
	ID         string `plist:"CFBundleIdentifier"`
	Name       string `plist:"CFBundleDisplayName"`
	Version    string `plist:"CFBundleShortVersionString"`
	Build      string `plist:"CFBundleVersion"`
	Executable string `plist:"CFBundleExecutable"` // the name of its process
}

// proxyTimeout bounds the wait for the list of apps.
const proxyTimeout = 20 * time.Second

// App asks for the app with that bundle identifier; ok is false if it is not installed.
func (l *Lockdown) App(id string) (app App, ok bool, err error) {
	c, err := l.StartService("com.apple.mobile.installation_proxy")
	if err != nil {
		return app, false, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(proxyTimeout))
	err = Send(c, map[string]any{"Command": "Lookup", "ClientOptions": map[string]any{
		"BundleIDs":        []string{id},
		"ReturnAttributes": []string{"CFBundleIdentifier", "CFBundleDisplayName", "CFBundleShortVersionString", "CFBundleVersion", "CFBundleExecutable"},
	}})
	if err != nil {
		return app, false, fmt.Errorf("look up app: %w", err)
	}
	b, err := Receive(c, nil)
	if err != nil {
		return app, false, fmt.Errorf("look up app: %w", noEOF(err))
	}
	var answer struct {
		LookupResult map[string]App
		Error        string
	}
	if err := decode(b, &answer); err != nil {
		return app, false, fmt.Errorf("look up app: %w", err)
	}
	if answer.Error != "" {
		return app, false, &LockdownError{"the app", answer.Error[:min(len(answer.Error), 200)]}
	}
	app, ok = answer.LookupResult[id]
	return app, ok, nil
}
