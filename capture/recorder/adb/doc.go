// Package adb speaks to Android devices through the adb server, over its own protocol (SERVICES.TXT and OVERVIEW.TXT of the Android
// platform tools), so that no output of a program has to be parsed.
//
// In goes the environment, which says where the server listens. Out come the devices, the commands that run on one of them, and tunnels from a
// device back to this machine. The adb program itself is run for one thing only: to start a server where none answers.
//
// What a device or a server sends is bounded: an answer by MaxAnswer, a command's output by MaxOutput, what a running command complains of
// by MaxErrors.
package adb
