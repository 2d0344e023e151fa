package memory

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A fault breaks one promise of a provider.
type fault struct {
	kind      string // of the service that it is shown on; "" = everything
	fails     string // the case that must fail
	caps      func(providers.Capabilities) providers.Capabilities
	goal      func(providers.Target) providers.Target
	refusal   func(error) error // of a target
	onRead    func(context.Context, *connection, []providers.ReadRequest) []providers.Snapshot
	onReset   func(context.Context, *connection, providers.Move) (providers.Receipt, error)
	onList    func(key string, within map[string]string) []string
	onSize    func(*connection, []providers.Size)
	onPause   func(context.Context, *connection, providers.Target) error
	onObserve func([]providers.Sum) []providers.Sum
	script    func(providers.Config, providers.Move) (providers.Script, error) // makes it a Scripter
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
	if b.refusal != nil && err != nil {
		err = b.refusal(err)
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

func (c brokenConnection) Names(ctx context.Context, key string, within map[string]string) ([]string, error) {
	if c.onList == nil {
		return c.connection.Names(ctx, key, within)
	}
	return c.onList(key, within), nil
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

func (c brokenConnection) Observe(ctx context.Context, t providers.Target) ([]providers.Sum, error) {
	out, err := c.connection.Observe(ctx, t)
	if c.onObserve != nil {
		out = c.onObserve(out)
	}
	return out, err
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

// reportedAs changes the kind of the error of a reset.
func reportedAs(from, to error) func(context.Context, *connection, providers.Move) (providers.Receipt, error) {
	return func(ctx context.Context, c *connection, m providers.Move) (providers.Receipt, error) {
		receipt, err := c.Reset(ctx, m)
		if errors.Is(err, from) {
			err = &providers.Error{Provider: Type, Op: "reset", Kind: to, Message: "reported as another kind"}
		}
		return receipt, err
	}
}
