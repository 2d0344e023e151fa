package modelcheck_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
	"pgregory.net/rapid"
)

// A recordedRun is a run with its recorded steps.
type recordedRun struct {
	key   string
	run   lock.Run
	steps []lock.Step
	ends  bool
}

func moments() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		year := rapid.SampledFrom([]int{2026, 2026, 1970, 1, 9999, 0, 10000}).Draw(t, "year")
		return time.Date(year, 1, 1, 0, 0, 0, rapid.IntRange(0, 999).Draw(t, "milliseconds")*1e6, time.UTC)
	})
}

// sane returns times of a working clock.
func sane() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, 1<<31), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
}

func positions() *rapid.Generator[providers.Position] {
	return rapid.Custom(func(t *rapid.T) providers.Position {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return providers.AtOffset(rapid.Int64().Draw(t, "offset"))
		case 1:
			return providers.AtTime(moments().Draw(t, "time"))
		case 2:
			return providers.AtCursor(base64.StdEncoding.EncodeToString([]byte(strconv.FormatInt(rapid.Int64().Draw(t, "cursor"), 10))))
		case 3:
			return providers.AtTime(time.UnixMilli(rapid.Int64Range(-1<<47, 1<<47).Draw(t, "milliseconds")))
		}
		words := []providers.Kind{providers.Unknown, providers.Unset, providers.Earliest, providers.Latest, providers.Default}
		return providers.At(rapid.SampledFrom(words).Draw(t, "word"))
	})
}

func words() *rapid.Generator[string] {
	odd := []string{"", "no", "12", "0x1f", "~", "a: b", "- x", "{", "\"", "a\nb", "\u0085", "#", "null", "1e3", "é", "2026-01-01"}
	return rapid.OneOf(rapid.StringN(0, 12, -1), rapid.SampledFrom(odd))
}

func names() *rapid.Generator[string] { return rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,8}`) }

func recordedParts() *rapid.Generator[[]lock.Part] {
	one := rapid.Custom(func(t *rapid.T) lock.Part {
		p := lock.Part{
			Part: providers.Part{Topic: rapid.StringMatching(`[a-zA-Z0-9._-]{1,6}`).Draw(t, "topic"),
				Number: rapid.IntRange(0, 99).Draw(t, "number")},
			Before: positions().Draw(t, "before"), After: positions().Draw(t, "after"), High: positions().Draw(t, "high"),
			Seen:  positions().Draw(t, "seen"),
			LogID: words().Draw(t, "log"), Error: words().Draw(t, "error"),
		}
		if rapid.Bool().Draw(t, "broker") {
			p.Part.Broker = rapid.StringMatching(`[a-z0-9-]{1,6}`).Draw(t, "name")
		}
		if rapid.Bool().Draw(t, "metadata") {
			p.Metadata = rapid.MapOfN(words().Filter(func(name string) bool { return name != "" }), words(), 1, 2).Draw(t, "entries")
		}
		if rapid.Bool().Draw(t, "read") {
			p.ReadUpTo = lock.AtTime(moments().Draw(t, "read up to"))
		}
		return p
	})
	return rapid.Map(rapid.SliceOfN(one, 0, 3), func(parts []lock.Part) []lock.Part {
		slices.SortFunc(parts, func(a, b lock.Part) int { return a.Part.Compare(b.Part) })
		return slices.CompactFunc(parts, func(a, b lock.Part) bool { return a.Part == b.Part })
	})
}

func outcomes() *rapid.Generator[lock.Outcome] {
	return rapid.SampledFrom([]lock.Outcome{
		lock.Verified, lock.Applied, lock.Keep, lock.Refused, lock.Failed, lock.Overwritten, lock.Undone, lock.InDoubt, lock.NotRun})
}

func recordedSteps() *rapid.Generator[lock.Step] {
	return rapid.Custom(func(t *rapid.T) lock.Step {
		s := lock.Step{
			ID: names().Draw(t, "id"), Digest: digestOf(fmt.Sprintf("%06x", rapid.IntRange(0, 1<<24-1).Draw(t, "digest"))),
			Address: "kafka:" + words().Draw(t, "address"), Outcome: outcomes().Draw(t, "outcome"), RequestID: words().Draw(t, "request"),
			At: lock.AtTime(sane().Draw(t, "at")), Why: words().Draw(t, "why"), Promise: rapid.Bool().Draw(t, "promise"),
			Parts: recordedParts().Draw(t, "parts"),
		}
		if rapid.Bool().Draw(t, "paused") {
			s.Paused = &lock.Paused{Doing: rapid.SampledFrom([]lock.PauseIntent{lock.Pausing, lock.Starting}).Draw(t, "doing"),
				By: "x" + words().Draw(t, "by"), Since: lock.AtTime(sane().Draw(t, "since")), Why: words().Draw(t, "why")}
		}
		if rapid.Bool().Draw(t, "undo") {
			s.Undo = &lock.Undo{Outcome: outcomes().Draw(t, "outcome"), By: "x" + words().Draw(t, "by"), RequestID: words().Draw(t, "request"),
				At: lock.AtTime(sane().Draw(t, "at")), Why: words().Draw(t, "why"), Parts: recordedParts().Draw(t, "parts")}
		}
		return s
	})
}

func recordedRuns() *rapid.Generator[recordedRun] {
	return rapid.Custom(func(t *rapid.T) recordedRun {
		r := recordedRun{key: names().Draw(t, "key"), ends: rapid.Bool().Draw(t, "ends"),
			steps: rapid.SliceOfN(recordedSteps(), 0, 3).Draw(t, "steps"),
			run: lock.Run{Document: digestOf("1"), By: "x" + words().Draw(t, "by"), Started: lock.AtTime(sane().Draw(t, "started")),
				Outcome: lock.RunInterrupted}}
		if rapid.Bool().Draw(t, "params") {
			r.run.Params = schema.Values{"text": words().Draw(t, "text"), "number": rapid.Int64().Draw(t, "number"), "flag": true}
		}
		return r
	})
}

// A writer records runs through the API of package lock.
type writer struct {
	path string
	now  time.Time
	runs []recordedRun
}

// write records all runs and returns what was recorded. It calls read while
// everything is in the journal, before the lock is written. The error is that of a
// record that was refused: if a record before a send is refused, nothing is sent.
func (w *writer) write(read func(want *lock.File)) (*lock.File, error) {
	held, err := holdLock(w.path, "p", "x", func() time.Time { return w.now })
	if err != nil {
		return nil, err
	}
	for _, r := range w.runs {
		if err := held.Begin(r.key, r.run); err != nil {
			return nil, errors.Join(err, held.Close(1<<30))
		}
		for _, s := range r.steps {
			if err := held.Record(r.key, s); err != nil {
				return nil, errors.Join(err, held.Close(1<<30))
			}
		}
		if r.ends {
			if err := held.Finish(r.key, lock.RunApplied, r.run.Started.Time); err != nil {
				return nil, errors.Join(err, held.Close(1<<30))
			}
		}
	}
	read(loaded(held))
	err = held.Close(1 << 30)
	return loaded(held), err
}

// loaded returns what is held with the parts of every run, which the lock keeps as text.
func loaded(held *lock.Held) *lock.File {
	f := *held.File()
	f.Runs = maps.Clone(f.Runs)
	for key := range f.Runs {
		f.Runs[key] = held.Loaded(key).Runs[key]
	}
	return &f
}
