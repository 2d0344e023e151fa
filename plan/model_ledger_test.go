package plan_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
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
	return ledger{used: map[key]map[providers.Part]int{}, undone: map[target]int{}, attempts: map[asked]attempt{}, effects: map[target]int{}, byHand: map[target]bool{},
		befores: map[string]map[providers.Part][]providers.Position{}, paused: map[string]string{}, accepted: map[string]time.Duration{}, spoilt: map[string]bool{}, origins: map[target]origin{}}
}

// An approval is a plan as a person has seen it.
type approval struct {
	plan.Plan
	seq  int
	lock string
	to   [2]string // of the document's steps then
	raw  []byte    // the saved plan
	own  []byte    // the lock's text then, if the plan was saved
}

func (w *world) show(p *plan.Prepared, lockPath string) approval {
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

// A send is one reset that leaves.
type send struct {
	target
	to     string
	digest string // of the step
	before map[providers.Part]providers.Position
	kept   map[providers.Part]map[string]string
	moves  map[providers.Part]providers.Position
	effect bool
}

// committed returns the positions of a group on every partition.
func (w *world) committed(group string) map[providers.Part]providers.Position {
	out, at := map[providers.Part]providers.Position{}, w.service.Committed(group)
	for _, p := range w.service.Partitions(topic) {
		out[p] = providers.At(providers.Unset)
		if is, ok := at[p]; ok {
			out[p] = is
		}
	}
	return out
}

// sending checks a reset that is about to leave.
func (w *world) sending(group string, m providers.Move) *send {
	c := w.command
	s := &send{target: target{c.lock, c.run, group}, before: w.committed(group), kept: w.service.Kept(group), moves: map[providers.Part]providers.Position{}}
	step, to, known := c.approved.step(group)
	s.to, s.digest = to, step.Digest
	for _, mv := range m.To {
		if mv.Part == (providers.Part{}) {
			for p := range s.before {
				s.moves[p] = mv.Position
			}
			continue
		}
		s.moves[mv.Part] = mv.Position
	}
	w.log("  sends %s to %v (it is at %v)", group, s.moves, s.before)
	if !c.undo {
		w.attempt(s)
	}
	if c.tried[group] {
		return s // it is tried again because it did not get through
	}
	c.tried[group] = true
	w.approvedToSend(s, step, known)
	if known {
		w.asShown(s, step, m)
		w.withinGuards(s)
	}
	at := c.lock + " " + group
	if was, ok := w.accepted[at]; ok && w.script.Setup.Kind == "online" && w.passed-was < settling {
		w.violated("8 a reset waits until the last one of its target has settled", "%s was reset %s ago", group, w.passed-was)
	}
	return s
}

func (w *world) attempt(s *send) {
	lands := map[providers.Part]providers.Position{}
	for p, to := range s.moves {
		lands[p] = to
		if n, ok := w.service.Find(p, to); ok && to.Kind() != providers.Unset {
			lands[p] = providers.AtOffset(n)
		}
	}
	w.attempts[asked{s.target, s.digest}] = attempt{len(w.service.Entries()), s.before, lands}
}

const asApproved = "2 nothing is sent that the approved plan did not show"

func (w *world) approvedToSend(s *send, step plan.Step, known bool) {
	c := w.command
	switch {
	case !known:
		w.violated(asApproved, "%s is sent, and no step of the plan moves it", s.group)
	case step.Action != plan.Reset:
		w.violated(asApproved, "step %s was shown as %s and is sent", step.ID, step.Action)
	case c.approved.lock != c.lock:
		w.violated(asApproved, "step %s was saved for another lock and is sent", step.ID)
	case !c.undo && c.approved.seq < w.undone[s.target]:
		w.violated(asApproved, "step %s was rolled back after this approval and is sent again", step.ID)
	}
}

// asShown compares a reset with what was shown for its step.
func (w *world) asShown(s *send, step plan.Step, m providers.Move) {
	shown := map[providers.Part]plan.Part{}
	for _, p := range step.Parts {
		shown[p.Part] = p
	}
	covered := w.script.Setup.Kind != "online" && !step.Waits && !step.Pauses
	for _, p := range step.Parts {
		_, _, id, exists := w.service.Log(p.Part)
		switch {
		case !exists:
		case p.LogID != "" && p.LogID != id:
			w.violated(asApproved, "%s is another log than the one shown", p.Part)
		case covered && p.Before != s.before[p.Part]:
			w.violated(asApproved, "%s was shown at %s and is at %s", p.Part, p.Before, s.before[p.Part])
		}
	}
	whole := !w.command.undo && s.to != "{group: donor}" && !strings.Contains(s.to, "offsets") && !strings.Contains(s.to, "lock:") && w.script.Setup.Kind != "blind"
	for p := range s.before {
		if _, ok := shown[p]; !ok && whole {
			w.violated(asApproved, "%s was added after the plan was shown, and the step is sent", p)
		}
	}
	for _, mv := range m.To {
		p, ok := shown[mv.Part]
		if mv.Part == (providers.Part{}) && len(step.Parts) > 0 {
			p, ok = step.Parts[0], true
		}
		if !ok {
			w.violated(asApproved, "%q was not shown, and is sent", mv.Part)
			continue
		}
		if want := w.wanted(s, p, mv); mv.Position != want {
			w.violated(asApproved, "%s is sent to %s; it was shown as %s, and now that is %s", mv.Part, mv.Position, p.After, want)
		}
		far, known := mv.Position.Distance(s.before[mv.Part])
		if known && (p.Effect == plan.EffectReplay && far > 0 || p.Effect == plan.EffectSkip && far < 0) {
			w.violated(asApproved, "%s was shown as %s, and moves from %s to %s", mv.Part, p.Effect, s.before[mv.Part], mv.Position)
		}
	}
}

// wanted is where a part is to go at this moment.
func (w *world) wanted(s *send, p plan.Part, mv providers.PartMove) providers.Position {
	if w.command.undo || w.script.Setup.Kind == "online" || w.script.Setup.Kind == "blind" {
		return p.After
	}
	low, high, _, _ := w.service.Log(mv.Part)
	at, committed := s.before[mv.Part].Offset()
	switch s.to {
	case "latest":
		return providers.AtOffset(high)
	case "earliest":
		return providers.AtOffset(low)
	case "current":
		if !committed {
			return providers.AtOffset(high)
		}
		return providers.AtOffset(at)
	case "{shift: -2}":
		return providers.AtOffset(min(max(at-2, low), high))
	case "{shift: 3}":
		return providers.AtOffset(min(max(at+3, low), high))
	}
	return p.After
}

// withinGuards adds up what a reset does at this moment.
func (w *world) withinGuards(s *send) {
	if w.command.undo || strings.Contains(s.to, "lock:") {
		return
	}
	var replay, skip int64
	for p, to := range s.moves {
		low, high, _, _ := w.service.Log(p)
		if to.Kind() == providers.Latest {
			to = providers.AtOffset(high)
		}
		at, committed := s.before[p].Offset()
		far, ok := to.Distance(providers.AtOffset(min(max(at, low), high)))
		if !ok || !committed {
			continue
		}
		replay, skip = replay+max(-far, 0), skip+max(far, 0)
	}
	if g := w.script.Setup.Guard; g == "replay" && replay > 2 {
		w.violated("2b the guards hold at the moment of sending", "%s replays %d records, and maxReplay is 2", s.group, replay)
	} else if g != "skip" && skip > 0 && s.to != "latest" {
		w.violated("2b the guards hold at the moment of sending", "%s skips %d records, and maxSkip is 0", s.group, skip)
	}
}

// sent notes that a reset takes effect.
func (w *world) sent(s *send) {
	s.effect = true
	w.command.sends++
	w.commandSends = append(w.commandSends, s)
	w.accepted[s.lock+" "+s.group] = w.passed
	w.effects[s.target]++
	if w.command.undo {
		w.undone[s.target] = w.seq
		for k := range w.used {
			if k.target == s.target {
				for p := range s.moves {
					delete(w.used[k], p)
				}
			}
		}
		return
	}
	if _, ok := w.origins[s.target]; !ok {
		w.origins[s.target] = origin{s.before, s.kept}
	}
	k := key{s.target, s.to}
	if w.used[k] == nil {
		w.used[k] = map[providers.Part]int{}
	}
	if w.befores[s.group] == nil {
		w.befores[s.group] = map[providers.Part][]providers.Position{}
	}
	for _, p := range slices.SortedFunc(maps.Keys(s.moves), providers.Part.Compare) {
		w.befores[s.group][p] = append(w.befores[s.group][p], s.before[p])
		if w.used[k][p]++; w.used[k][p] > 1 {
			w.violated("1 at most one effect per step and run", "%s of %s to %s has taken effect %d times in run %s", p, s.group, s.to, w.used[k][p], s.run)
		}
	}
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
	latest := p.After.Kind() == providers.Latest
	is := func(at providers.Position) bool {
		far, ok := at.Distance(goal)
		back, known := at.Distance(p.Before)
		return at == goal || ok && known && far*back < 0 || ok && latest && far > 0
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
