//go:build integration && linux && amd64

package objects

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/objects/drivers"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/plan/lock/internal/store/storetest"
	"github.com/resetplan/resetplan/plan/lock/locktest"
)

// TestIntegrationRealServersConform runs the suite of stores on servers that other
// projects wrote.
func TestIntegrationRealServersConform(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			server := start(t)
			use(t, server)
			storetest.Run(t, func(t *testing.T) storetest.Place {
				w, open := newShifted(t, server.URL(server.Address, strings.ReplaceAll(t.Name(), "/", "-")))
				return storetest.Place{Open: func() store.Store { return open() }, Crash: w.end, Lose: w.end}
			})
		})
	}
}

// TestIntegrationOfManyCreatesOneSucceeds creates the same object from many goroutines.
func TestIntegrationOfManyCreatesOneSucceeds(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			b := bucketOf(t, start(t))
			for round := range 20 {
				var created, existed atomic.Int32
				var wg sync.WaitGroup
				for writer := range 16 {
					wg.Go(func() {
						switch err := b.Create(t.Context(), fmt.Sprint("race/", round), []byte(fmt.Sprint(writer))); {
						case err == nil:
							created.Add(1)
						case errors.Is(err, drivers.ErrExists):
							existed.Add(1)
						default:
							t.Log(err) // it is repeated, and then known
						}
					})
				}
				wg.Wait()
				if created.Load() != 1 || existed.Load() == 0 {
					t.Errorf("round %d: %d creates succeeded, %d were refused", round, created.Load(), existed.Load())
				}
			}
		})
	}
}

// TestIntegrationALockOnAServerLeavesNothing uses a lock many times in this process;
// `make soak` more often.
func TestIntegrationALockOnAServerLeavesNothing(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			server := start(t)
			use(t, server)
			nothingIsLeft(t, server.URL(server.Address, "leaks"), locktest.Times(t, 60))
		})
	}
}

// TestIntegrationAServerReportsItsTime compares it with that of an object.
func TestIntegrationAServerReportsItsTime(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			b := bucketOf(t, start(t))
			check(t, b.Create(t.Context(), "p/log/1", nil))
			all, err := b.List(t.Context(), "p/log/", 0)
			check(t, err)
			now, err := b.Now(t.Context(), "p/log/")
			if err != nil || len(all) != 1 || now.IsZero() || now.Before(all[0].ModTime.Add(-margin)) {
				t.Errorf("the object is of %v, and the time is %s, %v", all, now, err)
			}
		})
	}
}

// TestIntegrationCredentialsAreFound opens a lock with each kind of credentials that
// the SDK of a store finds.
func TestIntegrationCredentialsAreFound(t *testing.T) {
	for location, start := range map[string]func(testing.TB) *locktest.Server{
		"azblob://acme/p": locktest.Azure, "s3://acme/p?use_path_style=true": locktest.Amazon,
	} {
		server := start(t)
		for name, variables := range server.Other {
			t.Run(name, func(t *testing.T) {
				set(t, variables)
				s, err := At(location)
				check(t, err)
				check(t, held(t, s).Release(t.Context(), true))
				if by, err := s.Holder(t.Context()); by != nil || err != nil {
					t.Errorf("%v, %v", by, err)
				}
			})
		}
	}
}

func bucketOf(t *testing.T, server *locktest.Server) drivers.Bucket {
	t.Helper()
	use(t, server)
	p, err := parse(server.URL(server.Address, "p"))
	check(t, err)
	b, err := drivers.Open(t.Context(), p.bucket)
	check(t, err)
	return b
}

// use sets the variables of a server.
func use(t *testing.T, server *locktest.Server) {
	t.Helper()
	set(t, server.Env(server.Address))
}

func set(t *testing.T, variables []string) {
	t.Helper()
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		t.Setenv(name, value)
	}
}
