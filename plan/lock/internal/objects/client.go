package objects

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
)

const (
	attempt    = 15 * time.Second       // of one request
	firstPause = 100 * time.Millisecond // between requests, doubled each time
	mostPause  = 3 * time.Second
	// margin is added to a lease that expires: stores round times to seconds.
	margin = 2 * time.Second
	// maxObject is the limit on the size of an object, a text and its header.
	maxObject = 64<<20 + 64<<10
	// forgotten is the age at which a test object of another holder is deleted: its
	// process ended before it deleted the object.
	forgotten = time.Hour
)

// A client reads and writes the objects of one lock.
type client struct {
	*Store
	bucket drivers.Bucket
}

func (c *client) close() error {
	if err := c.bucket.Close(); err != nil {
		return c.failed(err)
	}
	return nil
}

// final reports whether trying again cannot change the answer.
func final(err error) bool {
	return err == nil || errors.Is(err, drivers.ErrExists) || errors.Is(err, drivers.ErrNotFound) || errors.Is(err, drivers.ErrPermanent)
}

// try repeats a request that failed without a final answer, until half of the lease
// has passed. Throttled and lost answers are such failures.
func (c *client) try(ctx context.Context, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.lease/2)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		one, end := context.WithTimeout(ctx, attempt)
		err := request(one)
		end()
		if final(err) {
			return err
		}
		if c.wait(ctx, pause) != nil {
			return err
		}
	}
}

func (c *client) list(ctx context.Context, prefix string, most int) (all []drivers.Object, err error) {
	err = c.try(ctx, func(ctx context.Context) error {
		all, err = c.bucket.List(ctx, c.prefix+prefix, most)
		return err //nolint:wrapcheck // callers add the lock's name
	})
	for i := range all {
		all[i].Key = all[i].Key[len(c.prefix):]
	}
	return all, err
}

func (c *client) read(ctx context.Context, key string) (body []byte, err error) {
	err = c.try(ctx, func(ctx context.Context) error {
		body, err = c.bucket.Read(ctx, c.prefix+key, maxObject)
		return err //nolint:wrapcheck // as above
	})
	return body, err
}

func (c *client) remove(ctx context.Context, key string) error {
	return c.try(ctx, func(ctx context.Context) error { return c.bucket.Delete(ctx, c.prefix+key) })
}

// create creates an object. If the answer to an earlier attempt was lost, the object
// exists already, with the same content.
func (c *client) create(ctx context.Context, key string, body []byte) error {
	err := c.try(ctx, func(ctx context.Context) error { return c.bucket.Create(ctx, c.prefix+key, body) })
	if !errors.Is(err, drivers.ErrExists) {
		return err
	}
	found, unread := c.read(ctx, key)
	switch {
	case unread == nil && bytes.Equal(found, body):
		return nil
	case unread == nil || errors.Is(unread, drivers.ErrNotFound):
		return err
	}
	return unread
}

// clock returns the time of the store: that of an object created now. It also finds
// out whether the lock can be written at all, and whether the store refuses to create
// an object that exists, on which everything depends.
func (c *client) clock(ctx context.Context) (time.Time, error) {
	key := "test/" + rand.Text()
	if err := c.create(ctx, key, []byte("first\n")); err != nil {
		return time.Time{}, c.failed(fmt.Errorf("an object cannot be created: %w", err))
	}
	found, err := c.list(ctx, key, 1)
	if err == nil && len(found) == 0 {
		err = errors.New("an object that was created is not in the list of objects")
	}
	if err != nil {
		return time.Time{}, c.failed(err)
	}
	second := c.try(ctx, func(ctx context.Context) error { return c.bucket.Create(ctx, c.prefix+key, []byte("second\n")) })
	if err := c.remove(ctx, key); err != nil {
		return time.Time{}, c.failed(fmt.Errorf("an object cannot be deleted: %w", err))
	}
	if !errors.Is(second, drivers.ErrExists) {
		if second != nil {
			return time.Time{}, c.failed(second)
		}
		return time.Time{}, invalid(c.url,
			"this store overwrites an object that must only be created (it ignores If-None-Match), so two applies could run at once",
			"use a store that supports conditional writes, or a lock in a file")
	}
	return found[0].ModTime, nil
}

// sweep deletes the records that the newest one does not need, and old test objects.
// What cannot be deleted now is deleted at the end of the next apply.
func (c *client) sweep(ctx context.Context, newest header, now time.Time) {
	records, _ := c.list(ctx, "log/", 0)
	tests, _ := c.list(ctx, "test/", 0)
	var old []string
	for _, o := range records {
		if n, ok := numberOf(o.Key); ok && n < newest.From && n != newest.Text {
			old = append(old, o.Key)
		}
	}
	for _, o := range tests {
		if now.Sub(o.ModTime) > forgotten {
			old = append(old, o.Key)
		}
	}
	_ = parallel(len(old), func(i int) error { return c.remove(ctx, old[i]) })
}
