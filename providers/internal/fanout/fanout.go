// Package fanout reads many targets at once: a few requests run at a time, and a
// request that several targets share is sent once.
//
// The invariant: a failed request does not stop the others. Each keeps its own
// answer or error, and asking again returns the same one. The package knows no
// service, and retries nothing.
package fanout

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many functions run at the same time. A service's rate limit applies
// to all of them together, whatever this number is.
const atOnce = 8

// Each calls a function n times, a few calls at a time, and returns when all are
// done.
func Each(n int, do func(i int)) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i := range n {
		all.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = all.Wait() // none of the functions returns an error
}

// Once returns a function that calls ask once per question and returns the same
// answer to all callers. It may be called from several goroutines; they wait for
// the first one.
func Once[Q comparable, A any](ask func(Q) (A, error)) func(Q) (A, error) {
	var mu sync.Mutex
	asked := map[Q]func() (A, error){}
	return func(question Q) (A, error) {
		mu.Lock()
		answer, known := asked[question]
		if !known {
			answer = sync.OnceValues(func() (A, error) { return ask(question) })
			asked[question] = answer
		}
		mu.Unlock()
		return answer()
	}
}
