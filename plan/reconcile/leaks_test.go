package reconcile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/lock/locktest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/retry"
)

// seeded starts a broker until the test ends.
func seeded(t *testing.T) *kafkafake.Fake {
	t.Helper()
	broker := started(t)
	t.Cleanup(broker.Close)
	return broker
}

func started(t *testing.T) *kafkafake.Fake {
	t.Helper()
	broker, err := kafkafake.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := kafkafake.Seed(t.Context(), broker.Address(), time.Now()); err != nil {
		t.Fatal(err)
	}
	return broker
}

// rewound applies a plan with one reset.
func rewound(ctx context.Context, broker, run, at string, progress func(survey.Event)) error {
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
	selection := reconcile.Selection{Lock: at, Run: run}
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

// TestAProcessThatAppliesManyTimesLeavesNothing is a program that plans and applies as a
// library does, with each kind of lock that needs no server.
func TestAProcessThatAppliesManyTimesLeavesNothing(t *testing.T) {
	for name, at := range map[string]string{
		"a file":   filepath.Join(t.TempDir(), "p.lock.yaml"),
		"a folder": "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "p")),
		"memory":   "mem://leaks/p",
	} {
		t.Run(name, func(t *testing.T) { appliesLeaveNothing(t, at, 25) })
	}
}

// appliesLeaveNothing applies many runs in twenty rounds. Each has a broker of its own,
// because the emulated broker keeps what it was sent.
func appliesLeaveNothing(t *testing.T, at string, few int) {
	t.Helper()
	const rounds = 20
	each := max(1, locktest.Times(t, few)/rounds)
	t.Logf("each of %d times applies %d runs", rounds, each)
	locktest.NothingIsLeft(t, rounds, func(round int) {
		broker := started(t)
		defer broker.Close()
		for n := range each {
			if err := rewound(t.Context(), broker.Address(), fmt.Sprintf("run-%d-%d", round, n), at, nil); err != nil {
				t.Error(err)
			}
		}
	})
}
