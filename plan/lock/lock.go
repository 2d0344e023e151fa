// Package lock keeps the record of what was applied: the lock file, its journal,
// and the exclusive hold that prevents two applies from running at once.
//
// The lock is a sorted YAML file next to the plan, with a checksum over its
// content. During an apply a journal is next to it: one line per record, synced
// before Record returns. The invariant: a record is on disk before the caller
// continues, so that after a crash at any moment lock and journal together hold
// everything that may have happened. Appending a line to the journal costs the
// same however large the lock is; the lock is written once, atomically, when the
// journal is folded into it.
//
// An apply holds the journal with an OS file lock; the journal's first line names
// the holder. The journal exists only during an apply and after a crash.
//
// The package decides nothing about steps; what an outcome means is decided by
// the packages that plan and apply.
package lock

// Version is the version of the lock's format.
const Version = 1
