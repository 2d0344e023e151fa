package lock

import (
	"path/filepath"
	"testing"
	"time"
)

func TestBusyTellsWhetherAnApplyHoldsTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	busy := func(want bool, when string) {
		t.Helper()
		if got, err := Busy(path); got != want || err != nil {
			t.Errorf("%s it is busy: %v, %v", when, got, err)
		}
	}
	busy(false, "before")
	h, err := Open(path, "p", "alice@here", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	busy(true, "during an apply")
	if err := h.Close(20); err != nil {
		t.Fatal(err)
	}
	busy(false, "after")
}
