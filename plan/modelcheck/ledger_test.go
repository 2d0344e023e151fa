package modelcheck_test

import (
	"encoding/json"
	"maps"
	"os"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
)

// A ledger is what the model knows of what was sent, apart from any lock.
type ledger struct {
	used     map[key]map[providers.Part]int // effects that nothing has allowed to be repeated
	undone   map[target]int                 // the operation that last took the target back
	attempts map[asked]attempt              // the newest of each
	effects  map[target]int                 // resets of the target that took effect, ever
	byHand   map[target]bool                // settled as applied
	befores  map[string]map[providers.Part][]providers.Position
	paused   map[string]string        // group -> the lock under which it was paused and not started again
	accepted map[string]time.Duration // lock and group -> when the last reset was accepted
	spoilt   map[string]bool          // locks that another program has damaged
	origins  map[target]origin        // of what was not taken back

	commandSends []*send // of the command that runs or ran last
}

// A target is one group in one run of one lock; a key, one `to` of it.
type target struct{ lock, run, group string }

type key struct {
	target
	to string
}

// asked is a step as a lock knows it, by its digest.
type asked struct {
	target
	digest string
}

// An origin is the state of a group before the first reset of a run, to which
// a rollback returns it.
type origin struct {
	at   map[providers.Part]providers.Position
	kept map[providers.Part]map[string]string
}

// An attempt is the state when a reset was about to leave.
type attempt struct {
	entries int // of the service
	at      map[providers.Part]providers.Position
	lands   map[providers.Part]providers.Position // where the target was then
}

func newLedger() ledger {
	return ledger{
		used: map[key]map[providers.Part]int{}, undone: map[target]int{}, attempts: map[asked]attempt{}, effects: map[target]int{},
		byHand: map[target]bool{}, befores: map[string]map[providers.Part][]providers.Position{}, paused: map[string]string{},
		accepted: map[string]time.Duration{}, spoilt: map[string]bool{}, origins: map[target]origin{},
	}
}

// An approval is a plan as a person has seen it.
type approval struct {
	plan.Plan
	seq  int
	lock string
	to   [2]string // of the document's steps then
	raw  []byte    // the saved plan
}

func (w *world) show(p *reconcile.Prepared, lockPath string) approval {
	raw, err := json.Marshal(p.Plan)
	must(err)
	a := approval{seq: w.seq, lock: lockPath, to: [2]string{w.to(0), ""}}
	if w.steps() > 1 {
		a.to[1] = w.to(1)
	}
	must(json.Unmarshal(raw, &a.Plan))
	return a
}

// step returns what was shown of the step that moves a group.
func (a approval) step(group string) (plan.Step, string, bool) {
	n := int(group[1] - '0')
	for _, s := range a.Steps {
		if s.ID == "s"+group[1:] {
			return s, a.to[n], true
		}
	}
	return plan.Step{}, a.to[n], false
}

// free allows the steps of a target to be sent again.
func (l *ledger) free(t target) {
	for k := range l.used {
		if k.target == t {
			delete(l.used, k)
		}
	}
}

// forget is the ledger of a lock that was lost: nothing in it counts any more.
func (l *ledger) forget(path string) {
	maps.DeleteFunc(l.used, func(k key, _ map[providers.Part]int) bool { return k.lock == path })
	maps.DeleteFunc(l.undone, func(t target, _ int) bool { return t.lock == path })
	maps.DeleteFunc(l.origins, func(t target, _ origin) bool { return t.lock == path })
	maps.DeleteFunc(l.paused, func(_ string, p string) bool { return p == path })
	maps.DeleteFunc(l.accepted, func(at string, _ time.Duration) bool { return strings.HasPrefix(at, path+" ") })
}

// A backup is a copy of a lock with what counted when it was made.
type backup struct {
	raw      []byte
	used     map[key]map[providers.Part]int
	undone   map[target]int
	paused   map[string]string
	accepted map[string]time.Duration
}

func (w *world) backup(path string) backup {
	b := backup{used: map[key]map[providers.Part]int{}, undone: maps.Clone(w.undone), paused: maps.Clone(w.paused), accepted: maps.Clone(w.accepted)}
	b.raw, _ = os.ReadFile(path)
	for k, parts := range w.used {
		b.used[k] = maps.Clone(parts)
	}
	return b
}

func (w *world) restore(path string, b backup) {
	w.forget(path)
	for k, parts := range b.used {
		if k.lock == path {
			w.used[k] = maps.Clone(parts)
		}
	}
	for t, seq := range b.undone {
		if t.lock == path {
			w.undone[t] = seq
		}
	}
	must(os.RemoveAll(path))
	if b.raw != nil {
		must(os.WriteFile(path, b.raw, 0o600))
	}
}

// happened reports whether a part was seen at its target, or read past it on
// the way back, since the last attempt of its step.
func (w *world) happened(t target, digest string, p lock.Part) bool {
	last, ok := w.attempts[asked{t, digest}]
	goal, known := last.lands[p.Part]
	if !ok || !known {
		return !ok // nothing was sent: it was settled or kept
	}
	onward, _ := goal.Distance(last.at[p.Part])
	past := p.After.Kind() == providers.Latest || w.script.Setup.Kind == "online" && onward > 0 // consumers there read on
	is := func(at providers.Position) bool {
		far, ok := at.Distance(goal)
		back, known := at.Distance(p.Before)
		return at == goal || ok && known && far*back < 0 || ok && past && far > 0
	}
	if last.at[p.Part] == goal {
		return true
	}
	all := w.service.Entries()
	for _, e := range all[min(last.entries, len(all)):] {
		if e.Group == t.group && e.Part == p.Part && (is(e.To) || e.By == memory.ByReset && !p.After.Exact()) {
			return true
		}
	}
	return false
}
