package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A hold is a lock held for writing.
type hold struct {
	*Store
	by      store.Owner
	file    *files.Hold
	journal *journal.Writer // nil before Start
	left    bool            // a crash left a journal
}

var _ store.Hold = (*hold)(nil)

// Hold acquires the journal, and checks that the lock can be replaced at the end.
func (s *Store) Hold(_ context.Context, by store.Owner) (store.Hold, error) {
	acquired, err := acquireJournal(JournalPath(s.path))
	if err != nil {
		return nil, err
	}
	h := &hold{Store: s, by: by, file: acquired}
	if err := h.inspect(); err != nil {
		return nil, errors.Join(err, h.Release(context.Background(), false))
	}
	return h, nil
}

func (h *hold) inspect() error {
	s, err := h.file.Stat()
	if err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := h.probe(); err != nil {
		return err
	}
	if h.left = s.Size() > 0; h.left {
		return sweep(h.path)
	}
	return nil
}

// probe checks that the lock can be replaced.
func (h *hold) probe() error {
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

// Start empties the journal and writes its header. When it returns nil, the journal's
// name is on disk.
func (h *hold) Start(_ context.Context, plan string) error {
	out, err := openRegular(JournalPath(h.path), os.O_RDWR)
	if err != nil {
		return err
	}
	h.journal = journal.NewWriter(out)
	if err := h.journal.Start(journal.HeaderOf(plan, h.by)); err != nil {
		return err
	}
	if h.left { // no line of the old journal may come back among the new ones
		if err := h.journal.FlushAll(); err != nil {
			return err
		}
	}
	if err := files.SyncFolder(filepath.Dir(h.path)); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return nil
}

// Append writes a line into the journal and waits until it is on disk, unless it is
// deferred.
func (h *hold) Append(_ context.Context, e store.Entry) error {
	use := journal.Use{Subject: e.Subject, Outcome: e.Outcome, Reserve: e.Reserve}
	end, err := h.journal.Append(journal.Line(e.Value, h.journal.Saved()), use)
	if err != nil || e.Deferred {
		return err
	}
	return h.journal.Flush(end)
}

// Replace replaces the lock.
func (h *hold) Replace(_ context.Context, write func(io.Writer) error) error { return h.replace(write) }

// Release removes the journal, unless it has records that are not in the lock.
func (h *hold) Release(_ context.Context, folded bool) error {
	var err error
	if folded || !h.left && h.journal == nil {
		err = files.Remove(JournalPath(h.path))
	}
	if h.journal != nil {
		if !folded {
			err = errors.Join(err, h.journal.FlushAll())
		}
		err = errors.Join(err, h.journal.Close())
	}
	return errors.Join(err, h.file.Close())
}
