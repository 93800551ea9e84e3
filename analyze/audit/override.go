package audit

// An Override is a manual correction of a place, by a named author. Every report that it affects shows it.
type Override struct {
	ID        ID     `json:"id"`
	Prefix    string `json:"prefix"` // CIDR
	Country   string `json:"country"`
	Author    string `json:"author"`
	Date      string `json:"date"` // 2006-01-02
	Reason    string `json:"reason"`
	Endpoints []ID   `json:"endpoints"` // that it touched
}
