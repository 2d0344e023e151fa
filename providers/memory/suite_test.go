package memory

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A fault breaks one promise of a provider.
type fault struct {
	kind    string // of the service that it is shown on; "" = everything
	fails   string // the case that must fail
	caps    func(providers.Capabilities) providers.Capabilities
	goal    func(providers.Target) providers.Target
	onRead  func(context.Context, *connection, []providers.ReadRequest) []providers.Snapshot
	onReset func(context.Context, *connection, providers.Move) (providers.Receipt, error)
	onList  func(*connection) []string
	onSize  func(*connection, []providers.Size)
	onPause func(context.Context, *connection, providers.Target) error
	script  func(providers.Config, providers.Move) (providers.Script, error) // makes it a Scripter
}

// TestSuiteCatches proves the suite: each promise that is broken makes the
// case of that promise fail. A failing test cannot be watched from within, so
// this binary is run again for each fault.
func TestSuiteCatches(t *testing.T) {
	for name, f := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := strings.ReplaceAll(f.fails, " ", "_")
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestBroken$/^"+own+"$", "-test.v")
			child.Env = append(os.Environ(), "BROKEN="+name)
			out, err := child.CombinedOutput()
			var failed *exec.ExitError
			if !errors.As(err, &failed) || strings.Contains(string(out), "panic:") || !strings.Contains(string(out), "--- FAIL: TestBroken/"+own+" ") {
				t.Errorf("%q does not fail: %v\n%s", f.fails, err, out)
			}
		})
	}
}

// TestBroken is the suite on a provider with the fault that TestSuiteCatches
// asks for.
func TestBroken(t *testing.T) {
	f, ok := faults()[os.Getenv("BROKEN")]
	if !ok {
		t.Skip("only TestSuiteCatches runs this")
	}
	caps := Full()
	if f.kind != "" {
		caps = kinds()[f.kind]
	}
	providertest.Run(t, harness(caps, func(p providers.Provider) providers.Provider {
		if f.script != nil {
			return scripting{broken{p, f}}
		}
		return broken{p, f}
	}))
}

type broken struct {
	providers.Provider
	fault
}

// scripting is broken with a Scripter, which memory itself is not.
type scripting struct{ broken }

func (s scripting) Script(c providers.Config, m providers.Move) (providers.Script, error) {
	return s.script(c, m)
}

func (b broken) Capabilities() providers.Capabilities {
	if b.caps == nil {
		return b.Provider.Capabilities()
	}
	return b.caps(b.Provider.Capabilities())
}

func (b broken) Target(c providers.Config, decode func(any) error) (providers.Target, error) {
	t, err := b.Provider.Target(c, decode)
	if b.goal != nil && err == nil {
		t = b.goal(t)
	}
	return t, err
}

func (b broken) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	conn, err := b.Provider.Connect(c, env)
	return brokenConnection{conn.(*connection), b.fault}, err
}

type brokenConnection struct {
	*connection
	fault
}

func (c brokenConnection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	if c.onRead == nil {
		return c.connection.Read(ctx, reqs)
	}
	return c.onRead(ctx, c.connection, reqs)
}

func (c brokenConnection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if c.onReset == nil {
		return c.connection.Reset(ctx, m)
	}
	return c.onReset(ctx, c.connection, m)
}

func (c brokenConnection) Groups(ctx context.Context) ([]string, error) {
	if c.onList == nil {
		return c.connection.Groups(ctx)
	}
	return c.onList(c.connection), nil
}

func (c brokenConnection) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := c.connection.Size(ctx, reqs)
	if c.onSize != nil {
		c.onSize(c.connection, out)
	}
	return out
}

func (c brokenConnection) Pause(ctx context.Context, t providers.Target) error {
	if c.onPause == nil {
		return c.connection.Pause(ctx, t)
	}
	return c.onPause(ctx, c.connection, t)
}

// after changes what is read.
func after(how func(*connection, *providers.Snapshot)) func(context.Context, *connection, []providers.ReadRequest) []providers.Snapshot {
	return func(ctx context.Context, c *connection, reqs []providers.ReadRequest) []providers.Snapshot {
		out := c.Read(ctx, reqs)
		for i := range out {
			how(c, &out[i])
		}
		return out
	}
}

// before changes what is sent.
func before(how func(*connection, *providers.Move)) func(context.Context, *connection, providers.Move) (providers.Receipt, error) {
	return func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
		m.To = slices.Clone(m.To)
		how(c, &m)
		return c.Reset(ctx, m)
	}
}

// told changes the kind of the error of a reset.
func told(from, to error) func(context.Context, *connection, providers.Move) (providers.Receipt, error) {
	return func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
		receipt, err := c.Reset(ctx, m)
		if errors.Is(err, from) {
			err = &providers.Error{Provider: Type, Op: "reset", Kind: to, Message: "told otherwise"}
		}
		return receipt, err
	}
}

func faults() map[string]fault {
	calls := 0
	var pausing, cursored = "pauses its consumers", "cursors, activity inferred"
	var asWhole, noPositions, inferred = "the whole target by time, with active consumers", "only its own rule, no positions reported", "offsets by part and times as a whole, no activity reported"
	return map[string]fault{
		"capabilities that change": {fails: "capabilities are constant and every restriction has a sentence", caps: func(c providers.Capabilities) providers.Capabilities {
			calls++
			c.Settle = time.Duration(calls)
			return c
		}},
		"a cannot without a sentence": {fails: "capabilities are constant and every restriction has a sentence", caps: func(c providers.Capabilities) providers.Capabilities {
			c.Notes = map[string]string{"shift": "no"}
			return c
		}},
		"an address by spelling":     {fails: "a target has one address and overlaps itself", goal: func(t providers.Target) providers.Target { calls++; return numbered{t.(*target), calls} }},
		"targets that never overlap": {fails: "a target has one address and overlaps itself", goal: func(t providers.Target) providers.Target { return alone{t.(*target)} }},
		"a reading that commits": {fails: "a reading has no effect", onRead: after(func(c *connection, _ *providers.Snapshot) {
			c.s.Commit("billing", providers.Part{Topic: "orders"}, 2, nil)
		})},
		"a reading that joins":     {fails: "a reading has no effect", onRead: after(func(c *connection, _ *providers.Snapshot) { c.s.locked(func() { c.s.resets++ }) })},
		"answers in another order": {fails: "a reading answers every request in order", onRead: reversed},
		"positions that are invented": {kind: noPositions, fails: "a reading reports what is claimed and no more", onRead: after(func(_ *connection, s *providers.Snapshot) {
			s.Parts = []providers.PartReading{{Committed: providers.AtOffset(0)}}
		})},
		"boundaries that are invented":  {kind: "offsets by part, no boundaries", fails: "a reading reports what is claimed and no more", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Low = providers.AtOffset(0) })},
		"idleness that is invented":     {kind: inferred, fails: "a reading reports what is claimed and no more", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.State = providers.Idle })},
		"a silence without a why":       {kind: inferred, fails: "a reading reports what is claimed and no more", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.Why = "" })},
		"nothing is ever missing":       {fails: "names that do not exist are reported as missing", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Missing = nil })},
		"parts that are not sorted":     {fails: "parts are sorted and within their boundaries", onRead: after(func(_ *connection, s *providers.Snapshot) { slices.Reverse(s.Parts) })},
		"a part that is left out":       {fails: "parts are sorted and within their boundaries", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts = s.Parts[:max(0, len(s.Parts)-1)] })},
		"a commit below the log":        {fails: "parts are sorted and within their boundaries", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Low = providers.AtOffset(4) })},
		"a commit that is not read":     {fails: "parts are sorted and within their boundaries", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Committed = providers.AtOffset(2) })},
		"consumers in the wrong state":  {fails: "parts are sorted and within their boundaries", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Activity.State = providers.Active })},
		"a time past the end is a hole": {fails: "a time, a boundary and another group are resolved", onRead: after(resolveAs(providers.Time, providers.AtOffset(-1)))},
		"earliest is always zero plus":  {fails: "a time, a boundary and another group are resolved", onRead: after(resolveAs(providers.Earliest, providers.AtOffset(1)))},
		"the other group is this one":   {fails: "a time, a boundary and another group are resolved", onRead: after(resolveAs(providers.Group, providers.AtOffset(3)))},
		"a resolution that is left out": {fails: "a time, a boundary and another group are resolved", onRead: after(func(_ *connection, s *providers.Snapshot) { s.Parts[0].Resolved = nil })},
		"a reset of every part": {fails: "a reset moves the named parts and no other", onReset: before(func(c *connection, m *providers.Move) {
			m.To = append(m.To, providers.PartMove{Part: providers.Part{Topic: "orders", Number: 1}, Position: m.To[0].Position})
		})},
		"a reset of nothing": {fails: "a reset moves the named parts and no other", onReset: func(context.Context, *connection, providers.Move) (providers.Receipt, error) {
			return providers.Receipt{}, nil
		}},
		"a whole that is latest": {kind: asWhole, fails: "a reset of the whole target moves every part", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Position = providers.At(providers.Latest) })},
		"a whole that is sent twice": {kind: asWhole, fails: "a reset of the whole target moves every part", onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
			_, _ = c.Reset(ctx, m)
			return c.Reset(ctx, m)
		}},
		"metadata that is dropped":    {fails: "metadata of a position is restored", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Metadata = nil })},
		"metadata of the provider":    {fails: "metadata of a position is restored", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Metadata = map[string]string{"metadata": "resetplan"} })},
		"unset that is earliest":      {fails: "a commit can be removed and put back", onReset: before(unsetAsEarliest)},
		"an offset below zero":        {fails: "a kind that cannot be moved is refused", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Position = max0(m.To[0].Position) })},
		"a kind that is not claimed":  {fails: "a kind that cannot be moved is refused", onReset: told(providers.ErrUnsupported, providers.ErrInvalid)},
		"a grain finer than claimed":  {kind: asWhole, fails: "a kind that cannot be moved is refused", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].Part = providers.Part{} })},
		"active consumers overridden": {fails: "consumers in the wrong state refuse a reset", onReset: before(func(c *connection, _ *providers.Move) { c.s.Rest("billing") })},
		"active consumers not reported": {fails: "consumers in the wrong state refuse a reset", onRead: after(func(_ *connection, s *providers.Snapshot) {
			s.Activity = providers.Activity{State: providers.Idle, Why: "Empty"}
		})},
		"offline consumers overridden": {kind: asWhole, fails: "consumers in the wrong state refuse a reset", onReset: before(func(c *connection, _ *providers.Move) { c.s.Activate("billing") })},
		"a lost answer sent again": {fails: "a lost answer is in doubt and sent once", onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
			receipt, err := c.Reset(ctx, m)
			if errors.Is(err, providers.ErrInDoubt) {
				_, _ = c.Reset(ctx, m)
			}
			return receipt, err
		}},
		"a lost answer reported as a failure": {fails: "a lost answer is in doubt and sent once", onReset: told(providers.ErrInDoubt, providers.ErrUnavailable)},
		"throttling in doubt":                 {fails: "a throttled reset has done nothing", onReset: told(providers.ErrThrottled, providers.ErrInDoubt)},
		"a cancelled reset that is sent": {fails: "a reset that was cancelled before it was sent has done nothing", onReset: func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
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
		"logs known by name alone": {fails: "a re-created topic is not the same log", onReset: before(func(_ *connection, m *providers.Move) { m.To[0].LogID = "" })},
		"a call that fails on being given up as unavailable": {fails: "a call that is cancelled returns", onRead: after(func(_ *connection, s *providers.Snapshot) {
			if s.Err != nil {
				s.Err = &providers.Error{Provider: Type, Kind: providers.ErrUnavailable}
			}
		})},
		"groups in any order": {fails: "groups are listed sorted", onList: func(*connection) []string { return []string{"donor", "billing"} }},
		"a group left out":    {fails: "groups are listed sorted", onList: func(*connection) []string { return []string{"donor"} }},
		"sizes that join":     {fails: "sizes are reported without joining", onSize: func(c *connection, _ []providers.Size) { c.s.locked(func() { c.s.resets++ }) }},
		"sizes not requested": {fails: "sizes are reported without joining", onSize: func(_ *connection, s []providers.Size) { s[2] = s[1] }},
		"a record too old": {fails: "a time, a boundary and another group are resolved", onRead: after(func(_ *connection, s *providers.Snapshot) {
			for i := range s.Parts[0].Resolved {
				s.Parts[0].Resolved[i].Time = time.Unix(0, 0)
			}
		})},
		"a target of another group": {fails: "a target has one address and overlaps itself", goal: func(t providers.Target) providers.Target { return foreign{t.(*target)} }},
		"a pause that is not claimed and has no remedy": {fails: "what cannot be done is a value with a remedy", caps: func(c providers.Capabilities) providers.Capabilities {
			delete(c.Notes, "idle.pause")
			return c
		}},
		"a needed group without a remedy": {fails: "what cannot be done is a value with a remedy", caps: func(c providers.Capabilities) providers.Capabilities {
			c.NeedsGroup = true
			return c
		}},
		"cursors that cannot be compared": {kind: cursored, fails: "cursors of one part can be compared", onRead: after(func(_ *connection, s *providers.Snapshot) {
			s.Parts[0].High = providers.AtCursor("opaque")
		})},
		"a pause of nothing": {kind: pausing, fails: "consumers are paused and started again", onPause: func(context.Context, *connection, providers.Target) error { return nil }},
		"a pause that moves the group": {kind: pausing, fails: "consumers are paused and started again", onPause: func(ctx context.Context, c *connection, t providers.Target) error {
			c.s.Commit("billing", providers.Part{Topic: "orders"}, 2, nil)
			return c.Pause(ctx, t)
		}},
		"a cancelled pause that is sent": {kind: pausing, fails: "a pause that was cancelled before it was sent has done nothing", onPause: func(ctx context.Context, c *connection, t providers.Target) error {
			return errors.Join(c.Pause(context.WithoutCancel(ctx), t), ctx.Err())
		}},
		"no commands": {fails: "a move is written as commands that hold no secret", script: func(providers.Config, providers.Move) (providers.Script, error) { return providers.Script{}, nil }},
		"commands with a secret": {fails: "a move is written as commands that hold no secret", script: func(providers.Config, providers.Move) (providers.Script, error) {
			return providers.Script{Commands: []string{"reset --password " + secret}}, nil
		}},
		"commands for what cannot be sent": {fails: "a move that cannot be sent is not written as commands", script: func(providers.Config, providers.Move) (providers.Script, error) {
			return providers.Script{Commands: []string{"reset"}}, nil
		}},
		"sizes in any order": {fails: "sizes are reported without joining", onSize: func(_ *connection, s []providers.Size) { slices.Reverse(s) }},
	}
}

type numbered struct {
	*target
	n int
}

func (n numbered) Address() string  { return n.target.Address() + strings.Repeat("'", n.n) }
func (n numbered) Identity() string { return n.Address() }
func (n numbered) Overlaps(o providers.Target) bool {
	other, ok := o.(numbered)
	return ok && n.target.Overlaps(other.target)
}

type foreign struct{ *target }

func (foreign) Group() string { return "donor" }
func (f foreign) Overlaps(o providers.Target) bool {
	other, ok := o.(foreign)
	return ok && f.target.Overlaps(other.target)
}

type alone struct{ *target }

func (alone) Overlaps(providers.Target) bool { return false }

func reversed(ctx context.Context, c *connection, reqs []providers.ReadRequest) []providers.Snapshot {
	out := c.Read(ctx, reqs)
	if len(out) > 1 {
		out[0], out[1] = out[1], out[0]
	}
	return out
}

// resolveAs answers every question of a kind with the same.
func resolveAs(k providers.Kind, with providers.Position) func(*connection, *providers.Snapshot) {
	return func(_ *connection, s *providers.Snapshot) {
		for _, p := range s.Parts {
			for i := range p.Resolved {
				if p.Resolved[i].Asked.Kind() == k {
					p.Resolved[i].Found = with
				}
			}
		}
	}
}

func unsetAsEarliest(_ *connection, m *providers.Move) {
	if m.To[0].Position.Kind() == providers.Unset {
		m.To[0].Position = providers.AtOffset(0)
	}
}

func max0(p providers.Position) providers.Position {
	if n, ok := p.Offset(); ok {
		return providers.AtOffset(max(n, 0))
	}
	return p
}
