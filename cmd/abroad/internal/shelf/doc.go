// Package shelf keeps a workspace: one folder for the sessions, audits and datasets of many apps, and an index over the audits.
//
//	.abroad-workspace                     says that this is one
//	sessions/<app>/<version>/<id>/        session folders
//	audits/<app>/<version>/<id>/          audit folders; app and version are read from the audit, the path is for people
//	datasets/                             a dataset directory
//	index.sqlite                          may be deleted at any time
//
// In: the folders. Out: answers from the index. The folders are the truth: whenever the index is opened it is compared with them (names,
// sizes and times of the audits), what changed is read again, and an index that is damaged or of another schema is made anew.
package shelf
