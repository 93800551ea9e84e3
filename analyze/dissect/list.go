package dissect

// All lists every dissector in the order in which they are asked about a flow whose port tells nothing.
var All = []*Dissector{
	dnsDissector,
	mdns,
	llmnr,
}
