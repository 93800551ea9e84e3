// Package usbmuxtest is an iPhone made of code behind a usbmuxd made of code: a socket that speaks the multiplexer's protocol, lockdownd with its
// TLS handshakes, the list of apps and pcapd. What it cannot show: pairing, a locked device, and what any version of iOS really does.
//
// Only tests import it.
package usbmuxtest
