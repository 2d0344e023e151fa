// Package lock keeps the proof of what was done: the lock file, its journal
// and the hold that keeps two applies apart.
//
// The lock is a sorted YAML file next to the plan, with a checksum over its
// content. During an apply there is a journal next to it: one line a record, synced before Record returns. The
// invariant: what was recorded is on disk before the caller goes on, so that
// after a crash at any moment lock and journal together tell everything that
// may have happened. A journal line is an addition, whose cost does not grow
// with what was recorded before; the lock is written once, atomically, when
// the journal is folded into it.
//
// The journal is also what is held: an OS file lock on it keeps a second
// apply out, and its first line names the holder. It exists only during an
// apply and after a crash.
//
// The package decides nothing about steps; what an outcome means is decided
// in package plan.
package lock

import "time"

// Version is the version of the lock's format.
const Version = 1

// stamp cuts a time to what the lock keeps: milliseconds, UTC.
func stamp[T time.Time | moment](t T) time.Time { return time.Time(t).UTC().Truncate(time.Millisecond) }
