package promise

import "abroad/analyze/audit"

// The words of the schema, in its order. TestSchema holds promise.schema.json against them.
var (
	reviews    = []string{"draft", "reviewed"}
	roles      = []string{"controller", "operator", "owner", "parent", "host"}
	kinds      = []string{"legal_text", "contract", "newsroom", "help_page", "statement", "press", "regulator", "court", "testimony", "seed"}
	grades     = []string{"primary", "secondary", "unverified"}
	archives   = []string{"ota", "wayback", "file"}
	forces     = []string{"contractual", "legal_text", "public_statement", "reported", "plan"}
	polarities = []string{"confine", "exclude", "default_in", "disclose", "commit"}
	tiers      = []string{"any", "free", "paid", "enterprise"}
	precisions = []string{"day", "month", "year"}
	testables  = []string{"network", "payload", "no"}
	parties    = []string{"first", "third", "any"}
	directions = []string{"up", "down", "any"}
	relations  = []string{"in_tension", "supersedes", "narrows", "restated_by"}
	verdicts   = []string{"silent", "consistent", "contradicted"}
)

// An aspect says what a clause is about, and the strongest verdict that traffic can give there. A file may lower it, never raise it.
type aspect struct {
	Name    string
	Ceiling audit.Ruling
	Weak    bool // consistent says little
	Why     string
}

var aspects = []aspect{
	{"routing", audit.Contradicted, false, "which servers the device talks to is directly seen"},
	{"processing", audit.Contradicted, false, "the server that ends the encryption reads the content; an edge may only relay"},
	{"operator", audit.Contradicted, false, "the network is seen"},
	{"recipient", audit.Contradicted, false, "a contact outside a closed list is seen"},
	{"storage_at_rest", audit.Consistent, true, "what is uploaded to one place may be kept in another"},
	{"remote_access", audit.Silent, false, "access happens behind the server"},
	{"onward_transfer", audit.Silent, false, "what one server passes on to another does not cross the device"},
	{"key_custody", audit.Silent, false, "holding keys leaves no packet"},
	{"governance", audit.Silent, false, "how a company is run leaves no packet"},
	{"oversight", audit.Silent, false, "examining a company leaves no packet"},
}

func aspectNamed(name string) *aspect {
	for i := range aspects {
		if aspects[i].Name == name {
			return &aspects[i]
		}
	}
	return nil
}

func aspectNames() (names []string) {
	for _, a := range aspects {
		names = append(names, a.Name)
	}
	return names
}

// Ladder lists the rungs of assurance, from weak to strong.
var Ladder = []audit.Rung{
	{Key: "claim", Says: "public statement: somebody says so"},
	{Key: "policy", Says: "policy text: a legal text says so"},
	{Key: "contract", Says: "contract: somebody is bound to it"},
	{Key: "traffic", Says: "client traffic: where packets of one device went (this audit)"},
	{Key: "server-audit", Says: "server audit: somebody was given access and looked"},
	{Key: "source", Says: "source, build and hardware: the code that runs was read, rebuilt and compared"},
}

func rungs() (keys []string) {
	for _, r := range Ladder {
		keys = append(keys, r.Key)
	}
	return keys
}

// rungOf is the rung of a clause by its force.
func rungOf(force string) string {
	switch force {
	case "legal_text":
		return "policy"
	case "contractual":
		return "contract"
	}
	return "claim"
}
