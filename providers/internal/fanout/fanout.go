// Package fanout helps to read many targets in one call: a few are read at a time,
// and a query that several need is sent once.
//
// The invariant: a query that fails ends no other. Each keeps its own answer or
// error, and a repeated query gets the same one. The package knows no service, and
// retries nothing.
package fanout

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// atOnce is the number of concurrent calls. The service's rate limit applies to all
// of them together.
const atOnce = 8

// Each calls a function n times, a few calls at once, and returns when all are done.
func Each(n int, do func(i int)) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i := range n {
		all.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = all.Wait() // no call returns an error
}

// Once returns a function that sends each query a single time and returns the same
// answer to every caller. It may be called from several goroutines; they wait for
// the one that sends the query.
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
