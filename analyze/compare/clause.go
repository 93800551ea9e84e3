package compare

// clauses sets the verdicts about promises beside each other.
func (c *comparer) clauses() {}
