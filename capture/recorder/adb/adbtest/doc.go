// Package adbtest is an Android device made of code, and a real adb server between it and whoever is tested.
//
// The device speaks the transport protocol of adbd (messages CNXN, OPEN, OKAY, WRTE, CLSE; see OVERVIEW.TXT of the platform tools) and offers
// the services shell (v2), exec and reverse. What a command does is the test's business. What it cannot show: USB, the authorisation of a
// computer, and what other versions of adbd do.
//
// Only tests import it.
package adbtest
