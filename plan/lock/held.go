package lock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
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
	mu    sync.Mutex // guards file, end and room
	file  *File
	end   int64 // where the next line goes
	room  int64 // bytes of the journal that the disk has given
	sync  sync.Mutex
	saved int64 // bytes that are on disk
	dirty bool  // something was recorded
}

// reserve is how much room is taken ahead of every line, so that a full disk
// shows before something is sent and not when its outcome is recorded.
const reserve = 64 << 10

// Open holds the lock at path for an apply of the named plan. A journal left
// by a crash is folded into the lock first. The error is a *HeldError where
// another holds it, schema.Faults where a file's content is at fault, and
// wraps the system's where the folder cannot be written.
func Open(path, plan, holder string, now func() time.Time) (*Held, error) {
	if s, err := os.Stat(path); err == nil && s.IsDir() {
		return nil, fmt.Errorf("lock: %s is a folder; --lock names a file", path)
	}
	hold, err := take(journalPath(path))
	if err != nil {
		return nil, err
	}
	h := &Held{path: path, hold: hold}
	if err := h.start(header{Version: Version, Plan: plan, Holder: fmt.Sprintf("%s (pid %d)", holder, os.Getpid()), Since: stamp(now())}); err != nil {
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
			e := &HeldError{Path: journal}
			if raw, err := os.ReadFile(journal); err == nil {
				h, _, _ := parseJournal(journal, raw)
				e.Holder, e.Since = h.Holder, h.Since
			}
			return nil, e
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

// start folds what a crash left, and begins the journal anew.
func (h *Held) start(first header) error {
	var err error
	if h.file, err = Read(h.path); err != nil {
		return err
	}
	h.file.Plan = first.Plan
	left, err := os.Stat(journalPath(h.path))
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if left.Size() > 0 {
		if err := write(h.path, h.file); err != nil {
			return err
		}
	}
	if h.out, err = os.OpenFile(journalPath(h.path), os.O_RDWR, 0); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := h.out.Truncate(0); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := h.probe(); err != nil {
		return err
	}
	return h.append(first)
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
// returns nil, the record is on disk.
func (h *Held) Record(run string, s Step) error {
	s.At = stamp(s.At)
	return h.record(record{Run: run, Step: &s})
}

// Finish records how a run ended.
func (h *Held) Finish(run string, outcome RunOutcome, at time.Time) error {
	return h.record(record{Run: run, End: &end{outcome, at}})
}

func (h *Held) record(r record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	l, err := line(r)
	if err == nil {
		err = h.put(l)
	}
	if err != nil {
		return err
	}
	upTo := h.end
	h.mu.Unlock()
	err = h.flush(upTo)
	h.mu.Lock()
	if err == nil {
		h.file.add(r)
		h.dirty = true
	}
	return err
}

func (h *Held) append(v any) error {
	l, err := line(v)
	if err != nil {
		return err
	}
	if err := h.put(l); err != nil {
		return err
	}
	return h.flush(h.end)
}

// put writes a line where the last one ended, into room that is there.
func (h *Held) put(l []byte) error {
	need := h.end + int64(len(l))
	if ahead := need + max(reserve, 2*int64(len(l))); ahead > h.room {
		err := h.grow(ahead + reserve)
		if err != nil && need > h.room {
			return err
		}
		// Room for this line is there. It is refused all the same when it
		// announces a send, whose outcome might find none.
		if err != nil && !h.fits(l) {
			return err
		}
	}
	if _, err := h.out.WriteAt(l, h.end); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h.end = need
	return nil
}

// fits reports whether another line of this size would still find room.
func (h *Held) fits(l []byte) bool { return h.end+2*int64(len(l))+4096 <= h.room }

// grow takes room by writing zeros, which a reader of the journal ignores.
func (h *Held) grow(to int64) error {
	zeros := make([]byte, to-h.room)
	n, err := h.out.WriteAt(zeros, h.room)
	h.room += int64(n)
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// flush returns when all up to a place of the journal is on disk. Callers
// that wait at the same time share one sync.
func (h *Held) flush(upTo int64) error {
	h.sync.Lock()
	defer h.sync.Unlock()
	if h.saved >= upTo {
		return nil
	}
	h.mu.Lock()
	upTo = h.end
	h.mu.Unlock()
	if err := datasync(h.out); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	h.saved = upTo
	return nil
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
