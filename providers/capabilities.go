package providers

import "time"

// Capabilities is what one kind of service can do. Validation, the matrix in
// the README, `resetplan providers` and the conformance suite all read this
// one value.
type Capabilities struct {
	// Moves holds the kinds of position that Reset can be given, and how
	// finely. A kind that is not here cannot be sent.
	Moves map[Kind]Grain
	// Resolves holds the kinds that Read translates into an exact position,
	// so that they can be reached if Moves has that exact kind per part.
	Resolves map[Kind]bool
	// Approximates holds the kinds of exact position that Reset cannot be given and
	// that Read translates into a time near them (Resolution.Send): Offset (by
	// ReadRequest.Approach, also for shifts and rollbacks) and Group (by
	// ReadRequest.Resolve). The core offers them only to a
	// step with approximate: true. Moves must have Time.
	Approximates map[Kind]bool

	Reads    Trust // committed positions
	Bounds   Trust // low and high boundary
	Activity Trust // whether consumers are active

	Counts Bound // how the distance between two positions counts records
	// Unit is what a distance counts, in the singular: "log group", "message";
	// "" = "record".
	Unit string
	// Order compares and shifts positions; zero = they are offsets, or cannot be
	// compared.
	Order Order `json:"-"`

	// Needs is the activity that the service requires for a reset: Idle,
	// Active, or UnknownState for any.
	Needs State
	// Undo is how well a position that was read can be restored.
	Undo Trust
	// Settle is how long a reset's effect may take to become readable;
	// 0 = at once.
	Settle time.Duration
	// ReadsOwnWrites means that a read after an accepted reset shows it: what is
	// still at its previous position then was written by another client.
	ReadsOwnWrites bool
	// NeedsGroup means that the service resets only groups that exist, so that
	// guards.allowNew cannot prepare one. Notes["allowNew"] is the remedy.
	NeedsGroup bool
	// CanPause means that the service runs the consumers itself: connections are
	// Pausers. Otherwise Notes["idle.pause"] is the remedy.
	CanPause bool
	// Selects lists the keys of a target that name several targets, outermost first,
	// if connections are Listers; nil = a step names one target. A step becomes one
	// job for each combination of names, "rewind[access-log/etl]".
	Selects []Selector
	// Credentials are the variables and files that Connect reads credentials from
	// unless the document names others, in the order in which it searches them.
	Credentials []string
	// Notes has a note for every thing the service cannot do, by the word a person
	// would use in a plan: "earliest", "shift", "partitions", "groups", "idle.pause".
	// A note is for people: no decision depends on whether there is one.
	Notes map[string]Note
}

// A Note is a fact about a service, and what to write instead.
type Note struct {
	Fact   string // "kafka has offsets, not cursors"
	Remedy string // "use offsets or another form"; "" = the fact needs none
}

// IsZero reports whether there is no note.
func (n Note) IsZero() bool { return n == Note{} }

// String returns the note as one sentence.
func (n Note) String() string { return sentence(n.Fact, n.Remedy) }

// A Selector is a key of a document's target that accepts several names and globs
// instead of one name. The key is not part of what Provider.Target decodes: the
// core fills One with each name.
type Selector struct {
	Key string // the key that accepts names and globs: "groups", "logstores"
	One string // the key of a single target that it replaces: "group", "logstore"
	// Permission is what credentials need to list the names, as the service calls
	// it: without it some services answer with an empty list instead of an error;
	// "" = none of its own.
	Permission string
}

// Grain is how finely a kind of position can be placed.
type Grain uint8

const (
	NoGrain     Grain = iota
	WholeTarget       // one position for all parts
	PerPart           // each part its own
)

func (g Grain) String() string { return [...]string{"no", "whole target", "per part"}[g] }

// Trust is how far an answer can be believed.
type Trust uint8

const (
	No       Trust = iota
	Inferred       // concluded from hints
	Exact          // reported
)

func (t Trust) String() string { return [...]string{"no", "inferred", "exact"}[t] }

// Bound is how to read a count of records.
type Bound uint8

const (
	UpperBound Bound = iota // positions, of which some may hold no record
	ExactCount
)

func (b Bound) String() string { return [...]string{"upper", "exact"}[b] }
