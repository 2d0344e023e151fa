package lock

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/plan/text"
)

// Held is a lock held for writing. Its methods may be called from several goroutines.
type Held struct {
	name     string
	hold     store.Hold
	folded   bool       // everything found in the journal is in the lock
	mu       sync.Mutex // guards file, recorder, reserved and dirty
	file     *File
	recorder *recorder
	reserved map[string]bool // the store keeps room for another record about these subjects
	size     int             // of the lock's text when it was read
	dirty    bool            // something was recorded
}

// A HeldError means that another apply holds the lock.
type HeldError = store.HeldError

// A LostError means that an apply no longer holds the lock.
type LostError = store.LostError

// A ForeignError means that a lock belongs to another plan.
type ForeignError struct {
	Path string
	Plan string // the plan it belongs to
	Want string // the plan to apply
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("%s is the lock of plan %s, not of %s; choose another lock with --lock, or use --adopt if the plan was renamed",
		e.Path, e.Plan, e.Want)
}

// Options are the plan and the process for which a lock is opened.
type Options struct {
	Plan   string // its name; "" = any plan
	Holder string // user@host
	Now    func() time.Time
	Adopt  bool  // the lock of another plan becomes the lock of this plan
	Read   *File // the lock as ReadRun has returned it; if it is unchanged, it is not parsed again; nil = not read yet
}

// Open holds a lock for an apply. A journal left by a crash is folded into the lock
// first. The error is a *HeldError if another apply holds it, a *ForeignError if it
// belongs to another plan, a *ChecksumError or diag.Errors if its content is invalid,
// and otherwise wraps the store's error.
func Open(ctx context.Context, location string, o Options) (*Held, error) {
	s, err := storeAt(location)
	if err != nil {
		return nil, err
	}
	return openIn(ctx, s, o, false)
}

// Accept gives a lock that was edited or merged by hand the checksum of its
// present content.
func Accept(ctx context.Context, location, holder string, now func() time.Time) error {
	s, err := storeAt(location)
	if err != nil {
		return err
	}
	h, err := openIn(ctx, s, Options{Holder: holder, Now: now}, true)
	if err != nil {
		return err
	}
	h.dirty = true
	return h.Close(len(h.file.Runs))
}

// openIn holds the lock of a store. accept requires a lock, but no correct checksum.
func openIn(ctx context.Context, s store.Store, o Options, accept bool) (*Held, error) {
	hold, err := s.Hold(ctx, store.Owner{Name: fmt.Sprintf("%s (pid %d)", o.Holder, os.Getpid()), Since: o.Now()})
	if err != nil {
		return nil, err
	}
	h := &Held{name: s.Name(), hold: hold, reserved: map[string]bool{}}
	if err := h.start(ctx, o, accept); err != nil {
		return nil, errors.Join(err, h.release(h.folded))
	}
	return h, nil
}

// start folds a journal left by a crash into the lock, and starts an empty journal.
func (h *Held) start(ctx context.Context, o Options, accept bool) error {
	c, err := h.hold.Read(ctx)
	if err != nil {
		return err
	}
	h.folded = c.Journal == nil
	if accept && c.Text == nil {
		return fmt.Errorf("lock: %s: %w", h.name, fs.ErrNotExist)
	}
	if err := h.load(c, o, accept); err != nil {
		return err
	}
	if !h.folded && len(h.file.Runs) > 0 {
		if err := h.write(ctx); err != nil {
			return err
		}
	}
	h.folded = true
	return h.hold.Start(ctx, h.file.Plan)
}

// load reads the lock and the journal, and checks that this apply may hold them.
func (h *Held) load(c store.Content, o Options, unchecked bool) error {
	selected := selection(nothing)
	if unchecked {
		selected = everything
	}
	f, intact, err := o.Read.again(c), true, error(nil)
	if f == nil || unchecked {
		f, intact, err = read(h.name, c, selected)
	}
	if err != nil {
		return err
	}
	if !intact && !unchecked {
		return &ChecksumError{Path: h.name}
	}
	if f.Plan != o.Plan && o.Plan != "" {
		if f.Plan != "" && !o.Adopt {
			return &ForeignError{Path: h.name, Plan: f.Plan, Want: o.Plan}
		}
		h.dirty = f.Plan != ""
		f.Plan = o.Plan
	}
	h.file, h.size, h.recorder = f, len(c.Text), newRecorder(f)
	return nil
}

// Sending returns a context for one request that changes something, after what it does
// was recorded. If the lock is in an object store, the context ends with the lease:
// the request must not reach the service after another apply has taken the lock over.
// The error is a *LostError if one has.
func (h *Held) Sending(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if leased, ok := h.hold.(store.Leased); ok {
		return leased.Sending(ctx) //nolint:wrapcheck // it names the lock
	}
	return ctx, func() {}, nil
}

// File returns the lock with everything recorded so far. It must not be changed,
// and must not be read while another goroutine records. Its steps are not loaded,
// except those that are undecided or failed: Step returns one with its parts.
func (h *Held) File() *File { return h.file }

// Step returns a copy of the record of a step in a run, with its parts, or nil.
func (h *Held) Step(run, digest string) *Step {
	s := h.Recorded(run, digest)
	if s != nil {
		s.Load()
	}
	return s
}

// Recorded returns a copy of the record of a step in a run, or nil. It is loaded only if
// it is undecided or failed.
func (h *Held) Recorded(run, digest string) *Step {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.file.Runs[run] == nil {
		return nil
	}
	at, ok := h.recorder.index(run).at[digest]
	if !ok {
		return nil
	}
	s := *h.file.Runs[run].Steps[at]
	return &s
}

// Loaded returns a copy of the lock in which the steps of a run are loaded.
func (h *Held) Loaded(run string) *File {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := *h.file
	f.Runs = maps.Clone(f.Runs)
	if r := f.Runs[run]; r != nil {
		c := *r
		c.Steps = slices.Clone(c.Steps)
		for i, s := range c.Steps {
			step := *s
			step.Load()
			c.Steps[i] = &step
		}
		f.Runs[run] = &c
	}
	return &f
}

// headroom is the number of bytes reserved for the additions of a run.
const headroom = 4 << 20

// Begin records the start or the continuation of a run. The run gets the next
// sequence number of the lock: as the newest activity, its parts are the last to
// be dropped. A continued run keeps its start time and its approvals, to which the
// given ones are added. The record is durable with that of the first step.
func (h *Held) Begin(run string, r Run) error {
	if h.size > maxBytes-headroom {
		return fmt.Errorf("lock: %s has %d of at most %d MiB; drop old runs with `resetplan lock prune %s`",
			h.name, h.size>>20, maxBytes>>20, text.ShellWord(h.name))
	}
	r.Started, r.Sequence = r.Started.rounded(), 0
	if was := h.file.Runs[run]; was != nil {
		r.Started = was.Started
	}
	return h.record(record{Run: run, Begin: &r})
}

// Record records a step's state with the next sequence number of the lock: before
// it is sent, with the outcome InDoubt and every previous position, and afterwards
// with its outcome. When Record returns nil, the record is durable. The
// announcement of a send also reserves space for its outcome, so that the outcome
// is not lost if the disk fills up in between.
func (h *Held) Record(run string, s Step) error {
	s.At, s.Sequence = s.At.rounded(), 0
	s.roundTimes()
	if s.settled() {
		s.pack()
	} else {
		s.Load()
	}
	return h.record(record{Run: run, Step: &s})
}

// Finish records the outcome of a run. It is durable when Close returns.
func (h *Held) Finish(run string, outcome RunOutcome, at time.Time) error {
	return h.record(record{Run: run, End: &end{outcome, AtTime(at)}})
}

// Close folds the journal into the lock, keeping the parts of the newest runs, and
// releases it. If nothing was recorded, the lock is unchanged. If the lock cannot
// be written, the journal remains and holds the record.
func (h *Held) Close(history int) error {
	if h.dirty {
		h.file.trim(history)
		if err := h.write(context.Background()); err != nil {
			return errors.Join(fmt.Errorf("%w; what this apply recorded is in the journal, and the next apply folds it into the lock", err), h.release(false))
		}
	}
	return h.release(true)
}

func (h *Held) release(folded bool) error { return h.hold.Release(context.Background(), folded) }

// write replaces the lock's text. If the text would be too large to be read again,
// fewer runs keep their parts.
func (h *Held) write(ctx context.Context) error {
	sum := measure(h.file)
	for history := len(h.file.Runs) / 2; sum.size > maxBytes || h.file.count(everything) > maxParts; history /= 2 {
		if history == 0 {
			return fmt.Errorf("lock: %s would exceed its limit of %d MiB; drop old runs with `resetplan lock prune %s`",
				h.name, maxBytes>>20, text.ShellWord(h.name))
		}
		h.file.trim(history)
		sum = measure(h.file)
	}
	return h.hold.Replace(ctx, func(w io.Writer) error { return h.file.writeTo(w, sum.checksum()) })
}

// Steps returns copies of all recorded steps, of every run, which are not loaded.
func (h *Held) Steps() []Step {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Step
	for _, r := range h.file.Runs {
		for _, s := range r.Steps {
			out = append(out, *s)
		}
	}
	return out
}
