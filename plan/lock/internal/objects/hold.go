package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// maxJournal is the limit on the entries between two texts.
const maxJournal = 256 << 20

// A hold is a lock held for writing.
type hold struct {
	*client
	found time.Time // when it was acquired, by the clock of the store

	writing sync.Mutex // held while a record is written; guards the fields up to queue
	last    header     // the newest record, by this hold
	broken  error      // nothing more can be written
	size    int        // of the entries since the text

	queued  sync.Mutex // guards queue
	queue   []*waiting
	until   lapse
	stop    func() // ends the renewals
	stopped chan struct{}
}

// A waiting entry is one whose Append has not returned, or that is deferred.
type waiting struct {
	value []byte
	done  bool
	err   error
}

var _ store.Leased = (*hold)(nil)

// Hold acquires the lock by creating the record after the newest one.
func (s *Store) Hold(ctx context.Context, by store.Owner) (store.Hold, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	h, err := c.acquire(ctx, by)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop, h.stopped = stop, make(chan struct{})
	go h.renew(renewing)
	return h, nil
}

func (c *client) acquire(ctx context.Context, by store.Owner) (*hold, error) {
	now, err := c.clock(ctx)
	if err != nil {
		return nil, err
	}
	at, err := c.latest(ctx)
	if err != nil {
		return nil, err
	}
	if at.held() && now.Sub(at.modified) <= at.lease()+margin {
		return nil, c.heldBy(at.header)
	}
	h := &hold{client: c, found: now, last: at.header}
	h.last.Hold, h.last.Holder, h.last.Since, h.last.Lease = rand.Text(), by.Name, by.Since.UTC(), c.lease.String()
	if h.last.From == 0 {
		h.last.From = 1
	}
	err = h.write(ctx, acquired, nil, nil)
	var lost *store.LostError
	if errors.As(err, &lost) { // another holder was faster
		at, failed := c.latest(ctx)
		if failed != nil {
			return nil, failed
		}
		return nil, c.heldBy(at.header)
	}
	return h, err
}

// write creates the next record. It is the newest one when write returns nil. The
// caller holds h.writing, or is the only one that knows h.
func (h *hold) write(ctx context.Context, k kind, rest []byte, change func(*header)) error {
	if h.broken != nil {
		return h.broken
	}
	next := h.last
	next.Kind, next.Number, next.Version, next.Sum = k, h.last.Number+1, version, ""
	if change != nil {
		change(&next)
	}
	body, err := next.encode(rest)
	if err != nil {
		return err
	}
	sent := h.now()
	err = h.create(ctx, key(next.Number), body)
	if err == nil && k != released { // the next holder may follow a release at once
		var newest int64
		if newest, _, err = h.newest(ctx); err == nil && newest != next.Number {
			err = drivers.ErrExists // it took the place of a record that was deleted
		}
	}
	switch {
	case errors.Is(err, drivers.ErrExists):
		h.broken = h.lost(ctx)
		return h.broken
	case err != nil:
		h.broken = h.failed(fmt.Errorf("it is unknown whether record %d was written: %w", next.Number, err))
		return h.broken
	}
	h.last = next
	h.until.set(sent.Add(h.lease))
	return nil
}

// lost returns the error of a hold that another one replaced.
func (h *hold) lost(ctx context.Context) error {
	e := &store.LostError{Name: h.url}
	if at, err := h.latest(ctx); err == nil && at.held() && at.Hold != h.last.Hold {
		e.By = at.Holder
	}
	return e
}

// Read returns text and journal as of the newest record.
func (h *hold) Read(ctx context.Context) (store.Content, error) {
	h.writing.Lock()
	at := state{header: h.last}
	err := h.broken
	h.writing.Unlock()
	if err != nil {
		return store.Content{}, err
	}
	content, err := h.contents(ctx, at.header)
	if errors.Is(err, drivers.ErrNotFound) {
		return content, errors.Join(h.superseded(ctx, at.Number, err), h.lost(ctx))
	}
	return content, err
}

// Start writes the record from which the new journal is read.
func (h *hold) Start(ctx context.Context, plan string) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	crashed := h.last.Journal
	err := h.write(ctx, started, nil, func(next *header) {
		next.Journal, next.Plan, next.From = true, plan, next.Number
	})
	if err == nil && crashed {
		h.sweep(ctx, h.last, h.found)
	}
	h.size = 0
	return err
}

// Append writes an entry in a record, together with the others that wait by then.
func (h *hold) Append(ctx context.Context, e store.Entry) error {
	w := &waiting{value: e.Value}
	h.queued.Lock()
	h.queue = append(h.queue, w)
	h.queued.Unlock()
	if e.Deferred {
		return nil
	}
	h.writing.Lock()
	defer h.writing.Unlock()
	if w.done {
		return w.err
	}
	return h.flush(ctx, e.Outcome)
}

// flush writes everything that waits. The caller holds h.writing.
func (h *hold) flush(ctx context.Context, outcome bool) error {
	h.queued.Lock()
	all := h.queue
	h.queue = nil
	h.queued.Unlock()
	if len(all) == 0 {
		return h.broken
	}
	var rest []byte
	for _, w := range all {
		rest = append(append(rest, w.value...), '\n')
	}
	var err error
	if h.size += len(rest); h.size > maxJournal && !outcome {
		h.size -= len(rest)
		err = h.failed(fmt.Errorf("the journal would exceed its limit of %d MiB; end this apply and start another", maxJournal>>20))
	} else {
		err = h.write(ctx, entries, rest, nil)
	}
	for _, w := range all {
		w.done, w.err = true, err
	}
	return err
}

// Replace writes the text in a record of its own.
func (h *hold) Replace(ctx context.Context, write func(io.Writer) error) error {
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	h.writing.Lock()
	defer h.writing.Unlock()
	h.queued.Lock()
	h.queue = nil // deferred entries are in the text
	h.queued.Unlock()
	h.size = 0
	return h.write(ctx, replaced, text.Bytes(), func(next *header) { next.Text, next.From = next.Number, next.Number+1 })
}

// Release writes that there is no holder any more.
func (h *hold) Release(ctx context.Context, folded bool) error {
	h.stop()
	<-h.stopped
	h.writing.Lock()
	defer h.writing.Unlock()
	if !folded {
		if err := h.flush(ctx, true); err != nil {
			return errors.Join(err, h.close())
		}
	}
	err := h.write(ctx, released, nil, func(next *header) {
		if folded || !next.Journal {
			next.Journal, next.Plan, next.From = false, "", next.Number
		}
	})
	if err == nil {
		h.sweep(ctx, h.last, h.found)
	}
	return errors.Join(err, h.close())
}
