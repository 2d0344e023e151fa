package file

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/internal/journal"
	"github.com/resetplan/resetplan/plan/lock/internal/store"
	"github.com/resetplan/resetplan/plan/lock/internal/store/storetest"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheFileStoreConforms(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Place {
		path := filepath.Join(t.TempDir(), "p.lock.yaml")
		return storetest.Place{
			Open: func() store.Store {
				s, err := At(path)
				check(t, err)
				return s
			},
			Crash: func(h store.Hold) { crash(t, h) },
		}
	})
}

// crash closes the files of a hold, as the end of its process does.
func crash(t *testing.T, held store.Hold) {
	t.Helper()
	h := held.(*hold)
	if h.journal != nil {
		check(t, h.journal.Close())
	}
	check(t, h.file.Close())
}

// started holds a new lock and starts its journal.
func started(t *testing.T) *hold {
	t.Helper()
	s, err := At(filepath.Join(t.TempDir(), "p.lock.yaml"))
	check(t, err)
	held, err := s.Hold(t.Context(), store.Owner{Name: "a@b"})
	check(t, err)
	check(t, held.Start(t.Context(), "p"))
	return held.(*hold)
}

func entry(n byte) store.Entry { return store.Entry{Value: []byte{'{', '"', n, '"', ':', '1', '}'}} }

func records(t *testing.T, s *Store) int {
	t.Helper()
	c, err := s.Read(context.Background())
	check(t, err)
	return len(c.Journal.Records)
}

// TestLinesOfOneSyncMayBeTornInAnyOrder zeroes the first of two lines that
// were written before one sync: neither is returned.
func TestLinesOfOneSyncMayBeTornInAnyOrder(t *testing.T) {
	h := started(t)
	check(t, h.Append(t.Context(), entry('a')))
	synced := h.journal.Saved()
	for _, n := range []byte("bc") {
		_, err := h.journal.Append(journal.Line(entry(n).Value, synced), journal.Use{})
		check(t, err)
	}
	raw, err := os.ReadFile(JournalPath(h.path))
	check(t, err)
	end := int64(len(bytes.TrimRight(raw, "\x00")))
	crash(t, h)
	if n := records(t, h.Store); n != 3 {
		t.Fatalf("%d complete lines are returned", n)
	}
	for zeroed := synced + 1; zeroed < end; zeroed++ {
		torn := bytes.Clone(raw)
		clear(torn[synced:min(zeroed, end)])
		check(t, os.WriteFile(JournalPath(h.path), torn, 0o644))
		if n := records(t, h.Store); n != 1 {
			t.Fatalf("zeroed up to %d of %d: %d records are returned", zeroed, end, n)
		}
	}
}

// TestNothingIsAppendedAfterAFailedWriteOrSync gives the journal a file on a full
// disk, and one that accepts writes but no syncs.
func TestNothingIsAppendedAfterAFailedWriteOrSync(t *testing.T) {
	for _, device := range []string{"/dev/full", os.DevNull} {
		out, err := os.OpenFile(device, os.O_RDWR, 0)
		if errors.Is(err, os.ErrNotExist) && device != os.DevNull {
			continue // this system has no full device
		}
		check(t, err)
		h := started(t)
		working := h.journal
		h.journal = journal.NewWriter(out)
		for _, n := range []byte("ab") {
			if err := h.Append(t.Context(), entry(n)); err == nil {
				t.Errorf("%s: a record was accepted", device)
			}
		}
		h.journal = working
		check(t, h.Append(t.Context(), entry('c')))
		if n := records(t, h.Store); n != 1 {
			t.Errorf("%s: %d records are returned", device, n)
		}
		check(t, h.Release(t.Context(), false))
		check(t, out.Close())
	}
}

// TestOnlyRecordsOfStepsCostASync counts the syncs of a journal: none for its start and
// for deferred records, one for each other record that does not wait with others.
func TestOnlyRecordsOfStepsCostASync(t *testing.T) {
	h := started(t)
	later := entry('d')
	later.Deferred = true
	check(t, h.Append(t.Context(), later))
	if n := h.journal.Syncs(); n != 0 {
		t.Errorf("%d syncs before a record must be durable", n)
	}
	for n := range 10 {
		check(t, h.Append(t.Context(), entry(byte('0'+n))))
	}
	check(t, h.Append(t.Context(), later))
	if n := h.journal.Syncs(); n != 10 {
		t.Errorf("10 records cost %d syncs", n)
	}
	check(t, h.Release(t.Context(), false))
	if n := records(t, h.Store); n != 12 {
		t.Errorf("%d records are found", n)
	}
	var wg sync.WaitGroup
	h = started(t)
	const steps, parallel = 64, 16
	for range parallel {
		wg.Go(func() {
			for range steps / parallel {
				if err := errors.Join(h.Append(t.Context(), entry('a')), h.Append(t.Context(), entry('b'))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := h.journal.Syncs(); n > 2*steps || n < 2*steps/parallel {
		t.Errorf("%d steps, %d at once, cost %d syncs", steps, parallel, n)
	}
	t.Logf("%d steps, %d at once: %d syncs", steps, parallel, h.journal.Syncs())
	check(t, h.Release(t.Context(), true))
}
