// Package live shows a session while it is recorded.
//
// In: the segments that a recorder has written so far, and the recorder's status. Out: a Table of endpoints, and the lines of a screen.
//
// A Viewer makes tables. A segment that is closed is audited once and remembered as one row an address; only the segment that is being written
// is audited again, from its beginning. So a pass costs at most one segment, however long the recording is, and its memory is bounded by
// MaxFlows and MaxRows. The price: a flow that goes on in the next segment is seen anew there (its names are kept by address).
//
// A Worker runs a Viewer in a child process, so that no packet can harm the recorder: a crash, or silence, becomes an event of the session and
// the child is started again, a few times. Write is the child's side.
//
// A table is a preview. What it says of places is worded as the audit would word it (analyze/locate), of the packets so far.
package live
