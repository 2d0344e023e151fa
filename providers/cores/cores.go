// Package cores divides work that only computes among the processors.
//
// The invariant: the result does not depend on the number of processors, because each
// call has an index and may write only what belongs to it. The package waits for nothing
// but its own calls; requests to services are in package fanout.
package cores

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Each calls do for each index below n, in an unspecified order, and returns when all
// calls have returned.
func Each(n int, do func(i int)) {
	Runs(n, func(from, to int) {
		for i := from; i < to; i++ {
			do(i)
		}
	})
}

// runsEach is the number of runs for each processor: the last ones are short, so that no
// processor waits long for another.
const runsEach = 8

// Runs is Each for work that shares something within a run of indexes.
func Runs(n int, do func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	if workers < 2 {
		if n > 0 {
			do(0, n)
		}
		return
	}
	size := max(n/(workers*runsEach), 1)
	var next atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for from := int(next.Add(int64(size))) - size; from < n; from = int(next.Add(int64(size))) - size {
				do(from, min(from+size, n))
			}
		})
	}
	all.Wait()
}
