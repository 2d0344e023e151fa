package survey_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// lists is a service whose lists of names fail with these errors, one after the other,
// and which cannot address the group b.
type lists struct {
	providers.Provider
	errs []error
}

func (l *lists) Target(c providers.Config, decode func(into any) error) (providers.Target, error) {
	t, err := l.Provider.Target(c, decode)
	if err == nil && t.Group() == "b" {
		return nil, &providers.KeyError{Key: "group", Reason: "invalid group name"}
	}
	return t, err
}

func (l *lists) Connect(c providers.Config, env providers.Process) (providers.Connection, error) {
	conn, err := l.Provider.Connect(c, env)
	return listing{conn, conn.(providers.Lister), l}, err
}

type listing struct {
	providers.Connection
	providers.Lister
	service *lists
}

func (c listing) Names(ctx context.Context, key string, within map[string]string) ([]string, error) {
	if errs := c.service.errs; len(errs) > 0 {
		c.service.errs = errs[1:]
		return nil, &providers.Error{Kind: errs[0], Message: "no list"}
	}
	return c.Lister.Names(ctx, key, within)
}

// listed opens the steps s, on every group, and t, on the group a.
func listed(t *testing.T, errs ...error) *survey.Reader {
	t.Helper()
	rig := plantest.New(t)
	rig.Caps.Selects = []providers.Selector{{Key: "groups", One: "group"}}
	r := rig.Open("s x 1\nt a 1")
	r.Doc.Steps[0].Target, r.Doc.Steps[0].Select = map[string]any{"topic": "orders"}, []schema.Selection{{Key: "groups", One: "group", Names: []string{"*"}}}
	r.Connections["m"].Kind = &lists{r.Connections["m"].Kind, errs}
	return r
}

// TestAListIsRequestedAgain after a temporary error, as a read is.
func TestAListIsRequestedAgain(t *testing.T) {
	jobs, err := listed(t, providers.ErrThrottled, providers.ErrUnavailable).Jobs(t.Context(), nil)
	if err != nil || len(jobs) != 4 || jobs[0].ID != "s[a]" || jobs[0].NoTarget != "" {
		t.Errorf("got %+v, %v", jobs, err)
	}
}

// TestAListThatCannotBeReadHidesNoOtherStep: the error is that of its step.
func TestAListThatCannotBeReadHidesNoOtherStep(t *testing.T) {
	r := listed(t, providers.ErrDenied)
	jobs, err := r.Jobs(t.Context(), nil)
	if err != nil || len(jobs) != 2 || jobs[0].ID != "s[*]" || jobs[1].ID != "t" {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	all := r.ForReading(jobs)
	if err := r.Read(t.Context(), all); !errors.Is(err, providers.ErrDenied) || !strings.HasPrefix(err.Error(), "step s[*]: list groups: ") {
		t.Errorf("got %v", err)
	}
	all[0].Decide()
	if all[0].Now.Error == "" || all[1].Snapshot.Err != nil || len(all[1].Snapshot.Parts) == 0 {
		t.Errorf("got %+v and %+v", all[0].Now, all[1].Snapshot)
	}
	if _, err := listed(t, providers.ErrDenied).Jobs(t.Context(), survey.Steps{"s[a]"}); !errors.Is(err, providers.ErrDenied) {
		t.Errorf("a step that may be in the list: got %v", err)
	}
}

// TestANameThatCannotBeAddressedHidesNoOther: only its own step is blocked.
func TestANameThatCannotBeAddressedHidesNoOther(t *testing.T) {
	jobs, err := listed(t).Jobs(t.Context(), nil)
	if err != nil || len(jobs) != 4 {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	for _, j := range jobs {
		if refused := j.ID == "s[b]"; refused != (j.NoTarget != "") || refused && j.NoTarget != "invalid group name; exclude it, or narrow the globs" {
			t.Errorf("%s: got %q", j.ID, j.NoTarget)
		}
	}
}
