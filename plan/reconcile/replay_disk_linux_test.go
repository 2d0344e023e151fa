package reconcile_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/resetplan/resetplan/schema"
)

// limitFiles makes each write to a file of this process fail, or lifts that.
func limitFiles(t *testing.T, full bool) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = limit.Max; full {
		limit.Cur = 0
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// diskVariable is set in the process whose files are limited.
const diskVariable = "RESETPLAN_TEST_DISK"

// TestAFullDiskDuringAReplay lets the writes of the lock fail from each call of the service
// and of the workload, and from each reading of the clock, which comes before each record:
// until the next one, or until the apply ends. The limit is that of a process, so it has
// one of its own.
func TestAFullDiskDuringAReplay(t *testing.T) {
	if os.Getenv(diskVariable) == "" {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAFullDiskDuringAReplay$", "-test.v")
		child.Env = append(os.Environ(), diskVariable+"=1")
		out, err := child.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestAFullDiskDuringAReplay") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	failed := 0
	for _, then := range []schema.Then{schema.ThenNothing, schema.ThenStop, schema.ThenReturn} {
		pilot := &faults{at: -1}
		if err := newReplayTrial(t, then).apply(t, pilot); err != nil {
			t.Fatal(err)
		}
		try := func(what string, at, lasts int, f *faults) {
			t.Run(fmt.Sprintf("then %s, after %s %d for %d", then, what, at, lasts), func(t *testing.T) {
				tr := newReplayTrial(t, then)
				err := tr.apply(t, f)
				limitFiles(t, false)
				if err != nil {
					failed++
				}
				tr.judge(t, err)
				tr.finish(t)
			})
		}
		for _, lasts := range []int{1, 2, 1000} {
			for at := range pilot.calls {
				try("call", at, lasts, &faults{at: -1, after: func(n int) { limitFiles(t, n >= at && n < at+lasts) }})
			}
			for at := range pilot.times {
				try("time", at, lasts, &faults{at: -1, clock: func(n int) { limitFiles(t, n >= at && n < at+lasts) }})
			}
		}
	}
	if failed == 0 {
		t.Error("no apply has failed")
	}
}
