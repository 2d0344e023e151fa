package lock

import (
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A File is the content of a lock: every run of one plan.
type File struct {
	Version int             `json:"version"` // 1
	Plan    string          `json:"plan"`
	Runs    map[string]*Run `json:"runs"`
}

// A Run is one named execution of a plan.
type Run struct {
	Document string        `json:"document"` // digest of the document's text
	Params   schema.Values `json:"params,omitempty"`
	By       string        `json:"by"` // user@host
	Started  time.Time     `json:"started"`
	Finished *time.Time    `json:"finished,omitempty"` // nil: interrupted
	Outcome  RunOutcome    `json:"outcome"`
	// Sequence orders the runs of a lock by when they began: clocks go back.
	Sequence  int        `json:"sequence"`
	Approvals []Approval `json:"approvals,omitempty"` // of this run, the newest last
	Steps     []*Step    `json:"steps"`               // one an id and digest, in the order first recorded
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

// A Step is what a run knows of one step.
type Step struct {
	ID        string    `json:"id"`
	Digest    string    `json:"digest"` // what was asked, in normal form
	Address   string    `json:"address"`
	Identity  string    `json:"identity,omitempty"` // what the target is; "" = the same as Address
	Sequence  int       `json:"sequence"`           // orders the records of a lock: clocks go back
	Undone    int       `json:"undone,omitempty"`   // how many times the step was rolled back
	Outcome   Outcome   `json:"outcome"`
	RequestID string    `json:"requestId,omitempty"`
	At        time.Time `json:"at"` // when Outcome was reached
	Why       string    `json:"why,omitempty"`
	Promise   bool      `json:"promise,omitempty"` // idle: {assume: true} was relied on
	Parts     []Part    `json:"parts,omitempty"`   // sorted; nil where only the outcome is kept
	Paused    *Paused   `json:"paused,omitempty"`  // the step's consumers were paused by us and not yet seen running again
	Undo      *Undo     `json:"undo,omitempty"`    // the newest attempt to roll it back
}

// Paused is recorded before a pause is sent and removed after the consumers
// were seen running again.
type Paused struct {
	Doing PauseIntent `json:"doing"`
	By    string      `json:"by"` // user@host
	Since time.Time   `json:"since"`
	Why   string      `json:"why,omitempty"` // why it did not conclude
}

// PauseIntent is what was last sent to the service that runs the consumers.
type PauseIntent string

// The intents about a step's consumers.
const (
	Pausing  PauseIntent = "pause"
	Starting PauseIntent = "start"
)

// Outcome is how a step ended.
type Outcome string

// The outcomes of a step. Applied means that the service said yes; Verified,
// that it was read back and found so.
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

// Done reports whether a step with this outcome is not to be sent again.
func (o Outcome) Done() bool { return o == Verified || o == Applied || o == Keep }

// A Part is what became of one part of a step.
type Part struct {
	Part     providers.Part     `json:"part"`
	Before   providers.Position `json:"before"`
	After    providers.Position `json:"after"`             // the target
	High     providers.Position `json:"high,omitzero"`     // the log's end when the reset was recorded; unknown = not recorded
	Seen     providers.Position `json:"seen,omitzero"`     // what was read back; unknown = not read
	ReadUpTo time.Time          `json:"readUpTo,omitzero"` // when the last record before Before was written
	Metadata map[string]string  `json:"kept,omitempty"`    // what stood beside Before
	LogID    string             `json:"log,omitempty"`
	Error    string             `json:"error,omitempty"`   // the service refused this part, or it was settled as not applied
	Settled  string             `json:"settled,omitempty"` // who decided by hand, while the step was in doubt, whether this part was applied
}

// An Undo is an attempt to put a step's parts back where they stood.
type Undo struct {
	Outcome   Outcome   `json:"outcome"`
	By        string    `json:"by"`
	RequestID string    `json:"requestId,omitempty"`
	At        time.Time `json:"at"`
	Why       string    `json:"why,omitempty"`
	Parts     []Part    `json:"parts,omitempty"`
}
