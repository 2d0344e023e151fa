//go:build race

package main

import (
	"runtime/metrics"
	"time"
)

// allocationFactor is how much more a command may allocate with the race detector, which
// empties pools at random.
const allocationFactor = 12

// lingering lets the race detector watch what is left of a program after its command: until
// no goroutine runs or could run, for a second at most. The detector's own wait before an
// exit always takes that second; GORACE shortens it for the programs of the tests.
func lingering(code int) int {
	const looks, pause = 5, 2 * time.Millisecond
	left := []metrics.Sample{{Name: "/sched/goroutines/runnable:goroutines"}, {Name: "/sched/goroutines/running:goroutines"},
		{Name: "/sched/goroutines/not-in-go:goroutines"}}
	end := time.Now().Add(time.Second)
	for quiet := 0; quiet < looks && time.Now().Before(end); quiet++ {
		time.Sleep(pause)
		metrics.Read(left)
		// This goroutine runs, and the one that receives signals is in a system call.
		if left[0].Value.Uint64() > 0 || left[1].Value.Uint64() > 1 || left[2].Value.Uint64() > 1 {
			quiet = -1
		}
	}
	return code
}
