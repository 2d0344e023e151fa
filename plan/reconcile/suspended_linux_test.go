package reconcile_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestMain lets the test binary run as a child process that applies a plan, and is
// suspended between the record of its intent and the request.
func TestMain(m *testing.M) {
	broker, at := os.Getenv("RESETPLAN_TEST_BROKER"), os.Getenv("RESETPLAN_TEST_LOCK")
	if broker == "" {
		os.Exit(m.Run())
	}
	err := rewound(context.Background(), broker, "once", at, func(e survey.Event) {
		if e.Kind == survey.Sending {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			time.Sleep(100 * time.Millisecond) // the signal may reach another thread first, and this one go on to its request
		}
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// stopped waits until a process is suspended.
func stopped(t *testing.T, p *os.Process) {
	t.Helper()
	for t.Context().Err() == nil {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Pid))
		if err != nil {
			t.Fatal(err)
		}
		switch _, state, _ := bytes.Cut(stat, []byte(") ")); state[0] {
		case 'T':
			return
		case 'Z':
			t.Fatal("it ended before its request")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestASuspendedHolderDoesNotSend suspends an apply whose intent is recorded until
// another one has taken the lock over and made the reset. Nothing but the lease keeps
// the first one from sending it again.
func TestASuspendedHolderDoesNotSend(t *testing.T) {
	t.Parallel()
	broker := seeded(t)
	before := broker.Requests()[kmsg.OffsetCommit]
	at := "file://" + filepath.Join(t.TempDir(), "p") + "?lease=5s"
	first := exec.CommandContext(t.Context(), os.Args[0])
	first.Env = append(os.Environ(), "RESETPLAN_TEST_BROKER="+broker.Address(), "RESETPLAN_TEST_LOCK="+at)
	var out bytes.Buffer
	first.Stdout, first.Stderr = &out, &out
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	stopped(t, first.Process)
	held := 0
	for {
		err := rewound(t.Context(), broker.Address(), "once", at, nil)
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "is held by") {
			t.Fatal(err)
		}
		held++
		time.Sleep(200 * time.Millisecond)
	}
	if held == 0 {
		t.Error("the lock was taken over before the lease expired")
	}
	if err := first.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err == nil || !strings.Contains(out.String(), "no longer held") {
		t.Errorf("the first apply ended with %v: %s", err, out.String())
	}
	if n := broker.Requests()[kmsg.OffsetCommit] - before; n != 1 {
		t.Errorf("the reset was sent %d times", n)
	}
}
