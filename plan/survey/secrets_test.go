package survey_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
)

// TestNoOptionalInterfaceShowsASecret plants a secret in each error that the
// optional interfaces of a connection return.
func TestNoOptionalInterfaceShowsASecret(t *testing.T) {
	r, c := plantest.New(t).OpenLeaking("")
	target, err := c.Kind.Target(c.Config, check.Decoder(r.Doc.Steps[0].Target))
	if err != nil {
		t.Fatal(err)
	}
	identifier, _ := c.Identifier()
	lister, _ := c.Lister()
	sizer, _ := c.Sizer()
	pauser, _ := c.Pauser()
	for name, call := range map[string]func() error{
		"Identify": func() error { _, err := identifier.Identify(t.Context(), target); return err },
		"Names":    func() error { _, err := lister.Names(t.Context(), "group", nil); return err },
		"Size":     func() error { return sizer.Size(t.Context(), make([]providers.SizeRequest, 1))[0].Err },
		"Pause":    func() error { return pauser.Pause(t.Context(), target) },
		"Start":    func() error { return pauser.Start(t.Context(), target, nil) },
	} {
		err := call()
		if err == nil || strings.Contains(err.Error(), plantest.Secret) || !strings.Contains(err.Error(), providers.Hidden) ||
			!errors.Is(err, providers.ErrDenied) {
			t.Errorf("%s: got %v, want a denial without the secret", name, err)
		}
	}
}

func TestIDContainingASecretIsRefused(t *testing.T) {
	rig := plantest.New(t)
	r, _ := rig.OpenLeaking(plantest.Secret)
	jobs, err := r.Jobs(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Identify(t.Context(), jobs)
	if err := jobs[0].Unread; err == nil || strings.Contains(err.Error(), plantest.Secret) ||
		!strings.Contains(err.Error(), "contains a credential") {
		t.Errorf("got %v", err)
	}
}
