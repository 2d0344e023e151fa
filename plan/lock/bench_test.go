package lock

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

func BenchmarkRecordWithAnEmptyLock(b *testing.B) { benchmarkRecord(b, 0) }
func BenchmarkRecordWithALargeLock(b *testing.B)  { benchmarkRecord(b, 20) }

// benchmarkRecord measures one durable record with a lock of some runs of a
// thousand parts each: both should take the same time.
func benchmarkRecord(b *testing.B, runs int) {
	path := filepath.Join(b.TempDir(), "p.lock.yaml")
	h, err := Open(b.Context(), path, Options{Plan: "p", Holder: "a@b", Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	for i := range runs {
		s := Step{ID: "s", Digest: digestOf(i), Outcome: Verified}
		for n := range 1000 {
			s.Parts = append(s.Parts, Part{Part: providers.Part{Topic: "t", Number: n}, Before: providers.AtOffset(1), After: providers.AtOffset(2)})
		}
		if err := h.Record(fmt.Sprint("run", i), s); err != nil {
			b.Fatal(err)
		}
	}
	s := Step{ID: "s", Digest: digestOf(99), Outcome: InDoubt, Parts: []Part{{Before: providers.AtOffset(1), After: providers.AtOffset(2)}}}
	for b.Loop() {
		if err := h.Record("once", s); err != nil {
			b.Fatal(err)
		}
	}
}

// Both readers with one lock: 20 runs of a thousand parts each.
func BenchmarkReadOwnLayout(b *testing.B) {
	raw := large()
	for b.Loop() {
		if _, ok := ownLayout(raw); !ok {
			b.Fatal("the lock is not in its own layout")
		}
	}
}

func BenchmarkReadWithTheLibrary(b *testing.B) {
	raw := large()
	for b.Loop() {
		if _, err := library(raw); err != nil {
			b.Fatal(err)
		}
	}
}

func large() []byte {
	f := &File{Version: Version, Plan: "p", Runs: map[string]*Run{}}
	for i := range 20 {
		s := &Step{ID: "s", Digest: digestOf(i), Address: "memory:g/t", Outcome: Verified}
		for n := range 1000 {
			s.Parts = append(s.Parts, Part{Part: providers.Part{Topic: "t", Number: n}, Before: providers.AtOffset(1), After: providers.AtOffset(2)})
		}
		f.Runs[fmt.Sprint("run", i)] = &Run{Document: digestOf(7), By: "a@b", Outcome: RunApplied, Steps: []*Step{s}}
	}
	return marshal(f)
}

func digestOf(n int) string { return fmt.Sprintf("sha256:%064x", n) }

// BenchmarkApplyWithAHundredThousandRuns has the runs of an hourly replay after
// eleven years.
func BenchmarkApplyWithAHundredThousandRuns(b *testing.B) {
	f := &File{Version: Version, Plan: "p", Runs: map[string]*Run{}}
	for i := range 100_000 {
		end := at.Add(time.Duration(i) * time.Minute)
		finished := AtTime(end)
		s := &Step{ID: "s", Digest: digestOf(i), Address: "kafka:b:9092/orders-billing/orders", At: AtTime(end), Outcome: Verified}
		f.Runs[fmt.Sprint("run", i)] = &Run{
			Document: digestOf(7), By: "a@b", Started: AtTime(end), Finished: &finished, Outcome: RunApplied, Steps: []*Step{s},
		}
	}
	f.number()
	path := filepath.Join(b.TempDir(), "p.lock.yaml")
	if err := write(path, f); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		h, err := Open(b.Context(), path, Options{Plan: "p", Holder: "a@b", Now: clock})
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Begin("new", begun(RunApplied)); err != nil {
			b.Fatal(err)
		}
		if err := h.Close(20); err != nil {
			b.Fatal(err)
		}
	}
}
