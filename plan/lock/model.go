package lock

import (
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A File is the content of a lock: every run of one plan.
type File struct {
	Version int             `yaml:"version" json:"version"` // 1
	Plan    string          `yaml:"plan" json:"plan"`
	Runs    map[string]*Run `yaml:"runs" json:"runs"`
}

// A Run is one named execution of a plan.
type Run struct {
	Document string        `yaml:"document" json:"document"` // digest of the document's text
	Params   schema.Values `yaml:"params,omitempty" json:"params,omitempty"`
	By       string        `yaml:"by" json:"by"` // user@host
	Started  time.Time     `yaml:"started" json:"started"`
	Finished *time.Time    `yaml:"finished,omitempty" json:"finished,omitempty"` // nil: cut off
	Outcome  RunOutcome    `yaml:"outcome" json:"outcome"`
	Steps    []*Step       `yaml:"steps" json:"steps"` // one an id and digest, in the order first recorded
}

// RunOutcome is how a run ended.
type RunOutcome string

// The outcomes of a run.
const (
	RunApplied     RunOutcome = "applied"
	RunFailed      RunOutcome = "failed"
	RunInDoubt     RunOutcome = "in-doubt"
	RunInterrupted RunOutcome = "interrupted"
)

// A Step is what a run knows of one step.
type Step struct {
	ID        string    `yaml:"id" json:"id"`
	Digest    string    `yaml:"digest" json:"digest"` // what was asked, in normal form
	Address   string    `yaml:"address" json:"address"`
	Outcome   Outcome   `yaml:"outcome" json:"outcome"`
	RequestID string    `yaml:"requestId,omitempty" json:"requestId,omitempty"`
	At        time.Time `yaml:"at" json:"at"` // when Outcome was reached
	Why       string    `yaml:"why,omitempty" json:"why,omitempty"`
	Promise   bool      `yaml:"promise,omitempty" json:"promise,omitempty"` // idle: {assume: true} was relied on
	Parts     []Part    `yaml:"parts,omitempty" json:"parts,omitempty"`     // sorted; nil where only the outcome is kept
	Undo      *Undo     `yaml:"undo,omitempty" json:"undo,omitempty"`       // the newest attempt to take it back
}

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
	Part   providers.Part     `yaml:"part" json:"part"`
	Before providers.Position `yaml:"before" json:"before"`
	After  providers.Position `yaml:"after" json:"after"`                   // what was asked for
	Seen   providers.Position `yaml:"seen,omitempty" json:"seen,omitzero"`  // what was read back; unknown = not read
	Kept   map[string]string  `yaml:"kept,omitempty" json:"kept,omitempty"` // what stood beside Before
	LogID  string             `yaml:"log,omitempty" json:"log,omitempty"`
	Error  string             `yaml:"error,omitempty" json:"error,omitempty"` // the service refused this part
}

// An Undo is an attempt to put a step's parts back where they stood.
type Undo struct {
	Outcome   Outcome   `yaml:"outcome" json:"outcome"`
	By        string    `yaml:"by" json:"by"`
	RequestID string    `yaml:"requestId,omitempty" json:"requestId,omitempty"`
	At        time.Time `yaml:"at" json:"at"`
	Why       string    `yaml:"why,omitempty" json:"why,omitempty"`
	Parts     []Part    `yaml:"parts,omitempty" json:"parts,omitempty"`
}
