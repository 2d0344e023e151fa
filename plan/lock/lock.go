// Package lock keeps the record of what was applied: the lock, its journal, and the
// exclusive hold that prevents two applies from running at once.
//
// The lock is a sorted YAML text with a checksum over its content. During an apply
// a journal is next to it: one entry per record, durable before Record returns. The
// invariant: a record is durable before the caller continues, so that after a crash
// at any moment lock and journal together hold everything that may have happened.
// Appending a record costs the same however large the lock is; the lock is written
// once, atomically, when the journal is folded into it.
//
// Where both are kept is a matter of a store (package store): files next to the plan
// (package file). Everything else is here, once for all stores.
//
// The package decides nothing about steps; what an outcome means is decided by
// the packages that plan and apply.
//
// The format of the text is described once, in fields.go, for writing and for
// reading.
package lock

import (
	"fmt"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Version is the version of the lock's format.
const Version = 1

// A File is the content of a lock: every run of one plan.
type File struct {
	Version int             `json:"version"` // 1
	Plan    string          `json:"plan"`
	Runs    map[string]*Run `json:"runs"`

	texts map[string]string // of runs that are as they were read, to be copied
	text  string            // all that was read, if a later Open may find the same; "" = it is not kept
}

// A Run is one named execution of a plan.
type Run struct {
	Document string        `json:"document"` // digest of the document's text
	Params   schema.Values `json:"params,omitempty"`
	By       string        `json:"by"` // user@host
	Started  Time          `json:"started"`
	Finished *Time         `json:"finished,omitempty"` // nil: interrupted
	Outcome  RunOutcome    `json:"outcome"`
	// Sequence orders the runs of a lock; times cannot, because clocks go back.
	Sequence  int        `json:"sequence"`
	Approvals []Approval `json:"approvals,omitempty"` // given for this run, the newest last
	Steps     []*Step    `json:"steps"`               // one per id and digest, in the order in which they were first recorded
}

// An Approval is the plan that an apply of this run was started with, so that
// the same approval given again continues with what is left of it.
type Approval struct {
	Digest string            `json:"digest"`          // of the plan that was approved
	Inputs string            `json:"inputs"`          // digest of the document and the parameters
	Steps  map[string]string `json:"steps,omitempty"` // step id -> digest of what the plan showed for it; nil in older runs
}

// RunOutcome is how a run ended.
type RunOutcome string

// The outcomes of a run.
const (
	RunApplied     RunOutcome = "applied"
	RunFailed      RunOutcome = "failed"
	RunInDoubt     RunOutcome = "in-doubt"
	RunInterrupted RunOutcome = "interrupted"
	RunUndone      RunOutcome = "undone"
)

// A Step is the recorded state of one step of a run.
type Step struct {
	ID        string  `json:"id"`
	Digest    string  `json:"digest"` // the request, in normal form
	Address   string  `json:"address"`
	Identity  string  `json:"identity,omitempty"` // identifies the target; "" = the same as Address
	Sequence  int     `json:"sequence"`           // orders the records of a lock
	Undone    int     `json:"undone,omitempty"`   // how many times the step was rolled back
	Outcome   Outcome `json:"outcome"`
	RequestID string  `json:"requestId,omitempty"`
	At        Time    `json:"at"` // when Outcome was reached
	Why       string  `json:"why,omitempty"`
	Promise   bool    `json:"promise,omitempty"` // idle: {assume: true} was relied on
	Parts     []Part  `json:"parts,omitempty"`   // sorted; nil if only the outcome is kept, or if the step is not loaded
	Paused    *Paused `json:"paused,omitempty"`  // this program paused the step's consumers and has not seen them running again
	// Evidence is what the service reported of the whole target while its consumers ran,
	// if it reports no positions; nil = nothing.
	Evidence *Evidence `json:"evidence,omitempty"`
	Undo     *Undo     `json:"undo,omitempty"` // the newest attempt to roll it back
	Replay   *Replay   `json:"replay,omitempty"`
	Return   *Undo     `json:"return,omitempty"` // the newest attempt to put it back to its former positions after the replay

	packed string // the lines of the parts, if they are not in Parts
}

// Evidence compares sums over a whole target from before a pause and from after the
// start that follows the reset.
type Evidence struct {
	Before Sum  `json:"before"`
	After  *Sum `json:"after,omitempty"` // nil: nothing newer was reported
}

// A Sum is what a service reported of all parts of a target together.
type Sum struct {
	Offset int64  `json:"offset"`
	Lag    *int64 `json:"lag,omitempty"` // nil: not reported
	At     Time   `json:"at"`            // by the service's clock
	Topic  string `json:"topic,omitempty"`
}

// SumOf returns a reported sum as it is recorded.
func SumOf(s providers.Sum) Sum {
	return Sum{Offset: s.Offset, Lag: s.Lag, At: AtTime(s.At), Topic: s.Topic}
}

// Paused is recorded before consumers are paused or stopped, and removed after they
// were seen running again.
type Paused struct {
	Doing    PauseIntent `json:"doing"`
	By       string      `json:"by"` // user@host
	Since    Time        `json:"since"`
	Workload string      `json:"workload,omitempty"` // the operator's workload that runs the consumers; "" = the service itself does
	Why      string      `json:"why,omitempty"`      // why the consumers are not running again
}

// What describes the consumers: "paused by alice@build-7 since …", or "stopped
// (workload billing) by alice@build-7 since …".
func (p *Paused) What() string {
	by := fmt.Sprintf("by %s since %s", p.By, text.Stamp(p.Since.Time))
	if p.Workload == "" {
		return "paused " + by
	}
	return fmt.Sprintf("stopped (workload %s) %s", p.Workload, by)
}

// PauseIntent is the last request to what runs the consumers: the service, or an
// operator's workload.
type PauseIntent string

// The intents about a step's consumers.
const (
	Pausing  PauseIntent = "pause"
	Starting PauseIntent = "start"
	Stopped  PauseIntent = "stopped" // as the plan requests: they are not started again until that is requested
)

// Outcome is how a step ended.
type Outcome string

// The outcomes of a step. Applied means that the service accepted the reset;
// Verified means that the new positions were read back.
const (
	Verified    Outcome = "verified"
	Applied     Outcome = "applied"
	Keep        Outcome = "keep"
	Refused     Outcome = "refused"
	Failed      Outcome = "failed"
	Overwritten Outcome = "overwritten"
	Undone      Outcome = "undone"
	InDoubt     Outcome = "in-doubt"
	NotRun      Outcome = "not-run"
)

// Done reports whether a step with this outcome must not be sent again.
func (o Outcome) Done() bool { return o == Verified || o == Applied || o == Keep }

// A Part is the recorded state of one part of a step.
type Part struct {
	Part      providers.Part     `json:"part"`
	Before    providers.Position `json:"before"`
	After     providers.Position `json:"after"`             // the target
	High      providers.Position `json:"high,omitzero"`     // the end of the log when the reset was recorded; unknown = not recorded
	Seen      providers.Position `json:"seen,omitzero"`     // the position read back; unknown = not read
	ReadUpTo  Time               `json:"readUpTo,omitzero"` // the time of the last record before Before
	Metadata  map[string]string  `json:"kept,omitempty"`    // commit metadata of Before
	LogID     string             `json:"log,omitempty"`
	Error     string             `json:"error,omitempty"`   // why the service refused this part, or who settled it as not applied
	DecidedBy string             `json:"settled,omitempty"` // who settled this part by hand while the step was in doubt
}

// An Undo is an attempt to restore a step's previous positions: to roll the step back,
// or to end a replay.
type Undo struct {
	Outcome   Outcome `json:"outcome"`
	By        string  `json:"by"`
	RequestID string  `json:"requestId,omitempty"`
	At        Time    `json:"at"`
	Why       string  `json:"why,omitempty"`
	Parts     []Part  `json:"parts,omitempty"`

	packed string // like a step's
}
