package modelcheck_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers/memory"
)

// A command is one run of the program, with everything that happens to it.
type command struct {
	op
	lock, run string
	undo      bool
	approved  approval // the plan that was approved
	mu        sync.Mutex
	counts    map[string]int
	frozen    bool // the process was killed: its further actions have no effect
	left      files
	journal   int // bytes of the journal at the last event
	cancel    context.CancelFunc
	stopped   bool            // it has stopped the workload, and not started it
	starts    int             // of the workload, that took effect
	started   bool            // it has started the workload, and not stopped it again
	sends     int             // resets that may have taken effect
	tried     map[string]bool // groups whose reset was sent
	disturbed bool
}

var errKilled = errors.New("the process was killed")

// enter is called at every event of a command. An error means that the command was
// killed.
func (sm *simulation) enter(what string) error {
	sm.arrive()
	c := sm.command
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return errKilled
	}
	if len(c.counts) == 0 { // the files of an earlier command are durable
		c.journal = journalSize(c.lock)
	}
	c.counts[what]++
	at := fmt.Sprintf("%s:%d", what, c.counts[what])
	if c.Mid == at {
		c.disturbed = true
		sm.interfere(c.op)
	}
	if c.Kill == at {
		c.frozen, c.left = true, snapshot(c.lock, c.journal, c.Cut)
		c.cancel()
		return errKilled
	}
	c.journal = journalSize(c.lock)
	if c.counts["sleep"] > maxSleeps {
		sm.violated("it ends", "the command never ends")
		c.frozen, c.left = true, snapshot(c.lock, c.journal, 0)
		c.cancel()
		return errKilled
	}
	return nil
}

func (sm *simulation) sleep(ctx context.Context, d time.Duration) error {
	if sm.command != nil && sm.command.frozen {
		return errKilled
	}
	sm.passed += (d + time.Second - 1).Truncate(time.Second) // some pauses vary at random
	if err := sm.enter("sleep"); err != nil {
		return err
	}
	return ctx.Err()
}

func (sm *simulation) operator(who int) operator {
	return operator{kind: kind{memory.New(sm.service, sm.caps), sm}, by: fmt.Sprintf("op%d@here", who), now: sm.now, sleep: sm.sleep,
		progress:  func(survey.Event) { _ = sm.enter("progress") }, // the next call reports a kill
		workloads: sm.workloads()}
}

// files are a lock and its journal after a kill; nil = the file does not exist.
type files struct{ lock, journal []byte }

func journalOf(path string) string { return strings.TrimSuffix(path, ".yaml") + ".journal" }

// journalSize returns how much was written to a journal. A block of zeros is in its reserved space, which is large.
func journalSize(path string) int {
	f, err := os.Open(journalOf(path))
	if err != nil {
		return 0
	}
	defer f.Close()
	size, block := 0, make([]byte, 4096)
	for at := 0; ; at += len(block) {
		n, err := io.ReadFull(f, block)
		data := written(block[:n])
		if len(data) > 0 {
			size = at + len(data)
		}
		if len(data) == 0 || err != nil {
			return size
		}
	}
}

// written returns what was written to a journal: the bytes before the zeros of its reserved space.
func written(raw []byte) []byte {
	for bytes.HasSuffix(raw, zeros) {
		raw = raw[:len(raw)-len(zeros)]
	}
	return bytes.TrimRight(raw, "\x00")
}

// zeros are removed at once: the race detector looks at each byte that TrimRight reads.
var zeros = make([]byte, 256)

// snapshot copies the files on disk. A kill may keep any part of what was written to
// the journal since the last event; had is the journal's size at that event.
func snapshot(path string, had, cut int) files {
	var f files
	f.lock, _ = os.ReadFile(path)
	raw, err := os.ReadFile(journalOf(path))
	if err != nil {
		return f
	}
	raw = written(raw)
	if had > len(raw) {
		had = 0 // the journal was restarted
	}
	const most = 9
	f.journal = raw[:len(raw)-(len(raw)-had)*cut/most]
	return f
}

// restoreFiles restores the files as they were when the command was killed.
func (f files) restoreFiles(path string) {
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
