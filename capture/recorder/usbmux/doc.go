// Package usbmux speaks to iPhones and iPads through usbmuxd, the daemon that shares the USB cable: on Linux a package, on macOS a part of the
// system. Pairing ("Trust this computer?") stays with that daemon's own tools; what it keeps of it is used.
//
// In goes the environment, which says where usbmuxd listens. Out come the devices and connections to their services: the multiplexer opens
// one to lockdownd (port 62078), which, after a TLS handshake with the certificate of the pairing, starts a service and says at which port.
//
// Messages are property lists: to usbmuxd behind 16 bytes (length, version 1, type 8, tag; little-endian), to lockdownd and services behind a
// length u32, big-endian. None is larger than MaxMessage.
//
// Written from the open protocol descriptions of the libimobiledevice family; tried against a simulator only.
package usbmux
