package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// A HeldError means that another apply holds the lock.
type HeldError struct {
	Path   string
	Holder string // "alice@build-7 (pid 4711)"; "" where it has not told yet
	Since  time.Time
}

func (e *HeldError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("%s is held by another apply", e.Path)
	}
	return fmt.Sprintf("%s is held by %s since %s", e.Path, e.Holder, e.Since.UTC().Format(time.RFC3339))
}

// Held is a lock that is held for writing, with its journal open. Its methods
// may be called from several goroutines.
type Held struct {
	path  string
	hold  *flock.Flock
	out   *os.File
	spent bool       // all that the journal held when it was taken is in the lock
	mu    sync.Mutex // guards file, dirty, end, room and promised
	file  *File
	dirty bool  // something was recorded
	end   int64 // where the next line goes
	room  int64 // bytes of the journal that the disk has given
	// promised is the room kept for the outcomes of what is under way, by run
	// and digest.
	promised map[string]int64
	sync     sync.Mutex   // guards broken, and is held by the one who syncs
	saved    atomic.Int64 // bytes that are on disk
	broken   error        // a sync failed: what the disk holds is not known any more
}

// Open holds the lock at path for an apply of the named plan. A journal left
// by a crash is folded into the lock first. The error is a *HeldError where
// another holds it, schema.Faults where a file's content is at fault, and
// wraps the system's where the folder cannot be written.
func Open(path, plan, holder string, now func() time.Time) (*Held, error) {
	if s, err := os.Stat(path); err == nil && s.IsDir() {
		return nil, fmt.Errorf("lock: %s is a folder; --lock names a file", path)
	}
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	hold, err := take(journalPath(path))
	if err != nil {
		return nil, err
	}
	h := &Held{path: path, hold: hold, promised: map[string]int64{}}
	if err := h.start(header{Version: Version, Plan: plan, Holder: fmt.Sprintf("%s (pid %d)", holder, os.Getpid()), Since: stamp(now())}); err != nil {
		if h.spent {
			err = errors.Join(err, os.Remove(journalPath(path)))
		}
		return nil, errors.Join(err, h.release())
	}
	return h, nil
}

// take holds the journal itself. A journal that its last holder removed
// between our opening and our holding it is not the journal any more.
func take(journal string) (*flock.Flock, error) {
	for {
		hold := flock.New(journal, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
		ok, err := hold.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if !ok {
			return nil, heldBy(journal)
		}
		ours, err1 := hold.Stat()
		there, err2 := os.Stat(journal)
		if err1 == nil && err2 == nil && os.SameFile(ours, there) {
			return hold, nil
		}
		if err := hold.Close(); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
	}
}

// start folds what a crash left, and begins the journal anew. When it returns
// nil, the journal and its name are on disk.
func (h *Held) start(first header) error {
	left, err := h.hold.Stat()
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h.spent = left.Size() == 0
	if err := h.probe(); err != nil {
		return err
	}
	if h.file, err = Read(h.path); err != nil {
		return err
	}
	h.file.Plan = first.Plan
	if !h.spent { // a crash left it
		if err := sweep(h.path); err != nil {
			return err
		}
		if len(h.file.Runs) > 0 {
			if err := write(h.path, h.file); err != nil {
				return err
			}
		}
	}
	h.spent = true
	if h.out, err = os.OpenFile(journalPath(h.path), os.O_RDWR, 0); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := h.out.Truncate(0); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := h.begin(first); err != nil {
		return err
	}
	return syncDir(filepath.Dir(h.path))
}

// probe makes sure that the lock will be replaceable when all is done.
func (h *Held) probe() error {
	f, err := os.OpenFile(h.path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the journal beside it was made: the folder can be written
	}
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return f.Close()
}

// File is the present truth: the lock with all that was recorded. It is not
// to be changed, and not to be read while another goroutine records.
func (h *Held) File() *File { return h.file }

// Step returns a copy of what a run knows of a step, or nil.
func (h *Held) Step(run, digest string) *Step {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.file.Runs[run].ByDigest(digest); s != nil {
		c := *s
		return &c
	}
	return nil
}

// Begin records that a run begins, or goes on.
func (h *Held) Begin(run string, r Run) error {
	r.Started = stamp(r.Started)
	if was := h.file.Runs[run]; was != nil {
		r.Started = was.Started
	}
	return h.record(record{Run: run, Begin: &r})
}

// Record records a step's state: before it is sent, with the outcome InDoubt
// and every position it stands at, and after it with its outcome. When Record
// returns nil, the record is on disk; what announces a send also has room kept
// for its outcome, so that a disk that fills up in between cannot lose it.
func (h *Held) Record(run string, s Step) error {
	s.At = stamp(s.At)
	if s.Undo != nil {
		undo := *s.Undo
		undo.At = stamp(undo.At)
		s.Undo = &undo
	}
	return h.record(record{Run: run, Step: &s})
}

// Finish records how a run ended.
func (h *Held) Finish(run string, outcome RunOutcome, at time.Time) error {
	return h.record(record{Run: run, End: &end{outcome, at}})
}

// Close folds the journal into the lock, keeping the parts of the newest
// runs, and lets go. Where nothing was recorded the lock is left as it is.
// Where the lock cannot be written the journal stays and holds the truth.
func (h *Held) Close(history int) error {
	if h.dirty {
		h.file.trim(history)
		if err := write(h.path, h.file); err != nil {
			return errors.Join(fmt.Errorf("%w; the journal beside it keeps what was done, and the next apply folds it in", err), h.release())
		}
	}
	return errors.Join(os.Remove(journalPath(h.path)), h.release())
}

func (h *Held) release() error {
	var err error
	if h.out != nil {
		err = h.out.Close()
	}
	return errors.Join(err, h.hold.Close())
}
