package journal

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingIsFlushedAfterAFailedSync gives the journal a file that accepts writes
// but no syncs, and then one that accepts both.
func TestNothingIsFlushedAfterAFailedSync(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	check(t, err)
	file, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	check(t, err)
	w := NewWriter(null)
	for _, out := range []*os.File{null, file} {
		w.file = out
		end, err := w.Append([]byte("line\n"), Use{})
		check(t, err)
		if err := w.Flush(end); err == nil || w.Saved() != 0 {
			t.Errorf("%s: got %v, %d bytes saved", out.Name(), err, w.Saved())
		}
	}
	check(t, null.Close())
	check(t, w.Close())
}

func TestALineBeyondTheLimitIsRefusedUnlessItIsAnOutcome(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	check(t, err)
	w := NewWriter(file)
	w.end, w.room = MaxBytes-endRoom, MaxBytes+ahead
	if _, err := w.Append([]byte("line\n"), Use{Subject: "s"}); err == nil {
		t.Error("a line beyond the limit was accepted")
	}
	_, err = w.Append([]byte("line\n"), Use{Subject: "s", Outcome: true})
	check(t, err)
	check(t, w.Close())
}

// TestLinesThatWaitShareASync lets several callers append and wait while a sync is
// under way.
func TestLinesThatWaitShareASync(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "journal"))
	check(t, err)
	w := NewWriter(file)
	const callers = 16
	w.syncing.Lock() // as during a sync
	var appended, flushed sync.WaitGroup
	for range callers {
		appended.Add(1)
		flushed.Go(func() {
			end, err := w.Append([]byte("line\n"), Use{})
			appended.Done()
			if err := errors.Join(err, w.Flush(end)); err != nil {
				t.Error(err)
			}
		})
	}
	appended.Wait()
	w.syncing.Unlock()
	flushed.Wait()
	if n := w.Syncs(); n != 1 || w.Saved() != callers*5 {
		t.Errorf("%d lines of callers that waited together cost %d syncs; %d bytes are saved", callers, n, w.Saved())
	}
	check(t, w.Close())
}
