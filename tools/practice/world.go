package main

// An operator runs networks. Its number is reserved for documentation (RFC 5398).
type operator struct {
	key        string
	as         uint32
	name       string
	registered string // country the AS is registered in
}

var operators = []operator{
	{"emerald", 64496, "Emerald Cloud (practice)", "IE"},
	{"merlion", 64497, "Merlion Hosting (practice)", "SG"},
	{"prairie", 64498, "Prairie Compute (practice)", "US"},
	{"flurry", 64499, "Flurry CDN (practice)", "US"},
	{"beacon", 64500, "Beacon Resolver (practice)", "US"},
	{"fjord", 64501, "Fjord Net (practice)", "IS"},
	{"saudade", 64502, "Saudade Telecom (practice)", "BR"},
	{"mirage", 64503, "Mirage Transit (practice)", "AU"},
	{"adrift", 64504, "Adrift Hosting (practice)", "US"},
	{"lowland", 64505, "Lowland Transit (practice)", "NL"},
	{"pigeon", 64506, "Pigeon Push (practice)", "US"},
	{"parley", 64507, "Parley Media (practice)", "DE"},
	{"hearth", 64508, "Hearth Devices (practice)", "FI"},
	{"veil", 64509, "Veil Edge (practice)", "US"},
	{"vendor", 64510, "Practice OS Vendor (practice)", "US"},
}

// A network is one or two prefixes of an operator, where they truly are, and what each dataset says of them. An empty word is no row.
type network struct {
	key, operator string
	prefixes      []string
	place         string // where it truly is; of an edge, where the vantage's packets end
	region, table string // the operator's published region list: region name and country
	geofeed, city string // the operator's geofeed: country and city
	atlas         string // what the database Atlas says
	borealis      string // what the database Borealis says
	anycast       bool   // on the list of anycast prefixes
	edge          bool   // on the list of fronts whose location follows the client
	unlisted      bool   // in no dataset at all
	shows         string
}

var networks = []network{
	{key: "em-dub-1", operator: "emerald", prefixes: []string{"198.18.10.0/24", "2001:2:0:1000::/56"}, place: "Dublin",
		region: "em-dub-1", table: "IE", atlas: "IE", borealis: "IE", shows: "operator and databases agree: L3 IE"},
	{key: "em-fra-1", operator: "emerald", prefixes: []string{"198.18.11.0/24", "2001:2:0:1100::/56"}, place: "Frankfurt",
		region: "em-fra-1", table: "DE", atlas: "US", borealis: "DE", shows: "operator and one database agree, the other differs: L3 DE"},
	{key: "em-rkv-1", operator: "emerald", prefixes: []string{"198.18.12.0/24"}, place: "Reykjavik",
		region: "em-rkv-1", table: "IS", atlas: "IE", borealis: "IS", shows: "the round trip leaves one country: L4 IS; a database that says IE is refuted"},
	{key: "pr-east-1", operator: "prairie", prefixes: []string{"198.18.20.0/24", "2001:2:0:2000::/56"}, place: "Ashburn",
		region: "pr-east-1", table: "US", atlas: "US", borealis: "US", shows: "operator, host-name token and databases agree: L3 US"},
	{key: "pr-north-1", operator: "prairie", prefixes: []string{"198.18.21.0/24"}, place: "Stockholm",
		region: "pr-north-1", table: "SE", atlas: "US", borealis: "DE", shows: "operator alone against both databases: L2 SE"},
	{key: "merlion-sin", operator: "merlion", prefixes: []string{"198.18.30.0/24"}, place: "Singapore",
		geofeed: "SG", city: "Singapore", atlas: "SG", borealis: "SG", shows: "geofeed and databases agree: L3 SG"},
	{key: "flurry-edge", operator: "flurry", prefixes: []string{"198.18.40.0/22", "2001:2:0:4000::/52"}, place: "London",
		region: "global", atlas: "US", borealis: "CA", anycast: true, shows: "anycast, and in its operator's list without a region: role edge, no country from a database"},
	{key: "flurry-ams", operator: "flurry", prefixes: []string{"198.18.43.0/24"}, place: "Amsterdam",
		region: "flurry-ams", table: "NL", atlas: "NL", borealis: "US", shows: "a regional prefix inside a broader anycast prefix: host, L3 NL"},
	{key: "veil-edge", operator: "veil", prefixes: []string{"198.18.44.0/24"}, place: "London",
		atlas: "US", borealis: "US", edge: true, shows: "front whose location follows the client: role edge"},
	{key: "beacon-dns", operator: "beacon", prefixes: []string{"198.18.53.0/24", "2001:2:0:5300::/56"}, place: "Reykjavik",
		atlas: "US", borealis: "US", anycast: true, shows: "anycast resolver around the corner: edge, yet the round trip confines it to IS"},
	{key: "fjord", operator: "fjord", prefixes: []string{"198.18.60.0/24"}, place: "Reykjavik",
		atlas: "IS", borealis: "IS", shows: "two databases agree: L2 IS (time server, no handshake to time)"},
	{key: "saudade", operator: "saudade", prefixes: []string{"198.18.70.0/24"}, place: "Sao Paulo",
		atlas: "BR", borealis: "BR", shows: "two databases agree: L2 BR, a lead and no more"},
	{key: "mirage", operator: "mirage", prefixes: []string{"198.18.71.0/24"}, place: "London",
		atlas: "AU", borealis: "AU", shows: "both databases say a country that the round trip makes impossible"},
	{key: "adrift", operator: "adrift", prefixes: []string{"198.18.72.0/24"}, place: "Dublin",
		atlas: "US", borealis: "IE", shows: "databases differ, and the round trip refutes one of them"},
	{key: "lowland", operator: "lowland", prefixes: []string{"198.18.73.0/24"}, place: "Amsterdam",
		atlas: "NL", shows: "one database alone: L1 NL"},
	{key: "meridian", operator: "lowland", prefixes: []string{"198.18.74.0/24"}, place: "Amsterdam",
		atlas: "NL", borealis: "US", shows: "databases differ and the round trip cannot decide: L1, two candidates"},
	{key: "hearth", operator: "hearth", prefixes: []string{"198.18.75.0/24"}, place: "Helsinki",
		geofeed: "FI", city: "Helsinki", shows: "geofeed alone: L2 FI"},
	{key: "bare", operator: "hearth", prefixes: []string{"198.18.76.0/24"}, place: "Paris",
		borealis: "FR", shows: "one database alone, no name at all: L1 FR"},
	{key: "pigeon", operator: "pigeon", prefixes: []string{"198.18.80.0/24", "2001:2:0:8000::/56"}, place: "London",
		atlas: "US", borealis: "GB", shows: "host-name token and one database agree: L3 GB"},
	{key: "parley", operator: "parley", prefixes: []string{"198.18.81.0/24"}, place: "Frankfurt",
		shows: "host-name token alone: L2 DE"},
	{key: "vendor", operator: "vendor", prefixes: []string{"198.18.90.0/24", "2001:2:0:9000::/56"}, place: "Dublin",
		atlas: "US", borealis: "IE", edge: true, shows: "front of the operating system's vendor: role edge"},
	{key: "nowhere", operator: "", prefixes: []string{"198.18.99.0/24"}, place: "Paris", unlisted: true,
		shows: "no dataset knows it: L0"},
}

// A token is a word in host names that the operator of a name suffix uses for a place.
type token struct {
	operator, suffix, word string // the word stands as a whole label, or at the start of one, left of the suffix
	country                string
	city                   string
}

var tokens = []token{
	{"prairie", "prairie.example", "pr-east-1", "US", "Ashburn"},
	{"prairie", "prairie.example", "pr-north-1", "SE", "Stockholm"},
	{"pigeon", "push.pigeon.example", "lhr", "GB", "London"},
	{"parley", "turn.parley.example", "fra", "DE", "Frankfurt"},
}

// An owner is who receives what is sent to a name suffix.
type owner struct {
	suffix, organisation, seat, parent, parentSeat, role string
}

var owners = []owner{
	{"practice.example", "Practice Labs Ltd (practice)", "IE", "Practice Group Inc (practice)", "US", "first party"},
	{"tally.example", "Tally Analytics Inc (practice)", "US", "Tally Analytics Inc (practice)", "US", "analytics"},
	{"saudade.example", "Saudade Ads Ltda (practice)", "BR", "Saudade Ads Ltda (practice)", "BR", "ads"},
	{"adrift.example", "Adrift Media GmbH (practice)", "DE", "Adrift Holdings Inc (practice)", "US", "ads"},
	{"mirage.example", "Mirage Crash Pty (practice)", "AU", "Mirage Crash Pty (practice)", "AU", "analytics"},
	{"meridian.example", "Meridian Maps BV (practice)", "NL", "Meridian Maps BV (practice)", "NL", "maps"},
	{"flurry.example", "Flurry CDN Inc (practice)", "US", "Flurry CDN Inc (practice)", "US", "CDN"},
	{"prairie.example", "Prairie Compute Inc (practice)", "US", "Prairie Compute Inc (practice)", "US", "cloud"},
	{"veil.example", "Veil Privacy BV (practice)", "NL", "Veil Edge Inc (practice)", "US", "identity"},
	{"veil-edge.example", "Veil Edge Inc (practice)", "US", "Veil Edge Inc (practice)", "US", "CDN"},
	{"beacon.example", "Beacon Resolver Foundation (practice)", "US", "Beacon Resolver Foundation (practice)", "US", "resolver"},
	{"parley.example", "Parley Media GmbH (practice)", "DE", "Parley Media GmbH (practice)", "DE", "calls"},
	{"hearth.example", "Hearth Devices Oy (practice)", "FI", "Hearth Devices Oy (practice)", "FI", "devices"},
	{"pigeon.example", "Pigeon Push Inc (practice)", "US", "Practice OS Vendor Inc (practice)", "US", "push"},
	{"os.example", "Practice OS Vendor Inc (practice)", "US", "Practice OS Vendor Inc (practice)", "US", "operating system"},
	{"tick.example", "Fjord Net hf (practice)", "IS", "Fjord Net hf (practice)", "IS", "time"},
	{"fjord.example", "Fjord Net hf (practice)", "IS", "Fjord Net hf (practice)", "IS", "network"},
}
