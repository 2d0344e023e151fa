//go:build soak && integration && linux && amd64

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestSoakOfASharedLock has four schedulers that all apply each key, until it is done,
// through a proxy that refuses or loses one answer in twenty, and kills one apply in
// twenty. Each key must be applied exactly once. RESETPLAN_SOAK is the number of runs.
func TestSoakOfASharedLock(t *testing.T) {
	runs := 1000
	if given := os.Getenv("RESETPLAN_SOAK"); given != "" {
		n, err := strconv.Atoi(given)
		noError(t, err)
		runs = n
	}
	s := newShared(t, buildProgram(t), "s3")
	proxy := s.proxied(func(*http.Request) int {
		if rand.IntN(40) == 0 {
			return http.StatusServiceUnavailable
		}
		return 0
	}, func(*http.Response) error {
		if rand.IntN(40) == 0 {
			return errors.New("lost")
		}
		return nil
	})
	c := s.lock("p")
	address := proxy.Listener.Addr().String()
	const machines = 4
	var applies, killed, most atomic.Int64
	began := time.Now()
	for key := range runs / machines {
		c.run, c.off = fmt.Sprintf("key-%05d", key), 100+key%300
		before := c.sent()
		var wg sync.WaitGroup
		for range machines {
			wg.Go(func() {
				for c.soakOnce(address, &applies, &killed) != nil {
					time.Sleep(50 * time.Millisecond)
				}
			})
		}
		wg.Wait()
		if n := c.sent() - before; n != 1 {
			t.Errorf("%s was applied %d times", c.run, n)
		}
		most.Store(max(most.Load(), int64(c.objects())))
	}
	if n := most.Load(); n > 60 {
		t.Errorf("there were %d objects after a run", n)
	}
	t.Logf("%d keys on %d machines: %d applies, %d of them killed, %d commits, at most %d objects after a key, %d at the end, in %s",
		runs/machines, machines, applies.Load(), killed.Load(), c.sent(), most.Load(), c.objects(),
		time.Since(began).Round(time.Second))
}

// soakOnce applies a key once; one apply in twenty is killed.
func (c *lockCase) soakOnce(address string, applies, killed *atomic.Int64) error {
	applies.Add(1)
	apply := c.command(address)
	var out bytes.Buffer
	apply.Stdout, apply.Stderr = &out, &out
	if err := apply.Start(); err != nil {
		return err
	}
	if rand.IntN(20) == 0 {
		killed.Add(1)
		time.Sleep(time.Duration(rand.IntN(800)) * time.Millisecond)
		_ = apply.Process.Kill()
		_ = apply.Wait()
		return errors.New("killed")
	}
	return apply.Wait()
}
