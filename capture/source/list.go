package source

// All lists every source in the order they are asked.
var All = []*Source{
	pcapng,
	pcap,
}
