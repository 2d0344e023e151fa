package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
)

// World holds a Reconciler's dependencies on the process: providers, clock,
// environment, user.
type World struct {
	Providers []providers.Provider
	Env       providers.Process
	By        string       // user@host, recorded in the lock
	Progress  func(Event)  // called with progress events, one call at a time; may be nil
	Retry     retry.Policy // how reads, and resets that provably did nothing, are repeated
}

// An Event is a progress event.
type Event struct {
	Step  string // a step's id; "" = the whole plan
	Kind  EventKind
	Text  string // a sentence
	Done  int    // steps finished, if steps are counted
	Total int
}

// EventKind is the kind of an Event.
type EventKind string

// The kinds of events.
const (
	Reading  EventKind = "reading"
	Waiting  EventKind = "waiting"
	Sending  EventKind = "sending"
	Settling EventKind = "settling"
	Finished EventKind = "finished"
	// Recalculated is always shown: the figures differ from the approved ones.
	Recalculated EventKind = "recalculated"
)

// A Reconciler holds one document, and one connection for each provider that the
// document names and a step uses.
type Reconciler struct {
	doc      *schema.Document
	world    World
	conns    map[string]*connection
	progress sync.Mutex
}

// A connection is a provider's connection with its capabilities and its secrets.
type connection struct {
	mu                   sync.Mutex
	providers.Connection // nil until it is opened
	kind                 providers.Provider
	config               providers.Config
	caps                 providers.Capabilities
	secrets              *providers.Secrets // values that must not be shown
}

// open connects, unless it is already connected. It does not use the network.
func (c *connection) open(name string, env providers.Process) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets = env.Secrets
	if c.Connection == nil {
		if c.Connection, err = c.kind.Connect(c.config, env); err != nil {
			return fmt.Errorf("provider %s: %w", name, c.secrets.HideError(err))
		}
	}
	return nil
}

// Open checks the document. A provider is connected when the first step that uses
// it is read, so that only the selected steps need credentials. The error is
// schema.Faults if the document is invalid.
func Open(doc *schema.Document, w World) (*Reconciler, error) {
	if faults := Check(doc, w.Providers); len(faults) > 0 {
		return nil, faults
	}
	r := &Reconciler{doc: doc, world: w, conns: map[string]*connection{}}
	for _, s := range doc.Steps {
		if r.conns[s.Provider] != nil {
			continue
		}
		kind, config := find(w.Providers, doc, s.Provider)
		r.conns[s.Provider] = &connection{kind: kind, config: config, caps: kind.Capabilities()}
	}
	return r, nil
}

// Close closes every connection.
func (r *Reconciler) Close() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(r.conns)) {
		if c := r.conns[name].Connection; c != nil {
			errs = append(errs, c.Close())
		}
	}
	r.conns = nil
	return errors.Join(errs...)
}

// tell passes an event to the caller, if the caller has a Progress function.
func (r *Reconciler) tell(e Event) {
	if r.world.Progress == nil {
		return
	}
	r.progress.Lock()
	defer r.progress.Unlock()
	r.world.Progress(e)
}

// find returns the provider and the configuration for a name of the document; the
// provider is nil if its type is not one of the given ones.
func find(all []providers.Provider, doc *schema.Document, name string) (providers.Provider, providers.Config) {
	at := slices.IndexFunc(doc.Providers, func(p schema.Provider) bool { return p.Name == name })
	if at < 0 {
		return nil, providers.Config{}
	}
	p := doc.Providers[at]
	config := providers.Config{
		Name: p.Name, Decode: decoder(p.Config), Endpoint: p.Endpoint, Insecure: p.Insecure,
		Timeout: p.Timeout, RateLimit: p.RateLimit,
		Credentials: providers.Credentials{Profile: p.Credentials.Profile, Env: p.Credentials.Env},
	}
	for _, kind := range all {
		if kind.Type() == p.Type {
			return kind, config
		}
	}
	return nil, config
}

// decoder fills a struct from a JSON value and refuses keys that the struct
// does not have.
func decoder(value map[string]any) func(into any) error {
	return func(into any) error {
		raw, err := json.Marshal(value)
		if err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "json: "))
		}
		return nil
	}
}
