// Package survey asks the services: it holds one connection for each provider
// that a document names and a step uses, makes jobs of the document's steps,
// matches globs, identifies targets, and reads their positions.
//
// A Job is a step before it is read, a Target is a job with its latest reading.
//
// The invariant: everything that a service returns enters the program here, and
// loses the secrets of the process on the way. The package only reads: it changes
// neither a service nor a lock, and leaves what the readings mean to package
// decide.
//
// Open, Deps and Reader are stable; all other names may change in any release
// (docs/ARCHITECTURE.md, Go API).
package survey

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
)

// Deps holds a Reader's dependencies on the process: providers, clock,
// environment, user.
type Deps struct {
	Providers []providers.Provider
	Process   providers.Process
	By        string              // user@host, recorded in the lock
	Workloads map[string]Workload // of the operator's configuration, by name
	Progress  func(Event)         // called with progress events, one call at a time; may be nil
	Retry     retry.Policy        // how reads, and resets that provably did nothing, are repeated
}

// A Workload is consumers that the operator permits this program to stop and start.
type Workload interface {
	// Stop and Start return after a command has ended. If Stop fails, some of the
	// consumers may be stopped. Both may be called although there is nothing to do.
	Stop(ctx context.Context) error
	Start(ctx context.Context) error
	// Running reports whether the consumers were started, if that is known.
	Running(ctx context.Context) (running, known bool)
	// Times returns how long the service may take to report the consumers idle after a
	// stop, and active after a start.
	Times() (stopped, started time.Duration)
	// Lines returns both commands for a POSIX shell.
	Lines() (stop, start string)
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

// A Reader holds one document, and one connection for each provider that the
// document names and a step uses.
type Reader struct {
	Doc         *schema.Document
	Deps        Deps
	Connections map[string]*Connection
	progress    sync.Mutex
}

// Open checks the document. A provider is connected when the first step that uses
// it is read, so that only the selected steps need credentials. The error is
// diag.Errors if the document is invalid.
func Open(doc *schema.Document, deps Deps) (*Reader, error) {
	if errs := check.Document(doc, deps.Providers); len(errs) > 0 {
		return nil, errs
	}
	r := &Reader{Doc: doc, Deps: deps, Connections: map[string]*Connection{}}
	for _, s := range doc.Steps {
		if r.Connections[s.Provider] != nil {
			continue
		}
		kind, config := check.ProviderOf(deps.Providers, doc, s.Provider)
		c := &Connection{Kind: kind, Config: config, Caps: kind.Capabilities()}
		if i := slices.IndexFunc(doc.Providers, func(p schema.Provider) bool { return p.Name == s.Provider }); i >= 0 && doc.Providers[i].Shared {
			c.Shared, c.own = true, doc.Providers[i].Variables()
		}
		r.Connections[s.Provider] = c
	}
	return r, nil
}

// Close closes every connection.
func (r *Reader) Close() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(r.Connections)) {
		if c := r.Connections[name].Connection; c != nil {
			errs = append(errs, c.Close())
		}
	}
	r.Connections = nil
	return errors.Join(errs...)
}

// Report passes an event to the caller, if the caller has a Progress function.
func (r *Reader) Report(e Event) {
	if r.Deps.Progress == nil {
		return
	}
	r.progress.Lock()
	defer r.progress.Unlock()
	r.Deps.Progress(e)
}
