package modelcheck_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// do performs one operation.
func (sm *simulation) do(o op) {
	sm.seq++
	sm.log("%s", line(o))
	sm.arrive()
	switch o.Do {
	case "apply", "rollback", "resume":
		sm.run(o)
	case "apply-digest", "apply-saved":
		if sm.run(o) == nil && o.Kill == "" && o.Mid == "" && o.Fault == "" {
			sm.again(o)
		}
	case "round":
		sm.round(o)
	case "review", "save":
		sm.review(o)
	case "settle":
		sm.settle(o)
	case "lose", "copy", "putback", "cut":
		sm.damage(o)
	case "edit":
		sm.edits[o.Step%sm.steps()] = o.N
		sm.writeDocument()
	case "respell":
		sm.otherAddress = !sm.otherAddress
		sm.writeDocument()
	case "forge":
		sm.forge(o)
	case "unknown":
		sm.consumers.unknown = !sm.consumers.unknown
	default:
		sm.passed += 2 * time.Second
		sm.change(o.Do, o.Step%sm.steps(), o.N)
	}
}

// interfere performs the action of another client during a command.
func (sm *simulation) interfere(o op) {
	sm.log("  meanwhile %s step=%d n=%d", o.MidDo, o.Step%sm.steps(), o.N)
	sm.passed += 2 * time.Second
	if o.MidDo == "apply" { // by the other operator, in a separate process
		sm.run(op{Do: "apply", Who: 1 - o.Who, Run: o.Run})
		return
	}
	sm.change(o.MidDo, o.Step%sm.steps(), o.N)
}

// run runs a command that may send.
func (sm *simulation) run(o op) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := &command{op: o, lock: sm.lockOf(o.Who), run: runOf(o.Run), undo: o.Do == "rollback", cancel: cancel}
	c.counts, c.tried = map[string]int{}, map[string]bool{}
	c.journal = journalSize(c.lock)
	outer, sends := sm.command, sm.commandSends
	sm.command, sm.commandSends = c, nil
	if outer != nil {
		defer func() { sm.command, sm.commandSends = outer, sends }()
	}
	err := sm.execute(ctx, c)
	if errors.Is(err, errNothing) {
		sm.command = nil
		return err
	}
	if c.frozen {
		c.left.restoreFiles(c.lock)
		err = errKilled
	}
	sm.log("  -> %v", short(err))
	sm.checkLock(c.lock)
	sm.checkSends(c.lock)
	if c.Do == "rollback" && err == nil {
		sm.checkRollback(c.lock, c.run)
	}
	if !c.frozen && outer == nil && (!c.undo || err == nil) {
		sm.checkPauses(c.lock, err)
	}
	if !c.frozen && outer == nil && sm.script.Setup.Kind == "workload" {
		sm.checkStarted(c, err)
	}
	sm.command = nil
	return err
}

func short(err error) string {
	if err == nil {
		return "exit 0"
	}
	return fmt.Sprintf("exit %d: %.300s", exitOf(err), err)
}

func (sm *simulation) execute(ctx context.Context, c *command) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			sm.violated("0 nothing panics", "%v", r)
		}
	}()
	if c.Do == "resume" {
		return sm.resume(ctx, c)
	}
	s, p, digest, err := sm.begin(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if err := sm.enter("prompt"); err != nil {
		return err
	}
	if err := s.ready(p, digest); err != nil {
		return err
	}
	_, err = s.apply(ctx, p, c.lock, c.run)
	return err
}

var errNothing = errors.New("there is no such approval")

// begin makes the plan that a command applies, and remembers what was approved.
func (sm *simulation) begin(ctx context.Context, c *command) (s *session, p *reconcile.Prepared, digest string, err error) {
	text, err := os.ReadFile(sm.file())
	must(err)
	if c.Do == "apply-saved" {
		if len(sm.saved) == 0 {
			return nil, nil, "", errNothing
		}
		c.approved = sm.saved[len(sm.saved)-1-c.N%len(sm.saved)]
		c.run, c.undo = c.approved.Run, c.approved.Undo
		c.lock = c.approved.lock
		s, p, err = openSaved(ctx, "saved.json", c.approved.raw, sm.file(), text, sm.operator(c.Who))
		return s, p, "", err
	}
	if c.Do == "apply-digest" {
		if len(sm.shown) == 0 {
			return nil, nil, "", errNothing
		}
		c.approved = sm.shown[len(sm.shown)-1-c.N%len(sm.shown)]
		c.run, digest = c.approved.Run, c.approved.Digest
	}
	if s, err = open(sm.file(), text, sm.operator(c.Who)); err != nil {
		return nil, nil, "", err
	}
	if c.undo {
		p, err = s.planUndo(ctx, c.lock, c.run)
	} else {
		p, err = s.plan(ctx, c.lock, c.run)
	}
	if err == nil && c.Do != "apply-digest" {
		c.approved = sm.approve(p, c.lock)
	}
	if err == nil && c.Do == "apply-digest" {
		c.approved.lock = c.lock // a digest does not depend on the lock
	}
	return s, p, digest, err
}

// again uses an approval again after its apply has succeeded.
func (sm *simulation) again(o op) {
	sm.seq++
	sm.log("again")
	if err := sm.run(o); err != nil {
		sm.violated("9 an approval outlives its own apply", "used again after success, it ends with %s", short(err))
	} else if len(sm.commandSends) > 0 {
		sm.violated("9 an approval outlives its own apply", "used again after success, it sends")
	}
}

// round applies and immediately rolls back.
func (sm *simulation) round(o op) {
	f, unread := lock.Read(context.Background(), sm.lockOf(o.Who))
	fresh := unread == nil && f.Runs[runOf(o.Run)] == nil
	o.Do = "apply"
	inside := true
	for n := range sm.steps() {
		inside = inside && sm.insideLog(sm.committed(group(n)))
	}
	failed := sm.run(o)
	sends := len(sm.commandSends)
	sm.log("and back")
	sm.seq++
	o.Do = "rollback"
	inside = inside && sm.inside()
	err := sm.run(o)
	if err != nil && fresh && inside && failed == nil && sends > 0 && sm.caps.Undo == providers.Exact {
		sm.violated(restoresPrevious, "it ends with %s", short(err))
	}
}

// review plans, and keeps the digest or the saved plan for a later apply.
func (sm *simulation) review(o op) {
	text, err := os.ReadFile(sm.file())
	must(err)
	path := sm.lockOf(o.Who)
	s, err := open(sm.file(), text, sm.operator(o.Who))
	if err != nil {
		sm.log("  -> %s", short(err))
		return
	}
	p, err := s.plan(context.Background(), path, runOf(o.Run))
	if err != nil {
		sm.log("  -> %s", short(err))
		return
	}
	a := sm.approve(p, path)
	for _, one := range a.Steps {
		sm.log("  %s is %s: %.120s", one.ID, one.Action, one.Why)
		for _, at := range one.Parts {
			sm.log("    %s %s -> %s %s", at.Part, at.Before, at.After, at.Effect)
		}
	}
	sm.pausesShown(a, path)
	if o.Do == "review" {
		sm.shown = append(sm.shown, a)
		return
	}
	a.raw, err = s.save(p)
	must(err)
	sm.saved = append(sm.saved, a)
}

func (sm *simulation) pausesShown(a approval, path string) {
	for n := range sm.steps() {
		reported := sm.service.Active(group(n)) && sm.script.Setup.Kind != "workload" // killed consumers count as active for a while
		if sm.paused[group(n)] != path || reported || sm.damaged[path] {
			continue
		}
		step, _, ok := a.step(group(n))
		if text, _ := json.Marshal(step); ok && !strings.Contains(strings.ToLower(string(text)), "paused") {
			sm.violated(startedAgain, "%s was paused by an apply and is still paused, and plan does not say so", group(n))
		}
	}
}

// settle decides a step in doubt by hand, correctly or not.
func (sm *simulation) settle(o op) {
	path, run, n := sm.lockOf(o.Who), runOf(o.Run), o.Step%sm.steps()
	if !exists(path) && !exists(journalOf(path)) {
		return
	}
	err := settle(path, "p", "op0@here", sm.now, run, fmt.Sprint("s", n), o.N == 1)
	sm.log("  -> %s", short(err))
	t := target{path, run, group(n)}
	switch {
	case err != nil:
	case o.N == 1:
		sm.byHand[t] = true
	default:
		sm.allowAgain(t)
	}
	sm.moved(t.group)
	sm.checkLock(path)
}
