package lock

import (
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/file"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
)

// stores has every store: a function that makes a place for one lock, and opens it
// as another process does each time.
var stores = map[string]func(*testing.T) func() store.Store{
	"file": func(t *testing.T) func() store.Store {
		path := filepath.Join(t.TempDir(), "p.lock.yaml")
		return func() store.Store {
			s, err := file.At(path)
			check(t, err)
			return s
		}
	},
	"memory": func(t *testing.T) func() store.Store {
		return objectsAt(t, "mem://"+strings.ReplaceAll(t.Name(), "/", "-")+"/p")
	},
	"folder": func(t *testing.T) func() store.Store {
		return objectsAt(t, "file://"+filepath.ToSlash(filepath.Join(t.TempDir(), "p")))
	},
}

func objectsAt(t *testing.T, location string) func() store.Store {
	return func() store.Store {
		s, err := storeAt(location)
		check(t, err)
		return s
	}
}

// onEveryStore runs a test on every store.
func onEveryStore(t *testing.T, test func(*testing.T, func() store.Store)) {
	for name, place := range stores {
		t.Run(name, func(t *testing.T) { test(t, place(t)) })
	}
}

func openAt(t *testing.T, s store.Store) *Held {
	t.Helper()
	h, err := openIn(t.Context(), s, Options{Plan: "p", Holder: "alice@build-7", Now: clock}, false)
	check(t, err)
	return h
}

func readAt(t *testing.T, s store.Store) *File {
	t.Helper()
	c, err := s.Read(t.Context())
	check(t, err)
	f, intact, err := read(s.Name(), c, everything)
	if err != nil || !intact {
		t.Fatalf("intact %v, %v", intact, err)
	}
	return loaded(f)
}

func TestEveryStoreKeepsARunFromItsStartToItsRollback(t *testing.T) {
	onEveryStore(t, func(t *testing.T, at func() store.Store) {
		h := openAt(t, at())
		check(t, h.Begin("once", begun(RunInterrupted)))
		check(t, h.Record("once", doubt(1)))
		check(t, h.Record("once", step(2, Verified)))
		check(t, h.release(false)) // interrupted
		if r := readAt(t, at()).Runs["once"]; r.Outcome != RunInDoubt || len(r.Steps) != 2 {
			t.Errorf("after an interruption the run is %s with %d steps", r.Outcome, len(r.Steps))
		}
		h = openAt(t, at())
		check(t, h.ResolveDoubt("once", "s1", parts(0), true, "bob@home", clock()))
		check(t, h.ResolveDoubt("once", "s1", nil, true, "bob@home", clock()))
		check(t, h.Finish("once", RunApplied, clock()))
		want := loaded(h.File())
		check(t, h.Close(20))
		if got := readAt(t, at()); !reflect.DeepEqual(got, want) || !got.Runs["once"].ByID("s1").Outcome.Done() {
			t.Errorf("got %+v", got.Runs["once"])
		}
		h = openAt(t, at())
		undone := *h.Step("once", digestOf(2))
		undone.Outcome, undone.Undo = Undone, &Undo{Outcome: Verified, By: "bob@home", At: AtTime(clock()), Parts: undone.Parts}
		check(t, h.Record("once", undone))
		check(t, h.Close(20))
		if s := readAt(t, at()).Runs["once"].ByID("s2"); s.Outcome != Undone || len(s.Undo.Parts) != 2 {
			t.Errorf("the step is %+v", s)
		}
	})
}

func TestEveryStoreKeepsTheHistory(t *testing.T) {
	onEveryStore(t, func(t *testing.T, at func() store.Store) {
		for _, key := range []string{"a", "b", "c"} {
			h := openAt(t, at())
			check(t, h.Begin(key, begun(RunInterrupted)))
			check(t, h.Record(key, step(1, Verified)))
			check(t, h.Finish(key, RunApplied, clock()))
			check(t, h.Close(2))
		}
		f := readAt(t, at())
		if f.Runs["a"].Steps[0].Parts != nil || f.Runs["b"].Steps[0].Parts == nil || f.Keys()[0] != "c" {
			t.Errorf("the newest is %s, the oldest has %v", f.Keys()[0], f.Runs["a"].Steps[0].Parts)
		}
		h := openAt(t, at())
		if went := h.Prune(1); !reflect.DeepEqual(went, []string{"a", "b"}) {
			t.Errorf("pruned %v", went)
		}
		check(t, h.Close(2))
		if f := readAt(t, at()); len(f.Runs) != 1 {
			t.Errorf("%d runs are left", len(f.Runs))
		}
	})
}

func TestEveryStoreRefusesAnEditedTextUntilItIsAccepted(t *testing.T) {
	onEveryStore(t, func(t *testing.T, at func() store.Store) {
		h := openAt(t, at())
		check(t, h.Begin("once", begun(RunInterrupted)))
		check(t, h.Record("once", step(1, Verified)))
		check(t, h.Close(20))
		hold, err := at().Hold(t.Context(), store.Owner{Name: "an editor"})
		check(t, err)
		c, err := hold.Read(t.Context())
		check(t, err)
		check(t, hold.Replace(t.Context(), func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Replace(string(c.Text), "outcome: verified", "outcome: applied", 1))
			return err
		}))
		check(t, hold.Release(t.Context(), true))
		var edited *ChecksumError
		if _, err := openIn(t.Context(), at(), Options{Plan: "p", Now: clock}, false); !errors.As(err, &edited) {
			t.Errorf("got %v", err)
		}
		h, err = openIn(t.Context(), at(), Options{Now: clock}, true)
		check(t, err)
		h.dirty = true
		check(t, h.Close(20))
		if s := readAt(t, at()).Runs["once"].ByID("s1"); s.Outcome != Applied {
			t.Errorf("the accepted step is %s", s.Outcome)
		}
		var foreign *ForeignError
		if _, err := openIn(t.Context(), at(), Options{Plan: "q", Now: clock}, false); !errors.As(err, &foreign) {
			t.Errorf("got %v", err)
		}
	})
}

func TestACopyHasWhatLockAndJournalRecord(t *testing.T) {
	onEveryStore(t, func(t *testing.T, at func() store.Store) {
		from := at().Name()
		h := openAt(t, at())
		check(t, h.Begin("once", begun(RunInterrupted)))
		check(t, h.Record("once", step(1, Verified)))
		check(t, h.release(false)) // in the journal only
		place := filepath.Join(t.TempDir(), "copy")
		for _, to := range []string{"file://" + filepath.ToSlash(place), place + ".lock.yaml"} {
			f, err := Copy(t.Context(), from, to, "bob@home", clock)
			if err != nil || len(f.Runs) != 1 {
				t.Fatalf("%s: %v", to, err)
			}
			got, err := Read(t.Context(), to)
			if err != nil || got.Runs["once"].ByID("s1").Outcome != Verified {
				t.Errorf("%s: %+v, %v", to, got, err)
			}
			var exists *ExistsError
			if _, err := Copy(t.Context(), from, to, "bob@home", clock); !errors.As(err, &exists) {
				t.Errorf("%s: got %v", to, err)
			}
			from = to // and back
		}
	})
}
