// Package providers is the contract between the core of resetplan and the
// services whose consumer positions it moves.
//
// A Provider is a kind of service; a Connection reads many targets in one call
// and sends one reset. Providers translate and report facts. They have no policy:
// which fact blocks a step, what a guard allows and whether a move is worth
// sending is decided once, in package plan, from the Capabilities and Snapshots
// defined here.
//
// The invariant: Read has no effect on the service (it joins, touches and
// creates nothing), and Reset sends exactly the positions it is given.
//
// The package imports nothing of this module, keeps no registry and holds no
// global state; the list of providers is written by hand in providers/all.
//
// Process is stable; all other names may change in any release (docs/ARCHITECTURE.md,
// Go API).
package providers

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"time"
)

// A Provider is one kind of service, such as "kafka".
type Provider interface {
	// Type is the word that selects the provider in a document.
	Type() string
	// Capabilities is constant: the same value at every call.
	Capabilities() Capabilities
	// Target decodes and checks a step's target against the provider's
	// configuration. It needs no credentials and no network. What is wrong with a
	// key is a *KeyError; an error of decode is returned as it is.
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
	Insecure    bool                 // the document allows http:// beyond loopback
	Timeout     time.Duration        // of one request; never 0
	RateLimit   float64              // requests a second; 0 = the service's documented limit
	Credentials Credentials          // names, never values

	Folder   string // at which relative paths of clientProperties start: the document's; "" = the current one
	Operator bool   // the keys are those of a command line, not of a plan that another person may have written
}

// Credentials name the places of a provider's secrets. The zero value means the
// variables and files of the vendor's own tools.
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
	// Reach returns an error of kind ErrForbidden if the operator does not permit to
	// contact an address, "host:port". It is called before any connection to a service,
	// or to what issues its credentials, is opened; nil = every address is permitted.
	Reach func(address string) error
	// AllowEnv are variables, with globs, that the operator's configuration permits plans
	// to name, and ConfigFile is that file, for messages; "" = none.
	AllowEnv   []string
	ConfigFile string
	// Secrets receives every credential that is read or computed; nil = nothing has
	// to be hidden.
	Secrets *Secrets
}

// MayReach is Reach, which may be nil.
func (p Process) MayReach(address string) error {
	if p.Reach == nil {
		return nil
	}
	return p.Reach(address)
}

// MayReachURL is MayReach for the host and the port of a URL.
func (p Process) MayReachURL(u *url.URL) error {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return p.MayReach(net.JoinHostPort(u.Hostname(), port))
}

// A Connection talks to one configured service. Its methods may be called
// from several goroutines.
type Connection interface {
	// Read returns one Snapshot per request, in the order of the requests, each with
	// its own error. It joins, changes and creates nothing, and sends a request per
	// part only if the service has no other way.
	Read(ctx context.Context, reqs []ReadRequest) []Snapshot

	// Reset moves one target to the given positions and decides nothing. It is sent
	// once: never again after it may have reached the service.
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
	// If the service has an id that only it knows, Identity is the address until an
	// Identifier has filled in the id.
	Identity() string
	// Group is the name of the consumer group that the target moves, as the
	// service knows it; "" if the service has no groups.
	Group() string
	// SameGroup reports whether both targets are positions of one group of one service:
	// then parts with the same name are the same part. Targets of other connections are
	// compared by their contents: two names for one service are one service. Two
	// identified targets are compared by their identities.
	SameGroup(Target) bool
	// Overlaps reports whether both targets are of the same group and name a common
	// part, as far as that is known offline.
	Overlaps(Target) bool
}

// A Move is a reset as data: the new position of each part.
type Move struct {
	Target Target
	To     []PartMove // sorted by Part; one with the zero Part = the whole target
	// Parts are those that were planned if To has one position for the whole target,
	// sorted: a service that needs several calls for them sends none for others. Nil =
	// what the target selects at present.
	Parts []Part
}

// A PartMove puts one part at a position.
type PartMove struct {
	Part     Part
	Position Position
	Metadata map[string]string // to write with the position; nil = empty
	LogID    string            // the log this was planned for; "" = not known
}

// A Receipt is the service's answer to a Reset.
type Receipt struct {
	RequestID string       // "" if the service has none
	Parts     []PartResult // sorted by Part; empty if the service reports nothing about parts
}

// A PartResult is one part's outcome.
type PartResult struct {
	Part     Part
	Position Position // the new position as the service reports it; zero = not reported
	Err      error    // the service refused this part; it was not moved
}
