// Package web shows audits and comparisons in a browser on the same machine.
//
// In: a folder; every audit.json, compare.json and session folder below it is shown, whoever made the folders. Out: an http.Handler with the
// pages of package reports, lists of all destinations and flows in parts, the walk to the evidence, the history of an app, what a session
// folder says of itself, and a search over all audits.
//
// It only reads. A request must name the address that is listened on (Host), must not come from another site (Origin, Sec-Fetch-Site), and
// must carry a random token in its path, so that neither another page in the same browser nor another user of the machine can ask. No part of
// a path or a query ever becomes a part of a file name: what can be shown has a number, and nothing else can be asked for.
package web
