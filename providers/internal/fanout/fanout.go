// Package fanout helps to read many targets in one call: a few of them are asked
// about at a time, and what several want to know is asked once.
//
// The invariant: nothing is cut short. One question that fails ends no other;
// each keeps its own answer or error, and whoever asks again is told the same.
// The package knows no service, and repeats nothing.
package fanout

import (
	"sync"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many things are done at the same time. A service's rate holds
// for all of them together, whatever stands here.
const atOnce = 8

// Each does n things, a few of them at once, and returns when all are done.
func Each(n int, do func(i int)) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i := range n {
		all.Go(func() error {
			do(i)
			return nil
		})
	}
	_ = all.Wait() // nothing that is done returns an error
}

// Once returns a function that asks each question a single time, whoever asks
// it first, and tells everybody the same answer. It may be called from several
// goroutines; they wait for the one that asks.
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
