package retry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// script is a connection whose answers are written down: one line a call, one
// error a target.
type script struct {
	answers [][]error
	asked   []string // the targets of each call
}

type named string

func (n named) Address() string                 { return string(n) }
func (n named) Identity() string                { return string(n) }
func (n named) Group() string                   { return string(n) }
func (n named) SameGroup(providers.Target) bool { return false }
func (n named) Overlaps(providers.Target) bool  { return false }

func (s *script) next(targets ...string) []error {
	s.asked = append(s.asked, strings.Join(targets, " "))
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer
}

func (s *script) Read(_ context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	var targets []string
	for _, q := range reqs {
		targets = append(targets, q.Target.Address())
	}
	out := make([]providers.Snapshot, len(reqs))
	for i, err := range s.next(targets...) {
		out[i] = providers.Snapshot{Err: err, Notes: []string{fmt.Sprintf("call %d", len(s.asked))}}
	}
	return out
}

func (s *script) Reset(context.Context, providers.Move) (providers.Receipt, error) {
	return providers.Receipt{}, s.next("reset")[0]
}

func (s *script) Close() error { return nil }

// policy returns a policy that records its pauses instead of waiting.
func policy(naps *[]time.Duration) Policy {
	return Policy{First: 2 * time.Second, Most: 5 * time.Second, Tries: 3, Sleep: func(ctx context.Context, d time.Duration) error {
		*naps = append(*naps, d)
		return ctx.Err()
	}}
}

func TestResetIsRepeatedOnlyIfNothingWasDone(t *testing.T) {
	away, busy, doubt := error(&providers.Error{Kind: providers.ErrUnavailable}), error(&providers.Error{Kind: providers.ErrThrottled}),
		error(&providers.Error{Kind: providers.ErrInDoubt, Err: providers.ErrUnavailable})
	for name, c := range map[string]struct {
		answers []error
		calls   int
		want    error
	}{
		"done":                             {[]error{nil}, 1, nil},
		"away once":                        {[]error{away, nil}, 2, nil},
		"away for good":                    {[]error{away, away, away}, 3, providers.ErrUnavailable},
		"throttled for long":               {[]error{busy, busy, busy, busy, busy, busy, nil}, 7, nil},
		"in doubt":                         {[]error{doubt}, 1, providers.ErrInDoubt},
		"in doubt after it was away":       {[]error{away, doubt}, 2, providers.ErrInDoubt},
		"refused by the group's consumers": {[]error{&providers.Error{Kind: providers.ErrPrecondition}}, 1, providers.ErrPrecondition},
		"denied":                           {[]error{&providers.Error{Kind: providers.ErrDenied}}, 1, providers.ErrDenied},
		"not understood":                   {[]error{errors.New("?")}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			for _, err := range c.answers {
				s.answers = append(s.answers, []error{err})
			}
			var naps []time.Duration
			_, err := policy(&naps).Reset(t.Context(), s, providers.Move{})
			if len(s.asked) != c.calls || c.want != nil && !errors.Is(err, c.want) || !errors.Is(err, c.answers[len(c.answers)-1]) {
				t.Errorf("after %d calls: %v", len(s.asked), err)
			}
		})
	}
}

func TestReadAsksAgainForThoseThatFailed(t *testing.T) {
	away, gone := error(&providers.Error{Kind: providers.ErrUnavailable}), error(&providers.Error{Kind: providers.ErrNotFound})
	s := &script{answers: [][]error{{away, nil, gone, away}, {nil, away}, {nil}}}
	var naps []time.Duration
	got := policy(&naps).Read(t.Context(), s, []providers.ReadRequest{{Target: named("a")}, {Target: named("b")}, {Target: named("c")},
		{Target: named("d")}})
	if want := []string{"a b c d", "a d", "d"}; !slices.Equal(s.asked, want) {
		t.Errorf("it requested %v", s.asked)
	}
	for i, want := range []providers.Snapshot{{Notes: []string{"call 2"}}, {Notes: []string{"call 1"}}, {Notes: []string{"call 1"}, Err: gone},
		{Notes: []string{"call 3"}}} {
		if !errors.Is(got[i].Err, want.Err) || got[i].Notes[0] != want.Notes[0] {
			t.Errorf("target %d got %+v", i, got[i])
		}
	}
}

func TestPausesGrowUpToTheMostAndVary(t *testing.T) {
	busy := error(&providers.Error{Kind: providers.ErrThrottled})
	s := &script{answers: [][]error{{busy}, {busy}, {busy}, {busy}, {nil}}}
	var naps []time.Duration
	if _, err := policy(&naps).Reset(t.Context(), s, providers.Move{}); err != nil {
		t.Fatal(err)
	}
	for i, full := range []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if naps[i] < full/2 || naps[i] > full {
			t.Errorf("pause %d is %s, not between %s and %s", i, naps[i], full/2, full)
		}
	}
}

func TestPolicyEndsWithTheContext(t *testing.T) {
	busy := error(&providers.Error{Kind: providers.ErrThrottled})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &script{answers: [][]error{{busy}, {busy}}}
	var naps []time.Duration
	if _, err := policy(&naps).Reset(ctx, s, providers.Move{}); !errors.Is(err, busy) || len(s.asked) != 1 {
		t.Errorf("a reset got %v after %d calls", err, len(s.asked))
	}
	if got := policy(&naps).Read(ctx, s, []providers.ReadRequest{{Target: named("a")}}); !errors.Is(got[0].Err, busy) || len(s.asked) != 2 {
		t.Errorf("a reading got %v after %d calls", got[0].Err, len(s.asked))
	}
	if err := Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a pause got %v", err)
	}
}
