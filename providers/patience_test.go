package providers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// script is a connection whose answers are written down: one line a call, one
// error a target.
type script struct {
	answers [][]error
	asked   []string // the targets of each call
}

type named string

func (n named) Address() string      { return string(n) }
func (n named) Identity() string     { return string(n) }
func (n named) Overlaps(Target) bool { return false }

func (s *script) next(targets ...string) []error {
	s.asked = append(s.asked, strings.Join(targets, " "))
	answer := s.answers[0]
	s.answers = s.answers[1:]
	return answer
}

func (s *script) Read(_ context.Context, reqs []ReadRequest) []Snapshot {
	var targets []string
	for _, q := range reqs {
		targets = append(targets, q.Target.Address())
	}
	out := make([]Snapshot, len(reqs))
	for i, err := range s.next(targets...) {
		out[i] = Snapshot{Err: err, Notes: []string{fmt.Sprintf("call %d", len(s.asked))}}
	}
	return out
}

func (s *script) Reset(context.Context, Move) (Receipt, error) {
	return Receipt{}, s.next("reset")[0]
}

func (s *script) Close() error { return nil }

// patient waits without waiting, and writes down how long it would.
func patient(naps *[]time.Duration) Patience {
	return Patience{First: 2 * time.Second, Most: 5 * time.Second, Tries: 3, Sleep: func(ctx context.Context, d time.Duration) error {
		*naps = append(*naps, d)
		return ctx.Err()
	}}
}

func TestResetIsSentAgainOnlyWhereNothingWasDone(t *testing.T) {
	away, busy, doubt := error(&Error{Kind: ErrUnavailable}), error(&Error{Kind: ErrThrottled}), error(&Error{Kind: ErrInDoubt, Err: ErrUnavailable})
	for name, c := range map[string]struct {
		answers []error
		calls   int
		want    error
	}{
		"done":                             {[]error{nil}, 1, nil},
		"away once":                        {[]error{away, nil}, 2, nil},
		"away for good":                    {[]error{away, away, away}, 3, ErrUnavailable},
		"throttled for long":               {[]error{busy, busy, busy, busy, busy, busy, nil}, 7, nil},
		"in doubt":                         {[]error{doubt}, 1, ErrInDoubt},
		"in doubt after it was away":       {[]error{away, doubt}, 2, ErrInDoubt},
		"refused by the group's consumers": {[]error{&Error{Kind: ErrPrecondition}}, 1, ErrPrecondition},
		"denied":                           {[]error{&Error{Kind: ErrDenied}}, 1, ErrDenied},
		"not understood":                   {[]error{errors.New("?")}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{}
			for _, err := range c.answers {
				s.answers = append(s.answers, []error{err})
			}
			var naps []time.Duration
			_, err := patient(&naps).Reset(t.Context(), s, Move{})
			if len(s.asked) != c.calls || c.want != nil && !errors.Is(err, c.want) || !errors.Is(err, c.answers[len(c.answers)-1]) {
				t.Errorf("after %d calls: %v", len(s.asked), err)
			}
		})
	}
}

func TestReadAsksAgainForThoseThatFailed(t *testing.T) {
	away, gone := error(&Error{Kind: ErrUnavailable}), error(&Error{Kind: ErrNotFound})
	s := &script{answers: [][]error{{away, nil, gone, away}, {nil, away}, {nil}}}
	var naps []time.Duration
	got := patient(&naps).Read(t.Context(), s, []ReadRequest{{Target: named("a")}, {Target: named("b")}, {Target: named("c")}, {Target: named("d")}})
	if want := []string{"a b c d", "a d", "d"}; !slices.Equal(s.asked, want) {
		t.Errorf("it asked for %v", s.asked)
	}
	for i, want := range []Snapshot{{Notes: []string{"call 2"}}, {Notes: []string{"call 1"}}, {Notes: []string{"call 1"}, Err: gone}, {Notes: []string{"call 3"}}} {
		if !errors.Is(got[i].Err, want.Err) || got[i].Notes[0] != want.Notes[0] {
			t.Errorf("target %d got %+v", i, got[i])
		}
	}
}

func TestPausesGrowUpToTheMostAndVary(t *testing.T) {
	busy := error(&Error{Kind: ErrThrottled})
	s := &script{answers: [][]error{{busy}, {busy}, {busy}, {busy}, {nil}}}
	var naps []time.Duration
	if _, err := patient(&naps).Reset(t.Context(), s, Move{}); err != nil {
		t.Fatal(err)
	}
	for i, full := range []time.Duration{2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if naps[i] < full/2 || naps[i] > full {
			t.Errorf("pause %d is %s, not between %s and %s", i, naps[i], full/2, full)
		}
	}
}

func TestPatienceEndsWithTheContext(t *testing.T) {
	busy := error(&Error{Kind: ErrThrottled})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &script{answers: [][]error{{busy}, {busy}}}
	var naps []time.Duration
	if _, err := patient(&naps).Reset(ctx, s, Move{}); !errors.Is(err, busy) || len(s.asked) != 1 {
		t.Errorf("a reset got %v after %d calls", err, len(s.asked))
	}
	if got := patient(&naps).Read(ctx, s, []ReadRequest{{Target: named("a")}}); !errors.Is(got[0].Err, busy) || len(s.asked) != 2 {
		t.Errorf("a reading got %v after %d calls", got[0].Err, len(s.asked))
	}
	if err := Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a pause got %v", err)
	}
}
