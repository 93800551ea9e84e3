// Package session makes and checks session folders: the evidence of one run of an app.
//
// In: packets and events of a recorder, and what is known of the app, the device and the place. Out: a folder that survives a crash, says
// what was recorded and how, and can be checked by a stranger:
//
//	session.json            written once at the start, never changed
//	events.jsonl            append-only; every line holds the SHA-256 of the line before it, the first one that of session.json
//	capture/000001.pcapng   segments; each names the SHA-256 of the one before it
//	secrets/, import/       key logs and untouched originals, if any
//	manifest.json           at the end: every file with its SHA-256
//	manifest.json.minisig   a signature, if there is a key
//
// The chain shows order and omission, the manifest the content, the signature the holder of a key. None of them shows when: the clock is the
// recording machine's.
//
// Create and its Writer make a session, Recover closes one whose recorder was killed, Verify names the first broken link, Export makes a copy
// for others, Open reads one. This package knows nothing of sources (capture/recorder).
package session
