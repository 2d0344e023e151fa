package plantest

import (
	"context"
	"fmt"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
)

// Secret is the credential that a leaking connection repeats.
const Secret = "Pl4nted/secret+value=="

var errLeaking = fmt.Errorf("%w: the key %s is not known", providers.ErrDenied, Secret)

// OpenLeaking opens a document with one step, whose connection repeats Secret in the
// error of every optional interface. It identifies a target by adding identity to the
// target's own identity; if identity is "", Identify fails too.
func (r *Rig) OpenLeaking(identity string) (*survey.Reader, *survey.Connection) {
	r.T.Helper()
	reader := r.Open("x a 1")
	reader.Deps.Process.Secrets = &providers.Secrets{}
	reader.Deps.Process.Secrets.Add(Secret)
	c := reader.Connections["m"]
	if err := c.Open("m", reader.Deps.Process); err != nil {
		r.T.Fatal(err)
	}
	c.Connection = leaking{c.Connection, identity}
	return reader, c
}

// leaking is a connection whose optional interfaces repeat Secret.
type leaking struct {
	providers.Connection
	identity string
}

// identified is a target with an id that the service reports.
type identified struct {
	providers.Target
	id string
}

func (i identified) Identity() string { return i.Target.Identity() + i.id }

func (l leaking) Identify(_ context.Context, t providers.Target) (providers.Target, error) {
	if l.identity == "" {
		return nil, errLeaking
	}
	return identified{t, l.identity}, nil
}

// Read reads the target behind an identified one.
func (l leaking) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	for i, q := range reqs {
		if t, ok := q.Target.(identified); ok {
			reqs[i].Target = t.Target
		}
	}
	return l.Connection.Read(ctx, reqs)
}

func (leaking) Names(context.Context, string, map[string]string) ([]string, error) {
	return nil, errLeaking
}

func (leaking) Pause(context.Context, providers.Target) error { return errLeaking }

func (leaking) Start(context.Context, providers.Target, map[string]any) error { return errLeaking }

func (leaking) Size(_ context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := make([]providers.Size, len(reqs))
	for i := range out {
		out[i].Err = errLeaking
	}
	return out
}

func (leaking) Close() error { return nil }
