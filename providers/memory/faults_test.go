package memory

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// faults break one promise each, by name.
func faults() map[string]fault {
	calls := 0
	var pausing, cursored = "pauses its consumers", "cursors, activity inferred"
	var asWhole, noPositions, inferred = "the whole target by time, with active consumers", "only its own rule, no positions reported",
		"offsets by part and times as a whole, no activity reported"
	return map[string]fault{
		"capabilities that change": {fails: "capabilities are constant and every restriction has a sentence",
			caps: func(c providers.Capabilities) providers.Capabilities {
				calls++
				c.Settle = time.Duration(calls)
				return c
			}},
		"a cannot without a sentence": {fails: "capabilities are constant and every restriction has a sentence",
			caps: func(c providers.Capabilities) providers.Capabilities {
				c.Notes = map[string]providers.Note{"shift": {Fact: "no"}}
				return c
			}},
		"an address by spelling": {fails: "a target has one address and overlaps itself",
			goal: func(t providers.Target) providers.Target { calls++; return numbered{t.(*target), calls} }},
		"targets that never overlap": {fails: "a target has one address and overlaps itself",
			goal: func(t providers.Target) providers.Target { return alone{t.(*target)} }},
		"a reading that commits": {fails: "a reading has no effect", onRead: after(func(c *connection, _ *providers.Snapshot) {
			c.s.Commit("billing", providers.Part{Topic: "orders"}, 2, nil)
		})},
		"a reading that joins": {fails: "a reading has no effect",
			onRead: after(func(c *connection, _ *providers.Snapshot) { c.s.locked(func() { c.s.resets++ }) })},
		"answers in another order": {fails: "a reading answers every request in order", onRead: reversed},
		"positions that are invented": {kind: noPositions, fails: "a reading reports what is claimed and no more",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				s.Parts = []providers.PartReading{{Committed: providers.AtOffset(0)}}
			})},
		"boundaries that are invented": {kind: "offsets by part, no boundaries", fails: "a reading reports what is claimed and no more",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Low = providers.AtOffset(0) })},
		"idleness that is invented": {kind: inferred, fails: "a reading reports what is claimed and no more",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.State = providers.Idle })},
		"a silence without a why": {kind: inferred, fails: "a reading reports what is claimed and no more",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.Why = "" })},
		"nothing is ever missing": {fails: "names that do not exist are reported as missing",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Missing = nil })},
		"parts that are not sorted": {fails: "parts are sorted and within their boundaries",
			onRead: after(func(_ *connection, s *providers.Snapshot) { slices.Reverse(s.Parts) })},
		"a part that is left out": {fails: "parts are sorted and within their boundaries",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts = s.Parts[:max(0, len(s.Parts)-1)] })},
		"a commit below the log": {fails: "parts are sorted and within their boundaries",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Low = providers.AtOffset(4) })},
		"a commit that is not read": {fails: "parts are sorted and within their boundaries",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Committed = providers.AtOffset(2) })},
		"consumers in the wrong state": {fails: "parts are sorted and within their boundaries",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.State = providers.Active })},
		"a time past the end is a hole": {fails: "a time, a boundary and another group are resolved",
			onRead: after(resolveAs(providers.Time, providers.AtOffset(-1)))},
		"earliest is always zero plus": {fails: "a time, a boundary and another group are resolved",
			onRead: after(resolveAs(providers.Earliest, providers.AtOffset(1)))},
		"the other group is this one": {fails: "a time, a boundary and another group are resolved",
			onRead: after(resolveAs(providers.Group, providers.AtOffset(3)))},
		"a resolution that is left out": {fails: "a time, a boundary and another group are resolved",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Resolved = nil })},
		"a reset of every part": {fails: "a reset moves the named parts and no other", onReset: before(func(c *connection, m *providers.Move) {
			m.To = append(m.To, providers.PartMove{Part: providers.Part{Topic: "orders", Number: 1}, Position: m.To[0].Position})
		})},
		"a reset of nothing": {fails: "a reset moves the named parts and no other",
			onReset: func(context.Context, *connection, providers.Move) (providers.Receipt, error) {
				return providers.Receipt{}, nil
			}},
		"a whole that is latest": {kind: asWhole, fails: "a reset of the whole target moves every part",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Position = providers.At(providers.Latest) })},
		"a whole that is sent twice": {kind: asWhole, fails: "a reset of the whole target moves every part",
			onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
				_, _ = c.Reset(ctx, m)
				return c.Reset(ctx, m)
			}},
		"metadata that is dropped": {fails: "metadata of a position is restored",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Metadata = nil })},
		"metadata of the provider": {fails: "metadata of a position is restored",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Metadata = map[string]string{"metadata": "resetplan"} })},
		"unset that is earliest": {fails: "a commit can be removed and put back", onReset: before(unsetAsEarliest)},
		"an offset below zero": {fails: "a kind that cannot be moved is refused",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Position = max0(m.To[0].Position) })},
		"a kind that is not claimed": {fails: "a kind that cannot be moved is refused", onReset: reportedAs(providers.ErrUnsupported,
			providers.ErrInvalid)},
		"a grain finer than claimed": {kind: asWhole, fails: "a kind that cannot be moved is refused",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Part = providers.Part{} })},
		"active consumers overridden": {fails: "consumers in the wrong state refuse a reset",
			onReset: before(func(c *connection, _ *providers.Move) { c.s.Rest("billing") })},
		"active consumers not reported": {fails: "consumers in the wrong state refuse a reset", onRead: after(func(_ *connection, s *providers.Snapshot) {
			s.Activity = providers.Activity{State: providers.Idle, Why: "Empty"}
		})},
		"offline consumers overridden": {kind: asWhole, fails: "consumers in the wrong state refuse a reset",
			onReset: before(func(c *connection, _ *providers.Move) { c.s.Activate("billing") })},
		"a lost answer sent again": {fails: "a lost answer is in doubt and sent once",
			onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
				receipt, err := c.Reset(ctx, m)
				if errors.Is(err, providers.ErrInDoubt) {
					_, _ = c.Reset(ctx, m)
				}
				return receipt, err
			}},
		"a lost answer reported as a failure": {fails: "a lost answer is in doubt and sent once",
			onReset: reportedAs(providers.ErrInDoubt, providers.ErrUnavailable)},
		"throttling in doubt": {fails: "a throttled reset has done nothing", onReset: reportedAs(providers.ErrThrottled, providers.ErrInDoubt)},
		"a cancelled reset that is sent": {fails: "a reset that was cancelled before it was sent has done nothing",
			onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
				receipt, err := c.Reset(context.WithoutCancel(ctx), m)
				return receipt, errors.Join(err, ctx.Err())
			}},
		"a denial that contains a secret": {fails: "a denial has the service's own code", onRead: after(func(_ *connection, s *providers.Snapshot) {
			if s.Err != nil {
				s.Err = &providers.Error{Provider: Type, Kind: providers.ErrDenied, Code: "FAULT", Message: "wrong: " + secret}
			}
		})},
		"a denial without a code": {fails: "a denial has the service's own code", onRead: after(func(_ *connection, s *providers.Snapshot) {
			if s.Err != nil {
				s.Err = &providers.Error{Provider: Type, Kind: providers.ErrDenied}
			}
		})},
		"logs known by name alone": {fails: "a re-created topic is not the same log",
			onReset: before(func(_ *connection, m *providers.Move) { m.To[0].LogID = "" })},
		"a call that fails on being given up as unavailable": {fails: "a call that is cancelled returns",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				if s.Err != nil {
					s.Err = &providers.Error{Provider: Type, Kind: providers.ErrUnavailable}
				}
			})},
		"a time that leads further back": {kind: asByTime, fails: "a time is bounded by the last consumed record", onReset: before(earlier)},
		"an older time of the last consumed record": {kind: asByTime, fails: "a time is bounded by the last consumed record",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				s.Parts[0].ReadUpTo = s.Parts[0].ReadUpTo.Add(-2 * time.Hour)
			})},
		"a later time of the last consumed record": {kind: asByTime, fails: "a time is bounded by the last consumed record",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].ReadUpTo = s.Parts[0].ReadUpTo.Add(time.Hour) })},
		"a time near an offset that leads elsewhere": {kind: asNear, fails: "a time near an offset or another group leads there",
			onReset: before(earlier)},
		"a time near another group that is the own one": {kind: asNear, fails: "a time near an offset or another group leads there",
			onRead: after(func(c *connection, s *providers.Snapshot) {
				for i := range s.Parts[0].Resolved {
					s.Parts[0].Resolved[i].Send = providers.AtTime(now)
				}
			})},
		"nothing to send": {kind: asNear, fails: "a time near an offset or another group leads there",
			onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Resolved = nil })},
		"a range that runs backwards": {kind: asVague, fails: "a time, a boundary and another group are resolved",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				for i := range s.Parts[0].Resolved {
					s.Parts[0].Resolved[i].UpTo = s.Parts[0].Low
				}
			})},
		"a range for an exact position": {fails: "a time, a boundary and another group are resolved",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				for i := range s.Parts[0].Resolved {
					s.Parts[0].Resolved[i].UpTo = s.Parts[0].High
				}
			})},
		"groups in any order": {fails: "names are listed for each selector", onList: listing("donor", "billing")},
		"a group left out":    {fails: "names are listed for each selector", onList: listing("donor")},
		"the topics of every group": {kind: asNested, fails: "names are listed for each selector", onList: func(key string, _ map[string]string) []string {
			return map[string][]string{"group": {"billing", "donor"}, "topic": {"orders"}}[key]
		}},
		"a group twice": {fails: "names are listed for each selector", onList: listing("billing", "billing", "donor")},
		"sizes that join": {fails: "sizes are reported without joining",
			onSize: func(c *connection, _ []providers.Size) { c.s.locked(func() { c.s.resets++ }) }},
		"sizes not requested": {fails: "sizes are reported without joining", onSize: func(_ *connection, s []providers.Size) { s[2] = s[1] }},
		"a record too old": {fails: "a time, a boundary and another group are resolved", onRead: after(func(_ *connection, s *providers.Snapshot) {
			for i := range s.Parts[0].Resolved {
				s.Parts[0].Resolved[i].Time = time.Unix(0, 0)
			}
		})},
		"a refusal without a key": {fails: "a target that is refused names its key",
			refusal: func(err error) error { return errors.New(err.Error()) }},
		"a target of another group": {fails: "a target has one address and overlaps itself",
			goal: func(t providers.Target) providers.Target { return foreign{t.(*target)} }},
		"a pause that is not claimed and has no remedy": {fails: "what cannot be done is a value with a remedy",
			caps: func(c providers.Capabilities) providers.Capabilities {
				delete(c.Notes, "idle.pause")
				return c
			}},
		"a needed group without a remedy": {fails: "what cannot be done is a value with a remedy",
			caps: func(c providers.Capabilities) providers.Capabilities {
				c.NeedsGroup = true
				return c
			}},
		"cursors that cannot be compared": {kind: cursored, fails: "cursors of one part can be compared",
			onRead: after(func(_ *connection, s *providers.Snapshot) {
				s.Parts[0].High = providers.AtCursor("opaque")
			})},
		"cursors without an order": {kind: cursored, fails: "cursors of one part can be compared",
			caps: func(c providers.Capabilities) providers.Capabilities {
				c.Order = providers.Order{}
				return c
			}},
		"a shift of one more": {kind: cursored, fails: "a shift leads as far as it says",
			caps: func(c providers.Capabilities) providers.Capabilities {
				c.Order.Cursor = func(n int64) string { return cursorOf(n + 1) }
				return c
			}},
		"a pause of nothing": {kind: pausing, fails: "consumers are paused and started again",
			onPause: func(context.Context, *connection, providers.Target) error { return nil }},
		"a pause that moves the group": {kind: pausing, fails: "consumers are paused and started again",
			onPause: func(ctx context.Context, c *connection, t providers.Target) error {
				c.s.Commit("billing", providers.Part{Topic: "orders"}, 2, nil)
				return c.Pause(ctx, t)
			}},
		"a cancelled pause that is sent": {kind: pausing, fails: "a pause that was cancelled before it was sent has done nothing",
			onPause: func(ctx context.Context, c *connection, t providers.Target) error {
				return errors.Join(c.Pause(context.WithoutCancel(ctx), t), ctx.Err())
			}},
		"sums of something else": {kind: pausing, fails: "running consumers are observed",
			onObserve: func(s []providers.Sum) []providers.Sum { s[0].Offset++; return s }},
		"no sums": {kind: pausing, fails: "running consumers are observed", onObserve: func([]providers.Sum) []providers.Sum { return nil }},
		"sums in any order": {kind: pausing, fails: "running consumers are observed", onObserve: func(s []providers.Sum) []providers.Sum {
			return []providers.Sum{{At: s[0].At.Add(time.Hour)}, s[0]}
		}},
		"no commands": {fails: "a move is written as commands that hold no secret",
			script: func(providers.Config, providers.Move) (providers.Script, error) { return providers.Script{}, nil }},
		"commands with a secret": {fails: "a move is written as commands that hold no secret",
			script: func(providers.Config, providers.Move) (providers.Script, error) {
				return providers.Script{Commands: []string{"reset --password " + secret}}, nil
			}},
		"commands for what cannot be sent": {fails: "a move that cannot be sent is not written as commands",
			script: func(providers.Config, providers.Move) (providers.Script, error) {
				return providers.Script{Commands: []string{"reset"}}, nil
			}},
		"sizes in any order": {fails: "sizes are reported without joining", onSize: func(_ *connection, s []providers.Size) { slices.Reverse(s) }},
	}
}

// listing returns the same names for every key.
func listing(names ...string) func(string, map[string]string) []string {
	return func(string, map[string]string) []string { return names }
}

// earlier sends a time two hours before the given one.
func earlier(_ *connection, m *providers.Move) {
	at, _ := m.To[0].Position.Time()
	m.To[0].Position = providers.AtTime(at.Add(-2 * time.Hour))
}
