package objects

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A shifted is a bucket with a clock that tests move: what is created has the time of
// that clock.
type shifted struct {
	drivers.Bucket
	mu      sync.Mutex
	ahead   time.Duration
	created map[string]time.Duration
	// before is called before each request; an error is its answer. after can lose the answer.
	before, after func(verb, key string) error
	requests      int
}

func (w *shifted) call(verb, key string, request func() error) error {
	w.mu.Lock()
	w.requests++
	before, after := w.before, w.after
	w.mu.Unlock()
	if before != nil {
		if err := before(verb, key); err != nil {
			return err
		}
	}
	err := request()
	if after != nil && err == nil {
		err = after(verb, key)
	}
	return err
}

func (w *shifted) Create(ctx context.Context, key string, body []byte) error {
	return w.call("create", key, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		err := w.Bucket.Create(ctx, key, body)
		if err == nil {
			w.created[key] = w.ahead
		}
		return err
	})
}

func (w *shifted) Read(ctx context.Context, key string, limit int64) (body []byte, err error) {
	err = w.call("read", key, func() error {
		body, err = w.Bucket.Read(ctx, key, limit)
		return err
	})
	return body, err
}

func (w *shifted) Delete(ctx context.Context, key string) error {
	return w.call("delete", key, func() error { return w.Bucket.Delete(ctx, key) })
}

func (w *shifted) List(ctx context.Context, prefix string, most int) (all []drivers.Object, err error) {
	err = w.call("list", prefix, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		all, err = w.Bucket.List(ctx, prefix, most)
		for i, o := range all {
			all[i].ModTime = o.ModTime.Add(w.created[o.Key])
		}
		return err
	})
	return all, err
}

func (w *shifted) Close() error { return nil }

// Now is the time of the store, unless it reports none.
func (w *shifted) Now(ctx context.Context, prefix string) (time.Time, error) {
	now, err := w.Bucket.Now(ctx, prefix)
	if !now.IsZero() {
		now = now.Add(w.passed())
	}
	return now, err
}

func (w *shifted) passed() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ahead
}

// pass moves the clock of the store and of every machine.
func (w *shifted) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// kinds has every kind of store that needs no network.
var kinds = map[string]func(*testing.T) string{
	"memory": func(t *testing.T) string { return "mem://" + strings.ReplaceAll(t.Name(), "/", "-") + "/locks/p" },
	"folder": func(t *testing.T) string { return "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "p")) },
}

func newShifted(t *testing.T, location string) (*shifted, func() *Store) {
	t.Helper()
	p, err := parse(strings.ReplaceAll(location, " ", "_"))
	check(t, err)
	b, err := drivers.Open(t.Context(), p.bucket)
	check(t, err)
	w := &shifted{Bucket: b, created: map[string]time.Duration{}}
	return w, func() *Store {
		return &Store{place: p, wait: sleep, open: func(context.Context) (drivers.Bucket, error) { return w, nil },
			now: func() time.Time { return time.Now().Add(w.passed()) }}
	}
}

// end stops the renewals of a hold, and lets its lease expire.
func (w *shifted) end(h store.Hold) {
	h.(*hold).stop()
	<-h.(*hold).stopped
	w.pass(2 * defaultLease)
}

var owner = store.Owner{Name: "alice@build-7 (pid 4711)", Since: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)}

func memory(t *testing.T) (*shifted, func() *Store) {
	t.Helper()
	return newShifted(t, kinds["memory"](t))
}

func held(t *testing.T, s *Store) *hold {
	t.Helper()
	h, err := s.Hold(t.Context(), owner)
	check(t, err)
	check(t, h.Start(t.Context(), "p"))
	return h.(*hold)
}

var one = store.Entry{Value: []byte(`{"n":1}`), Subject: "s"}

func keys(t *testing.T, w *shifted) (all []string) {
	t.Helper()
	found, err := w.Bucket.List(t.Context(), "", 0)
	check(t, err)
	for _, o := range found {
		all = append(all, o.Key)
	}
	return all
}
