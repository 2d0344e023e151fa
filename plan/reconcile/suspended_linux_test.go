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

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestMain lets the test binary run as a child process that applies a plan, and is
// suspended between the record of its intent and the request.
func TestMain(m *testing.M) {
	broker, at := os.Getenv("RESETPLAN_TEST_BROKER"), os.Getenv("RESETPLAN_TEST_LOCK")
	if broker == "" {
		os.Exit(m.Run())
	}
	err := rewound(context.Background(), broker, at, func(e survey.Event) {
		if e.Kind == survey.Sending {
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		}
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// rewound applies a plan with one reset.
func rewound(ctx context.Context, broker, at string, progress func(survey.Event)) error {
	document, invalid := check.Examine("p.yaml", fmt.Appendf(nil, `
version: 1
name: p
providers: {k: {type: kafka, bootstrapServers: [%q]}}
steps: [{id: s, provider: k, target: {group: orders-billing, topic: orders}, to: {offset: 100}}]
`, broker), nil, all.Providers())
	if len(invalid) > 0 {
		return invalid
	}
	reader, err := survey.Open(document, survey.Deps{Providers: all.Providers(), Process: providers.Process{Getenv: os.Getenv, Now: time.Now},
		By: "alice@build-7", Retry: retry.Default(), Progress: progress})
	if err != nil {
		return err
	}
	defer reader.Close()
	selection := reconcile.Selection{Lock: at}
	prepared, err := reconcile.Plan(ctx, reader, selection)
	if err == nil {
		err = prepared.Ready("")
	}
	if err != nil {
		return err
	}
	_, err = reconcile.Apply(ctx, reader, prepared, reconcile.ApplyOptions{Selection: selection})
	return err
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
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	if err := kafkafake.Seed(t.Context(), broker.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	seeded := broker.Requests()[kmsg.OffsetCommit]
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
		err := rewound(t.Context(), broker.Address(), at, nil)
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
	if n := broker.Requests()[kmsg.OffsetCommit] - seeded; n != 1 {
		t.Errorf("the reset was sent %d times", n)
	}
}
