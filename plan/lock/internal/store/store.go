// Package store is the contract between a lock and the place that keeps it.
//
// A store keeps two things: the text of the lock, and a journal of the records that
// were appended since the text was last replaced. It knows the format of neither.
// What a record means, how records are folded into the text, checksums and history
// are in package lock, once for all stores.
//
// The invariants, which package storetest checks for every store:
//
//   - a record is durable when Append returns nil (a deferred one: when the next
//     that is not deferred is), and from then on is in the text
//     or in the journal of every Read, whatever fails, until Replace has made a text
//     that contains it durable;
//   - at most one Hold can write at any time. A Hold that was lost, for example
//     because its process was suspended and its lease expired, can write nothing more;
//   - the text is replaced as a whole or not at all.
//
// Folding records that the text already contains changes nothing, so a store may
// return such records after an interrupted Replace.
package store

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/resetplan/resetplan/schema/diag"
)

// A Store keeps one lock. Its methods return an error that names the lock; a lock
// that does not exist yet is no error.
type Store interface {
	// Name returns the lock's name in messages and commands: its path or its URL.
	Name() string

	// Read returns text and journal without holding the lock, while others may write.
	// Both are of one moment: a record that was durable when Read began is in one of
	// them. It changes nothing.
	Read(ctx context.Context) (Content, error)

	// Holder returns the present holder, or nil. It changes nothing.
	Holder(ctx context.Context) (*HeldError, error)

	// Hold acquires the lock for writing, without waiting. It checks that the store
	// can be written. The error is a *HeldError if another holder has it; after any
	// error nothing is held and nothing was changed.
	Hold(ctx context.Context, by Owner) (Hold, error)
}

// A Hold is a lock held for writing. Append may be called from several goroutines,
// the other methods only while no call of the Hold is under way. If the Hold was
// lost, all of them return a *LostError and change nothing.
type Hold interface {
	// Read returns text and journal: what the last holder left, until Start.
	Read(ctx context.Context) (Content, error)

	// Start starts a new, empty journal for a plan. The old one is dropped: it had no
	// records, or Replace has put them into the text. When Start returns nil,
	// Store.Holder returns the owner. The new journal is durable with its first record.
	Start(ctx context.Context, plan string) error

	// Append adds a record to the journal, durably unless it is deferred. Records of calls that wait at the same time
	// may become durable together; a record is after those whose Append had returned.
	// After an error the record may be in the journal or not, and later calls may
	// fail permanently. A store that cannot know whether earlier records are durable fails.
	Append(ctx context.Context, e Entry) error

	// Replace replaces the text, durably and atomically. The journal stays until Start
	// or Release. The writer is used only during the call, and the text is discarded if
	// write returns an error.
	Replace(ctx context.Context, write func(io.Writer) error) error

	// Release ends the hold. If the text contains every record of the journal (folded),
	// the journal is dropped; otherwise it is kept for the next holder, as after a crash,
	// and its deferred records are durable.
	// A journal that was never started is not kept.
	Release(ctx context.Context, folded bool) error
}

// A Leased hold ends if it is not renewed. Other holds end only with their process.
type Leased interface {
	// Sending returns a context for one request that must not reach a service after the
	// lease has expired. The error is a *LostError if it has.
	Sending(ctx context.Context) (context.Context, context.CancelFunc, error)
}

// Content is what a store keeps.
type Content struct {
	Text    []byte   // of the lock; nil = the lock does not exist
	Journal *Journal // nil = there is none
}

// A Journal is what was recorded since the text was replaced: an apply holds the lock,
// or ended without folding its records.
type Journal struct {
	Plan    string // for which it was started; "" = unknown
	Records []Record
}

// A Record is the JSON object of an Entry, as read. A store may add a key "saved".
type Record struct {
	Value []byte
	File  string // the file or object that has it
	Line  int    // in File; 0 = the whole of it
}

// Damaged returns the error for an invalid record.
func (r Record) Damaged() error {
	if r.Line == 0 {
		return diag.Errors{{File: r.File, Reason: "this record of the journal is damaged",
			Remedy: "compare the group's positions with the records around it, then remove it"}}
	}
	return diag.Errors{{File: r.File, Line: r.Line, Column: 1, Reason: "this line of the journal is damaged, and its record is lost",
		Remedy: "compare the group's positions with the lines around it, then remove the line"}}
}

// An Entry is a record to append.
type Entry struct {
	Value   []byte // a JSON object with at least one key, on one line
	Subject string // what the record is about, such as a step of a run
	// Reserve announces that another record about the subject must follow, up to twice
	// as long. A store whose space can run out keeps room for it, so that the outcome
	// of a reset that was sent is not lost.
	Reserve bool
	// Deferred means that the record may become durable later: with the next one that is
	// not deferred, or in the text. If nothing follows, losing it does no harm.
	Deferred bool
	// Outcome means that the record may use all room that was kept: it is the announced
	// one, or the end of a run.
	Outcome bool
}

// An Owner is the process that holds a lock.
type Owner struct {
	Name  string    // "alice@build-7 (pid 4711)"
	Since time.Time // by its own clock; only shown
}

// A HeldError means that another apply holds the lock.
type HeldError struct {
	Path   string // what is held: the journal's path, or the lock's URL
	Holder string // the owner's name; "" while it has not written its name yet
	Since  time.Time
	// Lease is how long the lock stays held after the end of a process that did not
	// release it; 0 = not at all.
	Lease time.Duration
}

func (e *HeldError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("%s is held by another apply", e.Path)
	}
	return fmt.Sprintf("%s is held by %s since %s", e.Path, e.Holder, e.Since.UTC().Format(time.RFC3339))
}

// A LostError means that a hold was lost: its lease expired, or another process wrote
// in its place. Nothing was written.
type LostError struct {
	Name string // of the lock
	By   string // the present holder; "" = unknown
}

func (e *LostError) Error() string {
	if e.By == "" {
		return fmt.Sprintf("%s is no longer held by this apply: its lease expired", e.Name)
	}
	return fmt.Sprintf("%s is no longer held by this apply: %s holds it now", e.Name, e.By)
}
