package modelcheck_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers/memory"
)

// A command is one run of the program, with what happens to it.
type command struct {
	op
	lock, run string
	undo      bool
	approved  approval // what was shown to whoever approved it
	mu        sync.Mutex
	counts    map[string]int
	frozen    bool // the process was killed: what it still does has no effect
	left      files
	journal   int // bytes of the journal at the last event
	cancel    context.CancelFunc
	sends     int             // resets that may have taken effect
	tried     map[string]bool // groups of which a reset has left
	disturbed bool
}

var errKilled = errors.New("the process was killed")

// enter is called at every event of a command. Its error means that the
// command was killed.
func (w *world) enter(what string) error {
	c := w.command
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return errKilled
	}
	if len(c.counts) == 0 { // what an earlier command left is durable
		c.journal = journalSize(c.lock)
	}
	c.counts[what]++
	at := fmt.Sprintf("%s:%d", what, c.counts[what])
	if c.Mid == at {
		c.disturbed = true
		w.intrude(c.op)
	}
	if c.Kill == at {
		c.frozen, c.left = true, snapshot(c.lock, c.journal, c.Cut)
		c.cancel()
		return errKilled
	}
	c.journal = journalSize(c.lock)
	if c.counts["sleep"] > maxSleeps {
		w.violated("it ends", "the command waits without end")
		c.frozen, c.left = true, snapshot(c.lock, c.journal, 0)
		c.cancel()
		return errKilled
	}
	return nil
}

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	if w.command != nil && w.command.frozen {
		return errKilled
	}
	w.passed += (d + time.Second - 1).Truncate(time.Second) // some pauses vary at random
	if err := w.enter("sleep"); err != nil {
		return err
	}
	return ctx.Err()
}

func (w *world) operator(who int) operator {
	return operator{kind: kind{memory.New(w.service, w.caps), w}, by: fmt.Sprintf("op%d@here", who), now: w.now, sleep: w.sleep,
		tell: func(survey.Event) { _ = w.enter("told") }} // a kill shows at the next call
}

// files are a lock and its journal as a kill leaves them; nil: not there.
type files struct{ lock, journal []byte }

func journalOf(path string) string { return strings.TrimSuffix(path, ".yaml") + ".journal" }

func journalSize(path string) int {
	raw, _ := os.ReadFile(journalOf(path))
	return len(strings.TrimRight(string(raw), "\x00"))
}

// snapshot takes what is on disk. Of what was written to the journal since the
// last event, which had a size then, a kill may keep any part.
func snapshot(path string, had, cut int) files {
	var f files
	f.lock, _ = os.ReadFile(path)
	raw, err := os.ReadFile(journalOf(path))
	if err != nil {
		return f
	}
	raw = []byte(strings.TrimRight(string(raw), "\x00"))
	if had > len(raw) {
		had = 0 // it was begun anew
	}
	const most = 9
	f.journal = raw[:len(raw)-(len(raw)-had)*cut/most]
	return f
}

// putBack leaves on disk what the killed command had left.
func (f files) putBack(path string) {
	all, err := os.ReadDir(filepath.Dir(path))
	must(err)
	for _, one := range all {
		if strings.HasPrefix(one.Name(), "."+filepath.Base(path)) {
			must(os.Remove(filepath.Join(filepath.Dir(path), one.Name())))
		}
	}
	for name, raw := range map[string][]byte{path: f.lock, journalOf(path): f.journal} {
		must(os.RemoveAll(name))
		if raw != nil {
			must(os.WriteFile(name, raw, 0o600))
		}
	}
}
