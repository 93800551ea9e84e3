// Package http3lab records HTTP/3 in the lab. It is a module of its own, so that the program does not depend on an implementation of QUIC.
//
// Its only test lets a real client talk to a real server across the gateway (capture/lab), records the gateway with abroad record and with
// tcpdump, and looks whether an audit reads the name in the QUIC handshake.
package http3lab
