// Package audit is the spine: the document that an analysis makes and that every report is a view of.
//
// Three kinds of statement are kept apart:
//
//   - seen: an Observation or an Answer, bytes in a recording, with the Refs that prove it;
//   - said: a Claim, a row of a dataset about an address or a name, with a Citation;
//   - concluded: a Place, a Name bound to a flow, an Attribution or a Finding, with the ids it stands on ("because") and what would have
//     decided it ("missing").
//
// Check proves that every "because" leads to something in the document. Write refuses a document that fails it, Read checks too.
// Unknown is an answer and the zero value everywhere.
package audit
