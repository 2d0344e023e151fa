package plan

import (
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// FormatVersion is the version of the JSON form of a Plan.
const FormatVersion = 1

// A Plan is what will be done, as data. Apply reads nothing but the plan and
// the state of the services; it decides nothing that stands here.
type Plan struct {
	FormatVersion int           `json:"formatVersion"`
	Name          string        `json:"plan"`
	Run           string        `json:"run"`
	Undo          bool          `json:"undo,omitempty"` // the plan takes a run's steps back
	Digest        string        `json:"digest"`
	Document      string        `json:"document"` // digest of the document's text
	CreatedAt     time.Time     `json:"createdAt"`
	Params        schema.Values `json:"params,omitempty"`
	Summary       Summary       `json:"summary"`
	Steps         []Step        `json:"steps"`
	// File and Source are the document itself, in a saved plan only.
	File   string `json:"file,omitempty"`
	Source string `json:"source,omitempty"`

	work []*work // behind each step, where the plan was made by this process
}

// Summary counts a plan's steps by action, the partitions that move and the
// records that their moves cover.
type Summary struct {
	Reset      int   `json:"reset"`
	Keep       int   `json:"keep"`
	Done       int   `json:"done"`
	Blocked    int   `json:"blocked"`
	Partitions int   `json:"partitions"`
	Replay     int64 `json:"replay"`
	Skip       int64 `json:"skip"`
	Unknown    int   `json:"unknown"` // parts whose effect cannot be told
	Bound      Bound `json:"bound"`   // upper where any count is
}

// Action is what apply will do with a step.
type Action string

// The actions of a step.
const (
	Reset   Action = "reset"
	Keep    Action = "keep"    // stands there already
	Done    Action = "done"    // this run has applied it
	Blocked Action = "blocked" // refused; Why says by what
)

// Effect is what a move does to one part.
type Effect string

// The effects of a move. Replayed records are delivered again; skipped ones
// never.
const (
	EffectReplay  Effect = "replay"
	EffectSkip    Effect = "skip"
	EffectSet     Effect = "set" // nothing was committed before
	EffectKeep    Effect = "keep"
	EffectUnknown Effect = "unknown"
)

// Bound says how to read a count: "exact" or "upper" (up to).
type Bound string

// The bounds of a count.
const (
	BoundExact Bound = "exact"
	BoundUpper Bound = "upper"
)

// A Step is one target and where it goes.
type Step struct {
	ID       string   `json:"id"`
	Provider string   `json:"provider"`
	Type     string   `json:"type"`
	Address  string   `json:"address"`
	Digest   string   `json:"digest"` // what was asked, in normal form
	To       string   `json:"to"`     // what was asked, in words: "timestamp 2026-11-18T00:00:00Z"
	Action   Action   `json:"action"`
	Why      string   `json:"why"` // a sentence; for Blocked the reason and the remedy
	Warnings []string `json:"warnings"`
	Activity string   `json:"activity"`          // unknown, idle or active
	InDoubt  bool     `json:"inDoubt,omitempty"` // Blocked, because an earlier send may have happened
	Parts    []Part   `json:"parts"`
	Waits    bool     `json:"waits,omitempty"`  // Reset, once the consumers are as the service needs them
	Pauses   bool     `json:"pauses,omitempty"` // Reset, while the service itself pauses the consumers
	Impact   *Impact  `json:"impact,omitempty"` // nil where the service gives no figures

	promise bool         // Reset, because the user promised it
	settles lock.Outcome // what an outcome in doubt is found to be; "" = nothing to settle
}

// An Impact is what a step's reset means for its consumers and its log. What
// is not known is nil.
type Impact struct {
	Bytes   *int64     `json:"bytes,omitempty"`   // to be delivered again, about
	Oldest  *time.Time `json:"oldest,omitempty"`  // when the first record to be delivered was written
	Rate    *float64   `json:"rate,omitempty"`    // records a second that the consumers take
	Arrival *float64   `json:"arrival,omitempty"` // records a second that are added, by two readings
	Sample  string     `json:"sample,omitempty"`  // what two readings showed, in words
	CatchUp *int64     `json:"catchUp,omitempty"` // seconds until they have read all
	Race    string     `json:"race,omitempty"`    // how retention races them, in words
}

// A Part is one partition, queue or shard of a step. Positions are zero
// ("unknown") where they are not known; numbers that are not known are nil.
type Part struct {
	Part      providers.Part     `json:"part"`
	Low       providers.Position `json:"low"`
	High      providers.Position `json:"high"`
	Before    providers.Position `json:"before"`
	After     providers.Position `json:"after"`
	Lands     providers.Position `json:"lands,omitzero"` // where an After that the service itself finds is expected to lead
	Effect    Effect             `json:"effect"`
	Count     *int64             `json:"count,omitempty"`
	Bound     Bound              `json:"bound,omitempty"`
	LagBefore *int64             `json:"lagBefore,omitempty"`
	LagAfter  *int64             `json:"lagAfter,omitempty"`
	Note      string             `json:"note,omitempty"` // "clamped from offset:999", "ends before the time asked for"
	LogID     string             `json:"log,omitempty"`  // the log this was planned for, where it has an id

	kept     map[string]string // to write beside After; nil = nothing
	standing map[string]string // what stands beside Before
	readUpTo time.Time         // when the last record before Before was written
}
