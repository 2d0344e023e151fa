package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/text"
)

// Held is a lock held for writing, with its journal open. Its methods may be
// called from several goroutines.
type Held struct {
	path     string
	hold     *files.Hold
	journal  *journal.Writer
	folded   bool       // everything found in the journal is in the lock
	mu       sync.Mutex // guards file, recorder and dirty
	file     *File
	recorder *recorder
	size     int  // of the lock's text when it was read
	dirty    bool // something was recorded
}

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
	Adopt  bool // the lock of another plan becomes the lock of this plan
}

// Open holds the lock at path for an apply. A journal left by a crash is
// folded into the lock first. The error is a *HeldError if another apply holds it,
// a *ForeignError if it belongs to another plan, a *ChecksumError or
// diag.Errors if the content of a file is invalid, and otherwise wraps the
// system's error.
func Open(path string, o Options) (*Held, error) { return openAs(path, o, false) }

// Accept gives a lock that was edited or merged by hand the checksum of its
// present content.
func Accept(path, holder string, now func() time.Time) error {
	path, err := resolve(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h, err := openAs(path, Options{Holder: holder, Now: now}, true)
	if err != nil {
		return err
	}
	h.dirty = true
	return h.Close(len(h.file.Runs))
}

func openAs(path string, o Options, unchecked bool) (*Held, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	hold, err := acquireJournal(JournalPath(path))
	if err != nil {
		return nil, err
	}
	h := &Held{path: path, hold: hold}
	if err := h.start(o, unchecked); err != nil {
		if h.folded {
			err = errors.Join(err, files.Remove(JournalPath(path)))
		}
		return nil, errors.Join(err, h.release())
	}
	return h, nil
}

// start folds a journal left by a crash into the lock, and starts an empty journal.
// When it returns nil, the journal and its name are on disk.
func (h *Held) start(o Options, unchecked bool) error {
	left, err := h.hold.Stat()
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h.folded = left.Size() == 0
	if err := h.load(o, unchecked); err != nil {
		return err
	}
	if !h.folded { // a crash left it
		if err := sweep(h.path); err != nil {
			return err
		}
		if len(h.file.Runs) > 0 {
			if err := write(h.path, h.file); err != nil {
				return err
			}
		}
	}
	h.folded = true
	out, err := openRegular(JournalPath(h.path), os.O_RDWR)
	if err != nil {
		return err
	}
	holder := fmt.Sprintf("%s (pid %d)", o.Holder, os.Getpid())
	h.journal = journal.NewWriter(out)
	err = h.journal.Start(header{Version: Version, Plan: h.file.Plan, Holder: holder, Since: AtTime(o.Now()).rounded()})
	if err != nil {
		return err
	}
	if err := files.SyncFolder(filepath.Dir(h.path)); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// load reads the lock and the journal, and checks that this apply may hold them.
func (h *Held) load(o Options, unchecked bool) error {
	if err := h.probe(); err != nil {
		return err
	}
	f, size, intact, err := read(h.path)
	if err != nil {
		return err
	}
	if !intact && !unchecked {
		return &ChecksumError{Path: h.path}
	}
	if f.Plan != o.Plan && o.Plan != "" {
		if f.Plan != "" && !o.Adopt {
			return &ForeignError{Path: h.path, Plan: f.Plan, Want: o.Plan}
		}
		h.dirty = f.Plan != ""
		f.Plan = o.Plan
	}
	h.file, h.size, h.recorder = f, size, newRecorder(f)
	return nil
}

// probe checks that the lock can be replaced at the end.
func (h *Held) probe() error {
	f, err := openRegular(h.path, os.O_WRONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the journal next to it was created: the folder can be written
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// File returns the lock with everything recorded so far. It must not be changed,
// and must not be read while another goroutine records.
func (h *Held) File() *File { return h.file }

// Step returns a copy of the record of a step in a run, or nil.
func (h *Held) Step(run, digest string) *Step {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.file.Runs[run].ByDigest(digest); s != nil {
		c := *s
		return &c
	}
	return nil
}

// headroom is the number of bytes reserved for the additions of a run.
const headroom = 4 << 20

// Begin records the start or the continuation of a run. The run gets the next
// sequence number of the lock: as the newest activity, its parts are the last to
// be dropped. A continued run keeps its start time and its approvals, to which the
// given ones are added.
func (h *Held) Begin(run string, r Run) error {
	if h.size > maxBytes-headroom {
		return fmt.Errorf("lock: %s has %d of at most %d MiB; drop old runs with `resetplan lock prune %s`",
			h.path, h.size>>20, maxBytes>>20, text.ShellWord(h.path))
	}
	r.Started, r.Sequence = r.Started.rounded(), 0
	if was := h.file.Runs[run]; was != nil {
		r.Started = was.Started
	}
	return h.record(record{Run: run, Begin: &r})
}

// Record records a step's state with the next sequence number of the lock: before
// it is sent, with the outcome InDoubt and every previous position, and afterwards
// with its outcome. When Record returns nil, the record is on disk. The
// announcement of a send also reserves space for its outcome, so that the outcome
// is not lost if the disk fills up in between.
func (h *Held) Record(run string, s Step) error {
	s.At, s.Sequence = s.At.rounded(), 0
	if s.Undo != nil {
		undo := *s.Undo
		undo.At = undo.At.rounded()
		s.Undo = &undo
	}
	if s.Paused != nil {
		paused := *s.Paused
		paused.Since = paused.Since.rounded()
		s.Paused = &paused
	}
	return h.record(record{Run: run, Step: &s})
}

// Finish records the outcome of a run.
func (h *Held) Finish(run string, outcome RunOutcome, at time.Time) error {
	return h.record(record{Run: run, End: &end{outcome, AtTime(at)}})
}

// Close folds the journal into the lock, keeping the parts of the newest runs, and
// releases it. If nothing was recorded, the lock is unchanged. If the lock cannot
// be written, the journal remains and holds the record.
func (h *Held) Close(history int) error {
	if h.dirty {
		h.file.trim(history)
		if err := write(h.path, h.file); err != nil {
			return errors.Join(fmt.Errorf("%w; the journal next to it has the record, and the next apply folds it into the lock", err), h.release())
		}
	}
	return errors.Join(files.Remove(JournalPath(h.path)), h.release())
}

func (h *Held) release() error {
	var err error
	if h.journal != nil {
		err = h.journal.Close()
	}
	return errors.Join(err, h.hold.Close())
}

// Steps returns copies of all recorded steps, of every run.
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
