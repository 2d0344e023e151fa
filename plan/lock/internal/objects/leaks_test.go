package objects

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/locktest"
)

func nothingIsLeft(t *testing.T, location string, times int) {
	t.Helper()
	locktest.NothingIsLeft(t, times, func(n int) { applied(t, location, n) })
}

// applied opens, reads, holds, writes and releases a lock; a second holder is refused.
func applied(t *testing.T, location string, n int) {
	t.Helper()
	s, err := At(location)
	check(t, err)
	h := held(t, s)
	if _, err := s.Hold(t.Context(), owner); err == nil {
		t.Error("two holders have the lock")
	}
	if by, err := s.Holder(t.Context()); by == nil || err != nil {
		t.Errorf("the holder is %v, %v", by, err)
	}
	check(t, h.Append(t.Context(), one))
	sending, free, err := h.Sending(t.Context())
	check(t, err)
	check(t, sending.Err())
	free()
	check(t, h.Replace(t.Context(), func(out io.Writer) error { _, err := fmt.Fprint(out, n); return err }))
	check(t, h.Release(context.WithoutCancel(t.Context()), true))
	if c, err := s.Read(t.Context()); err != nil || string(c.Text) != fmt.Sprint(n) {
		t.Errorf("read %q, %v", c.Text, err)
	}
}

func TestALockThatIsUsedManyTimesLeavesNothing(t *testing.T) {
	for _, name := range []string{"memory", "folder"} {
		t.Run(name, func(t *testing.T) { nothingIsLeft(t, kinds[name](t), locktest.Times(t, 100)) })
	}
}
