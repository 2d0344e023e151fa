// Package providers is the contract between the core of resetplan and the
// services whose consumer positions it moves.
//
// A Provider is a kind of service; a Connection reads many targets in one call
// and carries out one reset. Providers translate and report facts. They hold
// no policy: which fact blocks a step, what a guard allows and whether a move
// is worth sending is decided in package plan, once, from the Capabilities
// and Snapshots defined here.
//
// The invariant: Read has no effect on the service (it joins, touches and
// creates nothing), and Reset sends exactly the positions it is given.
//
// The package imports nothing of this module, keeps no registry and holds no
// global state; the list of providers is written by hand in providers/all.
package providers

import (
	"context"
	"log/slog"
	"time"
)

// A Provider is one kind of service, such as "kafka".
type Provider interface {
	// Type is the word that selects the provider in a document.
	Type() string
	// Capabilities is constant: the same value at every call.
	Capabilities() Capabilities
	// Target decodes and checks a step's target against the provider's
	// configuration. It needs no credentials and no network. Errors name the
	// key that is wrong.
	Target(c Config, decode func(into any) error) (Target, error)
	// Connect checks the configuration and the credentials' presence and
	// returns a connection. It does not use the network. A missing credential
	// is an error that names every variable and file looked at and wraps
	// ErrDenied.
	Connect(Config, Process) (Connection, error)
}

// Config is one entry under a document's `providers:`.
type Config struct {
	Name        string               // its key in the document
	Decode      func(into any) error // fills a struct with JSON tags from the provider's own keys
	Endpoint    string               // a URL that overrides where the service is reached; "" = the vendor's
	Insecure    bool                 // http:// beyond loopback was allowed in writing
	Timeout     time.Duration        // of one request; never 0
	RateLimit   float64              // requests a second; 0 = the service's documented limit
	Credentials Credentials          // names, never values
}

// Credentials say where a provider's secrets are looked up. The zero value
// means the vendor's own tools' variables and files.
type Credentials struct {
	Profile string            // a profile of the vendor's credentials file
	Env     map[string]string // credential field -> environment variable name
}

// Process is what a provider may know of the process around it.
type Process struct {
	Getenv func(string) string
	Home   string // the user's home folder, for credentials files
	Now    func() time.Time
	Log    *slog.Logger // one record a request: method, address, request id, duration; never a secret
	// Secrets is told of every credential that is read or computed; nil = nobody
	// has to be kept from seeing them.
	Secrets *Secrets
}

// A Connection talks to one configured service. Its methods may be called
// from several goroutines.
type Connection interface {
	// Read returns one Snapshot a request, in the order asked, each with its
	// own error. It joins, touches and creates nothing, and sends a request
	// for each part only where the service tells of them one by one.
	Read(ctx context.Context, reqs []ReadRequest) []Snapshot

	// Reset moves one target to the positions given and decides nothing. It
	// is sent once: never retried once it may have reached the service.
	//
	// A nil error means the service accepted at least one part; parts that it
	// refused carry their own error in the Receipt. A non-nil error means
	// that nothing was moved, unless it wraps ErrInDoubt: then the move may
	// have happened.
	Reset(ctx context.Context, m Move) (Receipt, error)

	// Close frees what the connection holds. It is called once.
	Close() error
}

// A Target is what a step moves: a group's positions on some topics, a
// pipeline. Its concrete type belongs to the provider.
type Target interface {
	// Address names the target for people:
	// "kafka:broker:9092/orders-billing/orders". The same target has the
	// same address, however its document spells it.
	Address() string
	// Identity is what the target is, whatever names lead to it, and its key in
	// the lock: "kafka:CLUSTER-ID/orders-billing/orders". It holds no endpoint.
	// Where the service has an id of its own that only it knows, Identity is the
	// address until an Identifier has filled the id in.
	Identity() string
	// Group is the name of the consumer group that the target moves, as the
	// service knows it; "" if the service has no groups.
	Group() string
	// Overlaps reports whether both targets name a common part, as far as
	// that can be told offline. Targets of other connections are compared by
	// their contents: two names for one service are one service. Two identified
	// targets are compared by their identities.
	Overlaps(Target) bool
}

// An Identifier is a Connection to a service that has an id of its own, which
// no plan names (Kafka: the cluster id).
type Identifier interface {
	// Identify returns t with the service's id filled in, so that its Identity is
	// the same whatever names lead to the service. It asks the service once per
	// connection. Errors are those of a Snapshot.
	Identify(ctx context.Context, t Target) (Target, error)
}

// A ReadRequest asks for a target's present state.
type ReadRequest struct {
	Target Target
	// Resolve lists positions to translate, per part, into positions that the
	// service can be reset to: a time, or PlaceOf another group.
	Resolve []Position
	// Bytes and LowTime ask for these facts of each part, where the service
	// tells them of all parts in a few requests; elsewhere they stay unknown.
	Bytes, LowTime bool
	// New adds the topics that match a glob of the target and on which the
	// group has no commit. A topic named in full is always read.
	New bool
	// Also lists parts to read even if a glob, or a target without topics, does
	// not select them at present: the parts of a recorded step that removed the
	// commits. Services that select no parts by their commits ignore it.
	Also []Part
	// Only, where it is set, asks for nothing but the committed positions of
	// these parts: a reset is being read back. Everything else may be absent.
	Only []Part
}

// A Snapshot is a target's state as the service reports it at one moment.
// It holds facts; whether a fact blocks a step is not decided here.
type Snapshot struct {
	GroupState GroupState // whether the group exists and has ever committed
	Activity   Activity
	Parts      []PartReading // sorted by Part; empty where the service reports none
	Missing    []Missing     // what the target names and the service does not have
	Orphans    []PartReading // commits of the target on parts that are not there any more: only Part and Committed
	Notes      []string      // sentences a person should read beside the figures
	// Err means the snapshot could not be taken. It wraps one of the kinds in
	// this package; ErrUnsupported and ErrPrecondition mean that the service
	// answered and this target cannot be reset (a share group, a broadcast
	// consumer).
	Err error
}

// GroupState tells what is known of a group's past.
type GroupState uint8

const (
	GroupUnknown GroupState = iota // the service cannot tell
	Absent                         // no such group
	Blank                          // the group exists and has no committed position anywhere
	Committed                      // the group has committed positions
)

// A PartReading is the state of one part. Positions that the service does not
// report are the zero Position.
type PartReading struct {
	Part Part
	Low  Position // the oldest position that can still be read
	High Position // where the next record will be written
	// LowTime is when the first record from Low on was written, where it was
	// asked for or the service told it along the way; zero = not known.
	LowTime   time.Time
	Bytes     *int64   // of the whole log as the service stores it once; nil = not known
	Committed Position // Unset where the group never committed here
	// ReadUpTo is when the last record before Committed was written, where
	// the service tells it; zero = not known. A rollback by time goes by it.
	ReadUpTo time.Time
	// Metadata is what the service keeps beside the commit and a rollback
	// restores to the letter (Kafka: "metadata", "leaderEpoch").
	Metadata map[string]string
	// LogID identifies the log itself where the service has such an id: the
	// same name with another id is another log (Kafka: the topic id).
	LogID string
	// Resolved tells where the positions asked for are. One is absent where
	// the service could not tell.
	Resolved []Resolution
}

// Resolution returns where a position asked for is; zero where the service
// could not tell.
func (r *PartReading) Resolution(asked Position) Resolution {
	for _, one := range r.Resolved {
		if one.Asked == asked {
			return one
		}
	}
	return Resolution{}
}

// A Resolution is where a position that was asked for is, on one part.
type Resolution struct {
	Asked Position
	// Found is Latest where nothing lies at or after a time, and Unset where
	// the other group has no position. Where the service cannot be given the
	// exact position, it is where its own reset to Asked would lead.
	Found Position
	Time  time.Time // when the record at Found was written, where the service told it along the way
}

// Missing is a name in a target that the service does not know.
type Missing struct {
	What  string   // "group", "topic", "partition", "shard"
	Name  string   // "orders", "orders/77"
	Known []string // the names that do exist, as far as the service lists them
	Fresh []string // of a glob that selects nothing: the topics that ReadRequest.New would add
}

// Activity is what a service tells about a target's consumers.
type Activity struct {
	State   State
	Why     string   // the service's own word and how it is known: "Stable (consumer protocol)"
	Members []Member // those that the service names
}

// State says whether consumers are at work.
type State uint8

const (
	UnknownState State = iota
	Idle
	Active
)

func (s State) String() string { return [...]string{"unknown", "idle", "active"}[s] }

// A Member is a live consumer as far as the service names it.
type Member struct{ ID, Client, Host string }

// A Move is a reset as data: what is to stand where.
type Move struct {
	Target Target
	To     []PartMove // sorted by Part; one with the zero Part = the whole target
}

// A PartMove puts one part at a position.
type PartMove struct {
	Part     Part
	Position Position
	Metadata map[string]string // to write beside the position; nil = empty
	LogID    string            // the log this was planned for; "" = not known
}

// A Receipt is the service's answer to a Reset.
type Receipt struct {
	RequestID string       // "" where the service has none
	Parts     []PartResult // sorted by Part; empty where the service says nothing of parts
}

// A PartResult is one part's outcome.
type PartResult struct {
	Part     Part
	Position Position // where the service says it put it; zero where it does not say
	Err      error    // the service refused this part; it stands where it stood
}

// A Pauser stops and starts a target's consumers, where the service itself
// runs them.
type Pauser interface {
	// Pause stops them and returns once the service tells that they are.
	// Errors are those of Reset.
	Pause(ctx context.Context, t Target) error
	// Start starts them again with the settings that a document gives, and
	// returns once the service tells that they run.
	Start(ctx context.Context, t Target, settings map[string]any) error
}

// A Lister knows the names of groups, for globs.
type Lister interface {
	// Groups returns every group's name the caller may see, sorted.
	Groups(ctx context.Context) ([]string, error)
}

// A Sizer can tell what a move would mean beyond what Read tells.
type Sizer interface {
	// Size returns, for each request and in its order, the parts it can tell
	// about. It may read records but never as a member of a group, and what is
	// not permitted is left out: an error means that nothing can be told.
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

// A PartSize is what one part's move would mean. What was not asked for or is
// not known is zero.
type PartSize struct {
	Part      Part
	Oldest    time.Time  // of the first record at or after the target; zero also where there is no record
	Retention *Retention // nil = not known
}

// Retention is what a service removes of a log by itself; a limit that does
// not hold is zero. It removes no sooner than the limits say, and often later.
type Retention struct {
	Age   time.Duration // records older than this
	Bytes int64         // the oldest records of a log larger than this
}

// A Scripter is a Provider that knows how a person makes a move by hand, with
// the vendor's own command line client, on the day when this program is not at
// hand. The knowledge stands beside the code that speaks the same API, and on
// the Provider: it needs no network and no credentials.
type Scripter interface {
	// Script tells how to make exactly the move that Reset would send. It
	// holds no secret, only names of variables and files. The error says what
	// the client cannot be told.
	Script(c Config, m Move) (Script, error)
}

// A Script is how a person makes a move.
type Script struct {
	First []string // what to have or to make sure of before, a sentence each
	// Commands are for a POSIX shell, in their order. Whatever stands in
	// them, names included, is quoted. One may take several lines.
	Commands []string
}
