package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
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

func (talkative) Groups(context.Context) ([]string, error) { return nil, errTalk }

func (talkative) Pause(context.Context, providers.Target) error { return errTalk }

func (talkative) Close() error { return nil }

func (talkative) Start(context.Context, providers.Target, map[string]any) error { return errTalk }

func (talkative) Size(_ context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := make([]providers.Size, len(reqs))
	for i := range out {
		out[i].Err = errTalk
	}
	return out
}

// talking opens a document with one step whose connection repeats a secret.
func talking(r *plantest.Rig, identity string) (*survey.Reader, *survey.Connection) {
	rec := r.Open("x a 1")
	rec.Deps.Process.Secrets = &providers.Secrets{}
	rec.Deps.Process.Secrets.Add(planted)
	c := rec.Connections["m"]
	if err := c.Open("m", rec.Deps.Process); err != nil {
		r.T.Fatal(err)
	}
	c.Connection = talkative{c.Connection, identity}
	return rec, c
}

// TestNoOptionalInterfaceShowsASecret plants a secret in each error that the
// optional interfaces of a connection return.
func TestNoOptionalInterfaceShowsASecret(t *testing.T) {
	rec, c := talking(plantest.New(t), "")
	goal, err := c.Kind.Target(c.Config, check.Decoder(rec.Doc.Steps[0].Target))
	if err != nil {
		t.Fatal(err)
	}
	identifier, _ := c.Identifier()
	lister, _ := c.Lister()
	sizer, _ := c.Sizer()
	pauser, _ := c.Pauser()
	for name, call := range map[string]func() error{
		"Identify": func() error { _, err := identifier.Identify(t.Context(), goal); return err },
		"Groups":   func() error { _, err := lister.Groups(t.Context()); return err },
		"Size":     func() error { return sizer.Size(t.Context(), make([]providers.SizeRequest, 1))[0].Err },
		"Pause":    func() error { return pauser.Pause(t.Context(), goal) },
		"Start":    func() error { return pauser.Start(t.Context(), goal, nil) },
	} {
		err := call()
		if err == nil || strings.Contains(err.Error(), planted) || !strings.Contains(err.Error(), providers.Hidden) ||
			!errors.Is(err, providers.ErrDenied) {
			t.Errorf("%s: got %v, want a denial without the secret", name, err)
		}
	}
}

func TestIDContainingASecretIsRefused(t *testing.T) {
	r := plantest.New(t)
	rec, _ := talking(r, planted)
	_, err := reconcile.Plan(t.Context(), rec, r.Sel())
	if err == nil || strings.Contains(err.Error(), planted) || !strings.Contains(err.Error(), "contains a credential") {
		t.Errorf("got %v", err)
	}
}

// TestLockContainsNoSecretOfAnOptionalInterface applies a step whose pause fails
// with a secret, and a plan whose targets cannot be identified.
func TestLockContainsNoSecretOfAnOptionalInterface(t *testing.T) {
	r, _ := pausing(t)
	rec, c := talking(r, "/id")
	rec.Doc.Steps[0].Idle.Pause = true
	c.Connection = resting{c.Connection.(talkative)}
	result, err := r.Apply(rec, reconcile.ApplyOptions{Settle: ptr(time.Duration(0))})
	if err == nil {
		t.Fatal("the apply succeeded")
	}
	written, failed := os.ReadFile(r.Lock)
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
