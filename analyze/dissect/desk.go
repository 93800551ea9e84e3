package dissect

import "abroad/analyze/wire"

// A desk is memory that one call of a dissector after the other works on. Nothing on it outlives the call.
type desk struct {
	client wire.ClientHello
	server wire.ServerHello
	cert   wire.CertNames
	quic   wire.QUIC
	dtls   wire.DTLS
	spans  []wire.Span
}
