// Package promise holds what an app's maker has promised against what was recorded.
//
// In: a promise file (YAML; promise.schema.json is published beside the schema of the audit) and an audit that lacks its promises. Out: an
// audit.Promise with a verdict for every clause. On the way:
//
//	Parse     bytes -> File, or faults with line and hint         (file.go, node.go, rules*.go)
//	Judge     File, Evidence -> audit.Promise                     (judge.go, weigh.go, words.go)
//	Gather    audit.Audit -> Evidence, the only look at an audit  (evidence.go)
//	Policy    the same engine for the rules of an enterprise      (policy*.go)
//	Library   the promise files that are built in                 (library.go)
//
// A clause is what the company said; an indicator is our test of it. They are never merged: a clause about storage or about access by staff
// cannot be contradicted by packets, whatever its indicators show. Judge is a pure function; the day of the first recording stands for "now".
package promise
