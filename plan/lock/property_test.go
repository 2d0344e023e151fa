package lock

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"pgregory.net/rapid"
)

// anyText is any valid UTF-8 text, often with control characters and characters that
// have a meaning in YAML.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"orders", "null", "y", "12", "-", "a: b", "a, b",
		"{", "}", "\"", "\\", "#", "&x", "*x", "\x00\x01\x7f", "\u0085\u2028\u2029\ufeff",
		"\U0001ffff", "\u202e", "é\n\t\r", "<<", "taken-out", "@1", " x ", "sha256:1", "0x1",
	}))
}

func named() *rapid.Generator[string] {
	return anyText().Filter(func(s string) bool { return s != "" })
}

func millis() *rapid.Generator[int64] {
	year := func(y int) int64 { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() }
	return rapid.OneOf(
		rapid.Int64(), rapid.Int64Range(year(-2), year(2)), rapid.Int64Range(year(9998), year(10002)), rapid.Int64Range(-1e6, year(2100)),
		rapid.SampledFrom([]int64{0, -1, year(0), year(1), year(10000), year(10000) - 1, math.MinInt64, math.MaxInt64}))
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Map(millis(), func(n int64) time.Time { return time.UnixMilli(n).UTC() })
}

func anyRecordedTime() *rapid.Generator[Time] { return rapid.Map(anyTime(), AtTime) }

func anyPosition() *rapid.Generator[providers.Position] {
	return rapid.Custom(func(t *rapid.T) providers.Position {
		switch k := providers.Kind(rapid.IntRange(0, int(providers.Group)).Draw(t, "kind")); k {
		case providers.Offset:
			return providers.AtOffset(rapid.Int64().Draw(t, "offset"))
		case providers.Time:
			return providers.AtTime(anyTime().Draw(t, "time"))
		case providers.Cursor:
			return providers.AtCursor(anyText().Draw(t, "cursor"))
		case providers.Group:
			return providers.PlaceOf(anyText().Draw(t, "group"))
		default:
			return providers.At(k)
		}
	})
}

func anyDigest() *rapid.Generator[string] { return rapid.StringMatching(`sha256:[0-9a-f]{64}`) }

func anyParts() *rapid.Generator[[]Part] {
	bare := rapid.StringMatching(`[^/]+`)
	one := rapid.Custom(func(t *rapid.T) Part {
		p := Part{
			Before: anyPosition().Draw(t, "before"), After: anyPosition().Draw(t, "after"),
			High: anyPosition().Draw(t, "high"), Seen: anyPosition().Draw(t, "seen"),
			LogID: anyText().Draw(t, "log"), Error: anyText().Draw(t, "error"), DecidedBy: anyText().Draw(t, "settled"),
		}
		if rapid.Bool().Draw(t, "named") {
			p.Part = providers.Part{Topic: bare.Draw(t, "topic"), Number: rapid.IntRange(0, math.MaxInt).Draw(t, "number")}
		}
		if rapid.Bool().Draw(t, "broker") && p.Part.Topic != "" {
			p.Part.Broker = bare.Draw(t, "broker")
		}
		if rapid.Bool().Draw(t, "read") {
			p.ReadUpTo = anyRecordedTime().Draw(t, "readUpTo")
		}
		if rapid.Bool().Draw(t, "kept") {
			p.Metadata = rapid.MapOfN(anyKey(), anyText(), 1, 3).Draw(t, "kept")
		}
		return p
	})
	return rapid.Map(rapid.SliceOfN(one, 0, 3), func(all []Part) []Part {
		if len(all) == 0 {
			return nil
		}
		return all
	})
}

func anyStep() *rapid.Generator[*Step] {
	return rapid.Custom(func(t *rapid.T) *Step {
		s := &Step{
			ID: anyText().Draw(t, "id"), Digest: anyDigest().Draw(t, "digest"), Address: anyText().Draw(t, "address"), Identity: anyText().Draw(t, "identity"),
			Undone: rapid.IntRange(0, 5).Draw(t, "undone"), Outcome: rapid.SampledFrom(stepOutcomes).Draw(t, "outcome"),
			RequestID: anyText().Draw(t, "requestId"),
			At:        anyRecordedTime().Draw(t, "at"), Why: anyText().Draw(t, "why"), Promise: rapid.Bool().Draw(t, "promise"),
			Parts: anyParts().Draw(t, "parts"),
		}
		if rapid.Bool().Draw(t, "paused") {
			s.Paused = &Paused{
				Doing: rapid.SampledFrom([]PauseIntent{Pausing, Starting, Stopped}).Draw(t, "doing"),
				By:    anyText().Draw(t, "by"), Since: anyRecordedTime().Draw(t, "since"), Why: anyText().Draw(t, "why"),
			}
		}
		if rapid.Bool().Draw(t, "evidence") {
			s.Evidence = &Evidence{Before: anySum().Draw(t, "before")}
			if after := anySum().Draw(t, "after"); rapid.Bool().Draw(t, "newer") {
				s.Evidence.After = &after
			}
		}
		for _, attempt := range s.attempts() {
			if rapid.Bool().Draw(t, "attempt") {
				*attempt = anyAttempt().Draw(t, "attempt")
			}
		}
		if rapid.Bool().Draw(t, "replay") {
			s.Replay = anyReplay().Draw(t, "replay")
		}
		return s
	})
}

func anyAttempt() *rapid.Generator[*Undo] {
	return rapid.Custom(func(t *rapid.T) *Undo {
		return &Undo{
			Outcome: rapid.SampledFrom(stepOutcomes).Draw(t, "outcome"), By: anyText().Draw(t, "by"), RequestID: anyText().Draw(t, "requestId"),
			At: anyRecordedTime().Draw(t, "at"), Why: anyText().Draw(t, "why"), Parts: anyParts().Draw(t, "parts"),
		}
	})
}

func anyReplay() *rapid.Generator[*Replay] {
	return rapid.Custom(func(t *rapid.T) *Replay {
		r := &Replay{
			Doing: rapid.SampledFrom(replayPhases).Draw(t, "doing"), Until: anyText().Draw(t, "until"), Then: rapid.SampledFrom(replayThens).Draw(t, "then"),
			By: anyText().Draw(t, "by"), Since: anyRecordedTime().Draw(t, "since"), Why: anyText().Draw(t, "why"),
		}
		if rapid.Bool().Draw(t, "bounded") {
			r.Bounds = rapid.MapOfN(anyKey(), anyPosition(), 1, 3).Draw(t, "bounds")
		}
		return r
	})
}

func anySum() *rapid.Generator[Sum] {
	return rapid.Custom(func(t *rapid.T) Sum {
		s := Sum{Offset: rapid.Int64().Draw(t, "offset"), At: anyRecordedTime().Draw(t, "at"), Topic: anyText().Draw(t, "topic")}
		if lag := rapid.Int64().Draw(t, "lag"); rapid.Bool().Draw(t, "known") {
			s.Lag = &lag
		}
		return s
	})
}

func anyRun() *rapid.Generator[*Run] {
	value := rapid.OneOf(rapid.Map(anyText(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }), rapid.Map(rapid.Bool(), func(b bool) any { return b }))
	return rapid.Custom(func(t *rapid.T) *Run {
		r := &Run{
			Document: anyDigest().Draw(t, "document"), By: anyText().Draw(t, "by"), Started: anyRecordedTime().Draw(t, "started"),
			Outcome: rapid.SampledFrom(runOutcomes).Draw(t, "outcome"), Steps: rapid.SliceOfN(anyStep(), 0, 3).Draw(t, "steps"),
		}
		if rapid.Bool().Draw(t, "params") {
			r.Params = schema.Values(rapid.MapOfN(named(), value, 1, 3).Draw(t, "params"))
		}
		if rapid.Bool().Draw(t, "finished") {
			end := anyRecordedTime().Draw(t, "finished")
			r.Finished = &end
		}
		for range rapid.IntRange(0, 2).Draw(t, "approvals") {
			a := Approval{Digest: anyDigest().Draw(t, "digest"), Inputs: anyDigest().Draw(t, "inputs")}
			if rapid.Bool().Draw(t, "shown") {
				a.Steps = rapid.MapOfN(anyKey(), anyDigest(), 1, 3).Draw(t, "steps")
			}
			r.Approvals = append(r.Approvals, a)
		}
		return r
	})
}

func anyFile() *rapid.Generator[*File] {
	return rapid.Custom(func(t *rapid.T) *File {
		f := &File{Version: Version, Plan: anyText().Draw(t, "plan"), Runs: rapid.MapOfN(anyKey(), anyRun(), 0, 3).Draw(t, "runs")}
		f.number()
		return f
	})
}

// TestEveryLockIsReadBack checks both readers and the JSON of the journal.
func TestEveryLockIsReadBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	rapid.Check(t, func(t *rapid.T) {
		f := anyFile().Draw(t, "lock")
		if err := write(path, f); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(raw) != string(marshal(f)) {
			t.Fatal("the lock has two texts")
		}
		if got, err := Read(t.Context(), path); err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%s\nis read as %+v, %v", raw, got, err)
		}
		if _, ok := ownLayout(raw); !ok {
			t.Fatalf("not in its own layout:\n%s", raw)
		}
		if got, err := library(raw); err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%s\nis read by the library as %+v, %v", raw, got, err)
		}
		text, err := json.Marshal(f)
		got := &File{}
		if err == nil {
			err = json.Unmarshal(text, got)
		}
		if err == nil {
			got = loaded(got)
		}
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Fatalf("%s\nis read as %+v, %v", text, got, err)
		}
	})
}

// anyKey is the name of a run, a step or a parameter, never empty.
func anyKey() *rapid.Generator[string] {
	return anyText().Filter(func(s string) bool { return s != "" })
}
