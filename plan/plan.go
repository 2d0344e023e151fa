// Package plan holds what a review approves, as data: a Plan with its Steps,
// Parts and Summary, its digest and its JSON form, and the two errors that end a
// plan early, Refusal and Incomplete.
//
// The invariant: a value of this package is equal to itself after saving and
// loading. There are no hidden fields, no connections and no clock, and nothing
// here decides: a Plan says what was decided. The targets behind a plan are in
// package reconcile (Prepared).
//
// The life of a plan is in the packages below this folder. Imports go one way:
//
//		text, lock < plan < decide < check < survey < impact < track < reconcile, draft < watch, doctor < exchange, view < cmd
//
//	  - text formats numbers, times and foreign text; lock records what was done.
//	  - decide compares a step with a reading of its target. It is pure.
//	  - check finds, offline, what is wrong in a document.
//	  - survey holds the connections and reads the targets.
//	  - impact works out what a reset means for the consumers.
//	  - track follows the consumers of a step from reading to reading.
//	  - reconcile plans, applies, rolls back and compares: the only package that
//	    moves anything.
//	  - draft writes plans; watch and doctor observe; exchange reads the formats of
//	    other tools; view renders the results and computes no figures.
//	  - plantest is the service and the clock of the tests, and modelcheck compares
//	    random histories with a model.
//
// Plan, Step, Part and Summary are stable in the fields that have a name in JSON, and
// so are Refusal and Incomplete; all other names may change in any release
// (docs/ARCHITECTURE.md, Go API).
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// FormatVersion is the version of the JSON form of a Plan.
const FormatVersion = 1

// Plan is the full, printable description of what Apply will do. Apply never
// changes these decisions. A Plan that was saved and read again is equal to the
// one in memory.
type Plan struct {
	FormatVersion int       `json:"formatVersion"`
	Name          string    `json:"plan"`
	Run           string    `json:"run"`
	Undo          bool      `json:"undo,omitempty"` // the plan rolls a run back
	Digest        string    `json:"digest"`
	Document      string    `json:"document"` // digest of the document's text
	CreatedAt     time.Time `json:"createdAt"`
	CreatedBy     string    `json:"createdBy,omitempty"` // user@host
	// Description and Labels say why: they are the document's.
	Description string            `json:"description,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Params      schema.Values     `json:"params,omitempty"`
	Summary     Summary           `json:"summary"`
	Steps       []Step            `json:"steps"`
	// LeftPaused describes consumers that this program paused for a step that is
	// not part of the plan.
	LeftPaused []string `json:"leftPaused,omitempty"`
	// LeftReplaying describes replays that are not over and that no apply of the document
	// continues, because it does not have their step any more.
	LeftReplaying []string `json:"leftReplaying,omitempty"`
	// File and Source are the document itself and Lock its lock, relative to the
	// saved plan; in a saved plan only.
	File   string `json:"file,omitempty"`
	Source string `json:"source,omitempty"`
	Lock   string `json:"lock,omitempty"`
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
	Set        int   `json:"set"`               // parts that get their first commit
	Removed    int   `json:"removed,omitempty"` // parts whose commit is removed: the consumer's default decides at its next start
	Unknown    int   `json:"unknown"`           // parts whose effect is unknown
	Bound      Bound `json:"bound"`             // upper if any count is
	// Units divides Replay and Skip by what they count; absent if they count records
	// only.
	Units []Amount `json:"units,omitempty"`
}

// An Amount is what moves cover, in one unit.
type Amount struct {
	Unit   string `json:"unit"` // in the singular: "record", "log group"
	Replay int64  `json:"replay"`
	Skip   int64  `json:"skip"`
}

// Action is what apply will do with a step.
type Action string

// The actions of a step.
const (
	Reset   Action = "reset"
	Keep    Action = "keep"    // already at the target
	Done    Action = "done"    // applied in this run
	Blocked Action = "blocked" // refused; Why has the reason
)

// Effect is what a move does to one part.
type Effect string

// The effects of a move. Replayed records are delivered again; skipped ones
// never.
const (
	EffectReplay  Effect = "replay"
	EffectSkip    Effect = "skip"
	EffectSet     Effect = "set"    // nothing was committed before
	EffectRemove  Effect = "remove" // nothing is committed afterwards
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

// A Step is one target and its new positions.
type Step struct {
	ID       string     `json:"id"`
	Provider string     `json:"provider"`
	Type     string     `json:"type"`
	Address  string     `json:"address"`
	Identity string     `json:"identity,omitempty"` // identifies the target independent of the names that lead to it; "" = the same as Address
	Group    string     `json:"group,omitempty"`    // the consumer group of the target; "" = the service has none
	Digest   string     `json:"digest"`             // what was requested, in normal form
	To       string     `json:"to"`                 // the requested target as text: "timestamp 2026-11-18T00:00:00Z"
	Relative string     `json:"relative,omitempty"` // the requested time as written, if it is relative to now: the digest then changes by the minute
	At       *time.Time `json:"at,omitempty"`       // the requested time; nil if the target is not a time
	Action   Action     `json:"action"`
	Why      string     `json:"why"` // a sentence; for Blocked the reason and the remedy
	// RolledBack is how often this run has rolled the step back: a rollback ends
	// earlier approvals.
	RolledBack  int      `json:"rolledBack,omitempty"`
	Warnings    []string `json:"warnings"`
	Activity    string   `json:"activity"`              // unknown, idle or active
	InDoubt     bool     `json:"inDoubt,omitempty"`     // Blocked, because an earlier send may have taken effect
	Overwritten bool     `json:"overwritten,omitempty"` // Blocked, because another client committed over it in this run
	Error       string   `json:"error,omitempty"`       // Blocked, because the target could not be read
	Paused      string   `json:"paused,omitempty"`      // the consumers are paused by this program: since when and by whom
	Parts       []Part   `json:"parts"`
	Waits       bool     `json:"waits,omitempty"`       // Reset, once the consumers are as the service needs them
	Approximate bool     `json:"approximate,omitempty"` // the service is sent times near the requested positions
	Pauses      bool     `json:"pauses,omitempty"`      // Reset, while the service itself pauses the consumers
	Impact      *Impact  `json:"impact,omitempty"`      // nil if the service gives no figures
	// Until is what the consumers have to pass after the reset, "former", "offset:300" or
	// "time:…", and Then what follows: "nothing", "stop" or "return"; "" = the step ends
	// with the reset. Phase is set if the reset was applied and the replay is not over.
	Until string `json:"until,omitempty"`
	Then  string `json:"then,omitempty"`
	Phase string `json:"phase,omitempty"`
	// Stopped is set if the consumers were stopped at the end of a replay, and stay so
	// until they are started on request: since when and by whom, as text.
	Stopped string `json:"stopped,omitempty"`

	later *later // set while the parts are not loaded
}

// An Impact is the effect of a step's reset on its consumers. Unknown figures are
// nil.
type Impact struct {
	Bytes  *int64     `json:"bytes,omitempty"`  // delivered again, estimated
	Oldest *time.Time `json:"oldest,omitempty"` // when the first of these records was written
	// LogStart is when the oldest record was written that the logs still have, and
	// Retention the number of seconds after which they delete records; of several
	// logs the earliest and the shortest.
	LogStart  *time.Time `json:"logStart,omitempty"`
	Retention *int64     `json:"retention,omitempty"`
	Rate      *float64   `json:"rate,omitempty"`    // records per second that the consumers read
	Arrival   *float64   `json:"arrival,omitempty"` // records per second that producers add, from two readings
	Sample    string     `json:"sample,omitempty"`  // the result of two readings, as text
	CatchUp   *int64     `json:"catchUp,omitempty"` // seconds until they have read all
	Race      string     `json:"race,omitempty"`    // whether retention overtakes them, as text
}

// A Part is one partition, queue or shard of a step. Unknown positions are zero
// ("unknown"); unknown numbers are nil.
type Part struct {
	Part   providers.Part     `json:"part"`
	Low    providers.Position `json:"low"`
	High   providers.Position `json:"high"`
	Before providers.Position `json:"before"`
	After  providers.Position `json:"after"`
	Lands  providers.Position `json:"lands,omitzero"` // the expected position for an After that the service itself resolves
	// UpTo is set if that position is not known exactly: it is Lands, UpTo or between
	// them. Count is then the largest possible number.
	UpTo   providers.Position `json:"upTo,omitzero"`
	Wanted providers.Position `json:"wanted,omitzero"` // the requested position, if After is only near it
	Effect Effect             `json:"effect"`
	Count  *int64             `json:"count,omitempty"`
	// OrReplay is set if a skip may turn out as a replay, because of UpTo: the largest
	// number of records that would be delivered again.
	OrReplay  *int64 `json:"orReplay,omitempty"`
	Bound     Bound  `json:"bound,omitempty"`
	Unit      string `json:"unit,omitempty"` // what Count counts, in the singular; "" = "record"
	LagBefore *int64 `json:"lagBefore,omitempty"`
	LagAfter  *int64 `json:"lagAfter,omitempty"`
	Note      string `json:"note,omitempty"` // "clamped from offset:999"
	LogID     string `json:"log,omitempty"`  // the log this was planned for, if it has an id
	// FromLow is how far each position is after Low, if they are cursors.
	FromLow map[providers.Position]int64 `json:"fromLow,omitempty"`
}

// InDoubt reports whether a step is blocked because an earlier send of it may
// have taken effect, or because another client has committed over it.
func (p *Plan) InDoubt() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.InDoubt || s.Overwritten })
}

// Paused reports whether consumers are left paused by this program.
func (p *Plan) Paused() bool {
	return len(p.LeftPaused) > 0 || slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Paused != "" })
}

// Unfinished reports whether an apply of the plan leaves something unfinished that it
// cannot end: a step in doubt or overwritten, consumers that are paused, or a replay.
func (p *Plan) Unfinished() bool { return p.InDoubt() || p.Paused() || len(p.LeftReplaying) > 0 }

// Replaying reports whether the replay of a step that was applied is not over.
func (p *Plan) Replaying() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Phase != "" })
}

// Destination returns a part's target as a position in its log, as far as it is known
// before the reset.
func (p *Part) Destination() providers.Position {
	if p.Lands.IsZero() {
		return p.After
	}
	return p.Lands
}

// MoveText describes the effect of the move: "skip 6 records".
func (p *Part) MoveText() string {
	if p.Count == nil {
		return string(p.Effect)
	}
	out := string(p.Effect) + " " + text.Plural(int(*p.Count), UnitName(p.Unit))
	if p.OrReplay != nil {
		out += " or replay " + text.Plural(int(*p.OrReplay), UnitName(p.Unit))
	}
	return out
}

// UnitName returns the singular of what a unit counts: "record" for "".
func UnitName(unit string) string { return cmp.Or(unit, "record") }

// HasRecords reports whether a part may have records after the target.
func (p *Part) HasRecords() bool { return p.LagAfter == nil || *p.LagAfter != 0 }

// WithRecords leaves out the parts with no record after the target.
func WithRecords(s Step) Step {
	if slices.ContainsFunc(s.Parts, func(p Part) bool { return !p.HasRecords() }) {
		s.Parts = slices.DeleteFunc(slices.Clone(s.Parts), func(p Part) bool { return !p.HasRecords() })
	}
	return s
}
