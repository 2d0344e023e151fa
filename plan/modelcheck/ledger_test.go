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

// A ledger is the model's own record of what was sent, independent of any lock.
type ledger struct {
	used     map[key]map[providers.Part]int // effects that must not be repeated
	undone   map[target]int                 // the operation that last rolled the target back
	attempts map[stepKey]attempt            // the newest attempt of each step
	effects  map[target]int                 // how many resets of the target took effect
	byHand   map[target]bool                // decided by hand as applied
	befores  map[string]map[providers.Part][]providers.Position
	paused   map[string]string        // by group: the lock under which it was paused and not started again
	accepted map[string]time.Duration // by lock and group: when the last reset was accepted
	damaged  map[string]bool          // locks that another program has damaged
	origins  map[target]origin        // of targets that were not rolled back

	commandSends []*send // of the current or last command
}

// A target is one group in one run of one lock.
type target struct{ lock, run, group string }

// A key is one `to` of a target.
type key struct {
	target
	to string
}

// A stepKey identifies a recorded step by its digest.
type stepKey struct {
	target
	digest string
}

// An origin is the state of a group before the first reset of a run, to which
// a rollback returns it.
type origin struct {
	at   map[providers.Part]providers.Position
	kept map[providers.Part]map[string]string
}

// An attempt is the state when a reset was about to be sent.
type attempt struct {
	entries int // of the service
	at      map[providers.Part]providers.Position
	lands   map[providers.Part]providers.Position // the target's position then
}

func newLedger() ledger {
	return ledger{
		used: map[key]map[providers.Part]int{}, undone: map[target]int{}, attempts: map[stepKey]attempt{}, effects: map[target]int{},
		byHand: map[target]bool{}, befores: map[string]map[providers.Part][]providers.Position{}, paused: map[string]string{},
		accepted: map[string]time.Duration{}, damaged: map[string]bool{}, origins: map[target]origin{},
	}
}

// An approval is a plan as it was shown for approval.
type approval struct {
	plan.Plan
	seq  int
	lock string
	to   [2]string // of the document's steps then
	raw  []byte    // the saved plan
}

// approve returns a plan as it is shown for approval.
func (sm *simulation) approve(p *reconcile.Prepared, lockPath string) approval {
	raw, err := json.Marshal(p.Plan)
	must(err)
	a := approval{seq: sm.seq, lock: lockPath, to: [2]string{sm.to(0), ""}}
	if sm.steps() > 1 {
		a.to[1] = sm.to(1)
	}
	must(json.Unmarshal(raw, &a.Plan))
	return a
}

// step returns the shown step that moves a group.
func (a approval) step(group string) (plan.Step, string, bool) {
	n := int(group[1] - '0')
	for _, s := range a.Steps {
		if s.ID == "s"+group[1:] {
			return s, a.to[n], true
		}
	}
	return plan.Step{}, a.to[n], false
}

// allowAgain allows the steps of a target to be sent again.
func (l *ledger) allowAgain(t target) {
	for k := range l.used {
		if k.target == t {
			delete(l.used, k)
		}
	}
}

// forgetLock removes everything about a lock that was lost.
func (l *ledger) forgetLock(path string) {
	maps.DeleteFunc(l.used, func(k key, _ map[providers.Part]int) bool { return k.lock == path })
	maps.DeleteFunc(l.undone, func(t target, _ int) bool { return t.lock == path })
	maps.DeleteFunc(l.origins, func(t target, _ origin) bool { return t.lock == path })
	maps.DeleteFunc(l.paused, func(_ string, p string) bool { return p == path })
	maps.DeleteFunc(l.accepted, func(at string, _ time.Duration) bool { return strings.HasPrefix(at, path+" ") })
}

// A backup is a copy of a lock with the ledger's state at that time.
type backup struct {
	raw      []byte
	used     map[key]map[providers.Part]int
	undone   map[target]int
	paused   map[string]string
	accepted map[string]time.Duration
}

func (sm *simulation) backup(path string) backup {
	b := backup{used: map[key]map[providers.Part]int{}, undone: maps.Clone(sm.undone), paused: maps.Clone(sm.paused),
		accepted: maps.Clone(sm.accepted)}
	b.raw, _ = os.ReadFile(path)
	for k, parts := range sm.used {
		b.used[k] = maps.Clone(parts)
	}
	return b
}

func (sm *simulation) restore(path string, b backup) {
	sm.forgetLock(path)
	for k, parts := range b.used {
		if k.lock == path {
			sm.used[k] = maps.Clone(parts)
		}
	}
	for t, seq := range b.undone {
		if t.lock == path {
			sm.undone[t] = seq
		}
	}
	must(os.RemoveAll(path))
	if b.raw != nil {
		must(os.WriteFile(path, b.raw, 0o600))
	}
}

// happened reports whether a part was at its target, or between its target and its
// previous position, since the last attempt of its step.
func (sm *simulation) happened(t target, digest string, p lock.Part) bool {
	last, ok := sm.attempts[stepKey{t, digest}]
	goal, known := last.lands[p.Part]
	if !ok || !known {
		return !ok // nothing was sent: it was decided by hand or kept
	}
	onward, _ := providers.Order{}.Distance(goal, last.at[p.Part])
	past := p.After.Kind() == providers.Latest || sm.script.Setup.Kind == "online" && onward > 0 // consumers there read on
	is := func(at providers.Position) bool {
		far, ok := providers.Order{}.Distance(at, goal)
		back, known := providers.Order{}.Distance(at, p.Before)
		return at == goal || ok && known && far*back < 0 || ok && past && far > 0
	}
	if last.at[p.Part] == goal {
		return true
	}
	all := sm.service.Entries()
	for _, e := range all[min(last.entries, len(all)):] {
		if e.Group == t.group && e.Part == p.Part && (is(e.To) || e.By == memory.ByReset && !p.After.Exact()) {
			return true
		}
	}
	return false
}
