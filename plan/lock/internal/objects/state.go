package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// A state is a lock at its newest record.
type state struct {
	header             // of the newest record; its number is 0 if there is none
	modified time.Time // when it was created, by the clock of the store
	content  store.Content
}

// held reports whether a holder has not released the lock; its lease may have expired.
func (s state) held() bool { return s.Number > 0 && s.Kind != released }

// newest returns the number of the newest record, 0 if there is none.
func (c *client) newest(ctx context.Context) (int64, time.Time, error) {
	found, err := c.list(ctx, "log/", 1)
	if err != nil || len(found) == 0 {
		return 0, time.Time{}, err
	}
	n, ok := numberOf(found[0].Key)
	if !ok {
		return 0, time.Time{}, invalid(c.url, "the object "+found[0].Key+" is not a record of a lock", "move it away, or choose another path for the lock")
	}
	return n, found[0].ModTime, nil
}

// latest reads the newest record. It is never deleted, but a newer one may follow
// between the list and the read, and then it may be.
func (c *client) latest(ctx context.Context) (state, error) {
	for {
		n, modified, err := c.newest(ctx)
		if err != nil {
			return state{}, c.failed(err)
		}
		if n == 0 {
			return state{}, nil
		}
		h, _, err := c.record(ctx, n)
		if err == nil {
			return state{header: h, modified: modified}, nil
		}
		if err := c.superseded(ctx, n, err); err != nil {
			return state{}, err
		}
	}
}

// superseded returns nil if a record was not found because a newer one replaced it
// since, and otherwise the error.
func (c *client) superseded(ctx context.Context, newest int64, err error) error {
	if !errors.Is(err, drivers.ErrNotFound) {
		return err
	}
	n, _, failed := c.newest(ctx)
	switch {
	case failed != nil:
		return c.failed(failed)
	case n > newest:
		return nil
	}
	return invalid(c.url, "a record of this lock is missing: "+err.Error(),
		"restore the object, or read what is left with `resetplan lock show` of an older copy; nothing was sent")
}

// record reads one record.
func (c *client) record(ctx context.Context, n int64) (header, []byte, error) {
	name := c.url + " " + key(n)
	body, err := c.read(ctx, key(n))
	if err != nil {
		return header{}, nil, fmt.Errorf("%s: %w", name, err)
	}
	return decode(name, n, body)
}

// fill reads the text and the journal of a state. If a newer record has replaced them
// since, it goes on with that one.
func (c *client) fill(ctx context.Context, at *state) error {
	for at.Number > 0 {
		content, err := c.contents(ctx, at.header)
		if err == nil {
			at.content = content
			return nil
		}
		if err := c.superseded(ctx, at.Number, err); err != nil {
			return err
		}
		if *at, err = c.latest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// contents reads the objects to which a record refers.
func (c *client) contents(ctx context.Context, h header) (store.Content, error) {
	var out store.Content
	if h.Text > 0 {
		_, text, err := c.record(ctx, h.Text)
		if err != nil {
			return out, err
		}
		out.Text = text
	}
	if !h.Journal {
		return out, nil
	}
	if h.From < 1 || h.From > h.Number+1 {
		return out, store.Record{File: c.url + " " + key(h.Number)}.Damaged()
	}
	found := make([][]store.Record, h.Number-h.From+1)
	err := parallel(len(found), func(i int) error {
		n := h.From + int64(i)
		h, rest, err := c.record(ctx, n)
		if err != nil || h.Kind != entries {
			return err
		}
		for l := range bytes.Lines(rest) {
			found[i] = append(found[i], store.Record{Value: bytes.TrimSuffix(l, []byte("\n")), File: c.url + " " + key(n)})
		}
		return nil
	})
	out.Journal = &store.Journal{Plan: h.Plan}
	for _, records := range found {
		out.Journal.Records = append(out.Journal.Records, records...)
	}
	return out, err
}

// parallel calls a function for each index, up to 16 at once, and returns an error of one.
func parallel(n int, one func(int) error) error {
	var wg sync.WaitGroup
	free := make(chan struct{}, 16)
	errs := make([]error, n)
	for i := range n {
		free <- struct{}{}
		wg.Go(func() {
			errs[i] = one(i)
			<-free
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
