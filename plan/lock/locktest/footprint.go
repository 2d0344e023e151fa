package locktest

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// A footprint is what a process keeps: goroutines, open files, and the heap in bytes.
type footprint struct {
	goroutines, files int
	heap              uint64
}

// kept measures this process after everything that ends has ended: it measures again
// until nothing has become less.
func kept() footprint {
	var least footprint
	for same := 0; same < 20; same++ {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		now := footprint{runtime.NumGoroutine(), openFiles(), m.HeapAlloc}
		if least.goroutines == 0 || now.goroutines < least.goroutines || now.files < least.files {
			least, same = now, 0
		}
		least.heap = min(least.heap, now.heap)
		time.Sleep(10 * time.Millisecond)
	}
	return least
}

// openFiles counts the open files of this process; 0 if the system does not list them.
func openFiles() int {
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(all)
}

// slack is how much the heap may grow: caches that the runtime and libraries keep.
const slack = 1 << 20

// NothingIsLeft calls a function many times, and compares what the process keeps with
// what it kept after the first ten times.
func NothingIsLeft(t testing.TB, times int, call func(n int)) {
	t.Helper()
	var before footprint
	for n := range times {
		call(n)
		if n == 9 {
			before = kept()
		}
	}
	after := kept()
	t.Logf("goroutines, open files and heap after 10 times: %v; after %d: %v", before, times, after)
	if after.goroutines > before.goroutines || after.files > before.files || after.heap > before.heap+slack {
		t.Errorf("after 10 times the process keeps %+v, after %d times %+v", before, times, after)
	}
}

// Times returns how often a test of leaks calls: RESETPLAN_SOAK times, or a few.
func Times(t testing.TB, few int) int {
	t.Helper()
	given := os.Getenv("RESETPLAN_SOAK") //nolint:forbidigo // only tests use this package
	if given == "" {
		return few
	}
	n, err := strconv.Atoi(given)
	check(t, err)
	return n
}
