package fanout_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/resetplan/resetplan/providers/internal/fanout"
)

func TestEachCallRunsOnceAndAFewRunAtATime(t *testing.T) {
	const n = 100
	var done [n]atomic.Int32
	var now, most atomic.Int32
	fanout.Each(n, func(i int) {
		for at := now.Add(1); ; {
			if m := most.Load(); at <= m || most.CompareAndSwap(m, at) {
				break
			}
		}
		done[i].Add(1)
		now.Add(-1)
	})
	for i := range done {
		if got := done[i].Load(); got != 1 {
			t.Errorf("call %d ran %d times", i, got)
		}
	}
	if got := most.Load(); got > 8 {
		t.Errorf("%d ran at once", got)
	}
}

func TestOnceCallsOncePerQuestionAndReturnsErrorsToAll(t *testing.T) {
	var calls atomic.Int32
	refused := errors.New("refused")
	length := fanout.Once(func(word string) (int, error) {
		calls.Add(1)
		if word == "" {
			return 0, refused
		}
		return len(word), nil
	})
	fanout.Each(20, func(i int) {
		word, want, wantErr := "four", 4, error(nil)
		if i%2 == 0 {
			word, want, wantErr = "", 0, refused
		}
		if got, err := length(word); got != want || !errors.Is(err, wantErr) {
			t.Errorf("%q: got %d, %v", word, got, err)
		}
	})
	if got := calls.Load(); got != 2 {
		t.Errorf("called %d times", got)
	}
}
