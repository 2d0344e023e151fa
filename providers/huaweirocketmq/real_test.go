package huaweirocketmq

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	fake "github.com/resetplan/resetplan/providers/huaweirocketmq/huaweirocketmqfake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A sample is an answer in testdata/real, and what the provider makes of it.
type sample struct {
	providertest.Provenance
	Answers map[string]providertest.Response // by action
	Want    struct {
		Target   map[string]any
		Reset    bool     // the answer is to a reset, otherwise to a reading
		Parts    []string // with low, high and committed offset, or where the reset leads
		Activity string
		Groups   []string // as listed
		Kind     string   // of the error
		Code     string
		Words    []string // in the error
		Hides    []string // not in the error
	}
}

func TestRealAnswers(t *testing.T) {
	for name, s := range providertest.Samples[sample](t, 26) {
		t.Run(name, s.check)
	}
}

func (s sample) check(t *testing.T) {
	env := environment(sandboxKey())
	env.Secrets = &providers.Secrets{}
	c := connect(t, s.serve(t), env)
	var parts []string
	var err error
	switch {
	case s.Want.Reset:
		var r providers.Receipt
		r, err = reset(t, c, providers.At(providers.Earliest))
		for _, p := range r.Parts {
			parts = append(parts, fmt.Sprint(p.Part, " ", p.Position))
		}
	case s.Want.Groups != nil:
		var got []string
		if got, err = c.(providers.Lister).Names(t.Context(), "group", nil); !slices.Equal(got, s.Want.Groups) {
			t.Errorf("listed %q", got)
		}
	default:
		target := goal(t, fake.Group, fake.Topic)
		if s.Want.Target != nil {
			target = aim(t, s.Want.Target)
		}
		got := c.Read(t.Context(), []providers.ReadRequest{{Target: target}})[0]
		err = got.Err
		for _, p := range got.Parts {
			parts = append(parts, fmt.Sprint(p.Part, " ", p.Low, " ", p.High, " ", p.Committed))
		}
		if got.Missing != nil || err == nil && got.Activity.State.String() != s.Want.Activity {
			t.Errorf("missing %v, activity %+v", got.Missing, got.Activity)
		}
	}
	if !slices.Equal(parts, s.Want.Parts) {
		t.Errorf("got %q", parts)
	}
	s.refusal(t, err)
}

// refusal checks an error against the sample.
func (s sample) refusal(t *testing.T, err error) {
	if s.Want.Kind == "" {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	kind := map[string]error{"invalid": providers.ErrInvalid, "denied": providers.ErrDenied, "not found": providers.ErrNotFound,
		"precondition": providers.ErrPrecondition, "throttled": providers.ErrThrottled}[s.Want.Kind]
	if kind == nil || !errors.Is(err, kind) || errors.Is(err, providers.ErrInDoubt) || own(t, err).Code != s.Want.Code {
		t.Fatalf("got %v", err)
	}
	for _, words := range s.Want.Words {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not in %q", words, err)
		}
	}
	for _, words := range s.Want.Hides {
		if strings.Contains(err.Error(), words) {
			t.Errorf("%q is in %q", words, err)
		}
	}
}

// serve answers as the sample does, and else as an online group on one queue.
func (s sample) serve(t *testing.T) string {
	t.Helper()
	others := usual()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, action, _ := strings.Cut(r.URL.Path, "/instances/"+fake.Instance+"/")
		if r.Method == http.MethodPost {
			action = "reset"
		}
		a, known := s.Answers[action]
		if later, has := s.Answers[action+"?offset="+r.URL.Query().Get("offset")]; has {
			a, known = later, true
		}
		if !known {
			a.Body = json.RawMessage(others[action])
		}
		a.Send(w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// aim returns the target with the given keys.
func aim(t *testing.T, keys map[string]any) providers.Target {
	t.Helper()
	target, err := New().Target(providers.Config{Decode: providertest.Keys(settings())}, providertest.Keys(keys))
	if err != nil {
		t.Fatal(err)
	}
	return target
}
