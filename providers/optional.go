package providers

import (
	"context"
	"time"
)

// What only some services can do is an optional interface of the Connection, or of
// the Provider. Each has a case in the conformance suite.

// An Identifier is a Connection to a service that has an id of its own, which
// no plan names (Kafka: the cluster id).
type Identifier interface {
	// Identify returns t with the service's id filled in, so that its Identity is
	// the same whatever names lead to the service. It asks the service once per
	// connection. Errors are those of a Snapshot.
	Identify(ctx context.Context, t Target) (Target, error)
}

// A Pauser stops and starts a target's consumers, if the service itself runs them.
type Pauser interface {
	// Pause stops them and returns once the service reports them as stopped. Errors
	// are those of Reset.
	Pause(ctx context.Context, t Target) error
	// Start starts them again with the settings of a document, and returns once the
	// service reports them as running.
	Start(ctx context.Context, t Target, settings map[string]any) error
}

// A Lister knows the names that a key of a target can have, for globs. Its
// provider's Capabilities.Selects lists the keys.
type Lister interface {
	// Names returns every name that a key can have and the caller may see, sorted,
	// each once. key is the One of a Selector ("consumerGroup"). within has the names
	// of the selectors before it, by their One ({"logstore": "access-log"}): the
	// names are those within them. It is called once for each key and within, for
	// all steps of a connection, and only if a step has a glob. Errors are those of
	// a Snapshot: ErrNotFound if a name of within does not exist.
	Names(ctx context.Context, key string, within map[string]string) ([]string, error)
}

// A Sizer reports more about the effect of a move than Read does.
type Sizer interface {
	// Size returns, for each request and in its order, the parts it knows more about. It
	// may read records but never as a member of a group. What is not permitted is left
	// out; an error means that nothing is known.
	Size(ctx context.Context, reqs []SizeRequest) []Size
}

// A SizeRequest asks what a move would mean.
type SizeRequest struct {
	Move      Move
	Oldest    bool // when the first record at each target was written
	Retention bool // what the service removes by itself
}

// A Size is what a move would mean.
type Size struct {
	Parts []PartSize // sorted by Part
	Err   error
}

// A PartSize is what one part's move would mean. What was not requested or is
// unknown is zero.
type PartSize struct {
	Part      Part
	Oldest    time.Time  // of the first record at or after the target; zero also if there is no record
	Retention *Retention // nil = not known
}

// Retention is what a service removes from a log by itself; zero = no such limit. It
// removes no sooner than the limits allow, and often later.
type Retention struct {
	Age   time.Duration // records older than this
	Bytes int64         // the oldest records of a log larger than this
}

// A Scripter is a Provider that can write a move as commands of the vendor's own
// command line client, for when this program is not available. It needs no network
// and no credentials.
type Scripter interface {
	// Script writes exactly the move that Reset would send. It contains no secret, only
	// names of variables and files. The error says what the client cannot do; a move
	// that Reset refuses as ErrUnsupported is refused here, too.
	Script(c Config, m Move) (Script, error)
}

// A Script is a move as commands.
type Script struct {
	First []string // what to check or install first, one sentence each
	// Commands are for a POSIX shell, in their order. All values in them, names
	// included, are quoted. A command may have several lines.
	Commands []string
}
