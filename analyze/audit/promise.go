package audit

// A Promise is a promise file as it was used, with a verdict for each of its clauses.
type Promise struct {
	ID ID `json:"id"`
}
