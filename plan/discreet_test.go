package plan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

const planted = "Pl4nted/secret+value=="

// talkative is a connection whose optional interfaces repeat a secret.
type talkative struct {
	providers.Connection
	identity string // added to the identity; "" = Identify fails
}

var errTalk = fmt.Errorf("%w: the key %s is not known", providers.ErrDenied, planted)

// identified is a target whose id the service reports.
type identified struct {
	providers.Target
	id string
}

func (i identified) Identity() string { return i.Target.Identity() + i.id }

func (c talkative) Identify(_ context.Context, t providers.Target) (providers.Target, error) {
	if c.identity == "" {
		return nil, errTalk
	}
	return identified{t, c.identity}, nil
}
func (talkative) Groups(context.Context) ([]string, error)                      { return nil, errTalk }
func (talkative) Pause(context.Context, providers.Target) error                 { return errTalk }
func (talkative) Close() error                                                  { return nil }
func (talkative) Start(context.Context, providers.Target, map[string]any) error { return errTalk }
func (talkative) Size(_ context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := make([]providers.Size, len(reqs))
	for i := range out {
		out[i].Err = errTalk
	}
	return out
}

// talking opens a document with one step whose connection repeats a secret.
func talking(r *rig, identity string) (*Reconciler, *connection) {
	rec := r.open("x a 1")
	rec.world.Env.Secrets = &providers.Secrets{}
	rec.world.Env.Secrets.Add(planted)
	c := rec.conns["m"]
	if err := c.open("m", rec.world.Env); err != nil {
		r.t.Fatal(err)
	}
	c.Connection = talkative{c.Connection, identity}
	return rec, c
}

// TestNoOptionalInterfaceShowsASecret plants a secret in each error that the
// optional interfaces of a connection return.
func TestNoOptionalInterfaceShowsASecret(t *testing.T) {
	rec, c := talking(newRig(t), "")
	goal, err := c.kind.Target(c.config, decoder(rec.doc.Steps[0].Target))
	if err != nil {
		t.Fatal(err)
	}
	identifier, _ := c.identifier()
	lister, _ := c.lister()
	sizer, _ := c.sizer()
	pauser, _ := c.pauser()
	for name, call := range map[string]func() error{
		"Identify": func() error { _, err := identifier.Identify(t.Context(), goal); return err },
		"Groups":   func() error { _, err := lister.Groups(t.Context()); return err },
		"Size":     func() error { return sizer.Size(t.Context(), make([]providers.SizeRequest, 1))[0].Err },
		"Pause":    func() error { return pauser.Pause(t.Context(), goal) },
		"Start":    func() error { return pauser.Start(t.Context(), goal, nil) },
	} {
		err := call()
		if err == nil || strings.Contains(err.Error(), planted) || !strings.Contains(err.Error(), providers.Hidden) || !errors.Is(err, providers.ErrDenied) {
			t.Errorf("%s: got %v, want a denial without the secret", name, err)
		}
	}
}

// TestAnIdThatRepeatsASecretIsRefused has a service whose id is a credential.
func TestAnIdThatRepeatsASecretIsRefused(t *testing.T) {
	r := newRig(t)
	rec, _ := talking(r, planted)
	_, err := rec.Plan(t.Context(), r.sel())
	if err == nil || strings.Contains(err.Error(), planted) || !strings.Contains(err.Error(), "contains a credential") {
		t.Errorf("got %v", err)
	}
}

// TestTheLockHasNoSecretOfAnOptionalInterface applies a step whose pause fails
// with a secret, and a plan whose targets cannot be identified.
func TestTheLockHasNoSecretOfAnOptionalInterface(t *testing.T) {
	r, _ := pausing(t)
	rec, c := talking(r, "/id")
	rec.doc.Steps[0].Idle.Pause = true
	c.Connection = resting{c.Connection.(talkative)}
	result, err := r.apply(rec, ApplyOptions{Settle: ptr(time.Duration(0))})
	if err == nil {
		t.Fatal("the apply succeeded")
	}
	written, failed := os.ReadFile(r.lock)
	if failed != nil {
		t.Fatal(failed)
	}
	shown := fmt.Sprintf("%+v %v %s", result, err, written)
	if strings.Contains(shown, planted) || !strings.Contains(shown, providers.Hidden) {
		t.Errorf("shown: %s", shown)
	}
}

// resting reads and moves the target that was identified.
type resting struct{ talkative }

func (c resting) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	for i, q := range reqs {
		if t, ok := q.Target.(identified); ok {
			reqs[i].Target = t.Target
		}
	}
	return c.Connection.Read(ctx, reqs)
}
