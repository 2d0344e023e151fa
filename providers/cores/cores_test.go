package cores_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/providers/cores"
)

// TestEachIndexIsCalledOnce counts the calls of each index, with one processor and with
// several.
func TestEachIndexIsCalledOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, processors := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(processors)
		for _, n := range []int{0, 1, 2, 3, 15, 16, 17, 1000} {
			calls := make([]atomic.Int32, n)
			cores.Each(n, func(i int) { calls[i].Add(1) })
			for i := range calls {
				if got := calls[i].Load(); got != 1 {
					t.Fatalf("%d processors: index %d of %d is called %d times", processors, i, n, got)
				}
			}
		}
	}
}

// TestRunsCoverAllIndexes adds up the lengths of the runs.
func TestRunsCoverAllIndexes(t *testing.T) {
	for _, n := range []int{0, 1, 5, 1000} {
		var covered atomic.Int64
		cores.Runs(n, func(from, to int) {
			if from < 0 || from >= to || to > n {
				t.Errorf("a run of %d indexes is from %d to %d", n, from, to)
			}
			covered.Add(int64(to - from))
		})
		if int(covered.Load()) != n {
			t.Errorf("runs cover %d of %d indexes", covered.Load(), n)
		}
	}
}
