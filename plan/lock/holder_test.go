package lock

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestHolderReturnsTheApplyThatHoldsTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.lock.yaml")
	holder := func(want, when string) {
		t.Helper()
		switch e, err := Holder(t.Context(), path); {
		case err != nil || (e != nil) != (want != ""):
			t.Errorf("%s the holder is %v, %v", when, e, err)
		case e != nil && !strings.HasPrefix(e.Holder, want+" (pid "):
			t.Errorf("%s the holder is %q", when, e.Holder)
		}
	}
	holder("", "before")
	h, err := Open(t.Context(), path, Options{Plan: "p", Holder: "alice@here", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	holder("alice@here", "during an apply")
	if err := h.Close(20); err != nil {
		t.Fatal(err)
	}
	holder("", "after")
}
