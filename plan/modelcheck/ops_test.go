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

// do does one operation.
func (w *world) do(o op) {
	w.seq++
	w.log("%s", line(o))
	switch o.Do {
	case "apply", "rollback":
		w.run(o)
	case "apply-digest", "apply-saved":
		if w.run(o) == nil && o.Kill == "" && o.Mid == "" && o.Fault == "" {
			w.again(o)
		}
	case "round":
		w.round(o)
	case "review", "save":
		w.review(o)
	case "settle":
		w.settle(o)
	case "lose", "copy", "putback", "cut":
		w.damage(o)
	case "edit":
		w.edits[o.Step%w.steps()] = o.N
		w.writeDocument()
	case "respell":
		w.respelt = !w.respelt
		w.writeDocument()
	case "forge":
		w.forge(o)
	default:
		w.passed += 2 * time.Second
		w.change(o.Do, o.Step%w.steps(), o.N)
	}
}

// intrude is what another client does in the middle of a command.
func (w *world) intrude(o op) {
	w.log("  meanwhile %s step=%d n=%d", o.MidDo, o.Step%w.steps(), o.N)
	w.passed += 2 * time.Second
	if o.MidDo == "apply" { // by the other operator, as a process of its own
		w.run(op{Do: "apply", Who: 1 - o.Who, Run: o.Run})
		return
	}
	w.change(o.MidDo, o.Step%w.steps(), o.N)
}

// run runs a command that sends.
func (w *world) run(o op) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := &command{op: o, lock: w.lockOf(o.Who), run: runOf(o.Run), undo: o.Do == "rollback", cancel: cancel}
	c.counts, c.tried = map[string]int{}, map[string]bool{}
	c.journal = journalSize(c.lock)
	outer, sends := w.command, w.commandSends
	w.command, w.commandSends = c, nil
	if outer != nil {
		defer func() { w.command, w.commandSends = outer, sends }()
	}
	err := w.carryOut(ctx, c)
	if errors.Is(err, errNothing) {
		w.command = nil
		return err
	}
	if c.frozen {
		c.left.putBack(c.lock)
		err = errKilled
	}
	w.log("  -> %v", short(err))
	w.claims(c.lock)
	w.proven(c.lock)
	if c.Do == "rollback" && err == nil {
		w.tookBack(c.lock, c.run)
	}
	if !c.frozen && outer == nil && (!c.undo || err == nil) {
		w.reported(c.lock, err)
	}
	w.command = nil
	return err
}

func short(err error) string {
	if err == nil {
		return "exit 0"
	}
	return fmt.Sprintf("exit %d: %.300s", exitOf(err), err)
}

func (w *world) carryOut(ctx context.Context, c *command) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			w.violated("0 nothing panics", "%v", r)
		}
	}()
	s, p, digest, err := w.begin(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if err := w.enter("prompt"); err != nil {
		return err
	}
	if err := s.ready(p, digest); err != nil {
		return err
	}
	_, err = s.apply(ctx, p, c.lock, c.run)
	return err
}

var errNothing = errors.New("nothing of that kind was approved")

// begin makes the plan that a command applies, and notes what was approved.
func (w *world) begin(ctx context.Context, c *command) (s *session, p *reconcile.Prepared, digest string, err error) {
	text, err := os.ReadFile(w.file())
	must(err)
	if c.Do == "apply-saved" {
		if len(w.saved) == 0 {
			return nil, nil, "", errNothing
		}
		c.approved = w.saved[len(w.saved)-1-c.N%len(w.saved)]
		c.run, c.undo = c.approved.Run, c.approved.Undo
		c.lock = c.approved.lock
		s, p, err = openSaved(ctx, "saved.json", c.approved.raw, w.file(), text, w.operator(c.Who))
		return s, p, "", err
	}
	if c.Do == "apply-digest" {
		if len(w.shown) == 0 {
			return nil, nil, "", errNothing
		}
		c.approved = w.shown[len(w.shown)-1-c.N%len(w.shown)]
		c.run, digest = c.approved.Run, c.approved.Digest
	}
	if s, err = open(w.file(), text, w.operator(c.Who)); err != nil {
		return nil, nil, "", err
	}
	if c.undo {
		p, err = s.planUndo(ctx, c.lock, c.run)
	} else {
		p, err = s.plan(ctx, c.lock, c.run)
	}
	if err == nil && c.Do != "apply-digest" {
		c.approved = w.show(p, c.lock)
	}
	if err == nil && c.Do == "apply-digest" {
		c.approved.lock = c.lock // a digest is of what is done, under whatever lock
	}
	return s, p, digest, err
}

// again gives an approval again after its apply has succeeded.
func (w *world) again(o op) {
	w.seq++
	w.log("the same again")
	if err := w.run(o); err != nil {
		w.violated("9 an approval outlives its own apply", "given again after success, it ends with %s", short(err))
	} else if len(w.commandSends) > 0 {
		w.violated("9 an approval outlives its own apply", "given again after success, it sends")
	}
}

// round applies and takes back at once.
func (w *world) round(o op) {
	f, unread := lock.Read(w.lockOf(o.Who))
	fresh := unread == nil && f.Runs[runOf(o.Run)] == nil
	o.Do = "apply"
	inside := true
	for n := range w.steps() {
		inside = inside && w.insideLog(w.committed(group(n)))
	}
	failed := w.run(o)
	sends := len(w.commandSends)
	w.log("and back")
	w.seq++
	o.Do = "rollback"
	inside = inside && w.inside()
	err := w.run(o)
	if err != nil && fresh && inside && failed == nil && sends > 0 && w.caps.Undo == providers.Exact {
		w.violated(former, "it ends with %s", short(err))
	}
}

// review plans, and keeps the digest or the saved plan for an approval.
func (w *world) review(o op) {
	text, err := os.ReadFile(w.file())
	must(err)
	path := w.lockOf(o.Who)
	s, err := open(w.file(), text, w.operator(o.Who))
	if err != nil {
		w.log("  -> %s", short(err))
		return
	}
	p, err := s.plan(context.Background(), path, runOf(o.Run))
	if err != nil {
		w.log("  -> %s", short(err))
		return
	}
	a := w.show(p, path)
	for _, one := range a.Steps {
		w.log("  %s is %s: %.120s", one.ID, one.Action, one.Why)
		for _, at := range one.Parts {
			w.log("    %s %s -> %s %s", at.Part, at.Before, at.After, at.Effect)
		}
	}
	w.pausesShown(a, path)
	if o.Do == "review" {
		w.shown = append(w.shown, a)
		return
	}
	a.raw, err = s.save(p)
	must(err)
	w.saved = append(w.saved, a)
}

func (w *world) pausesShown(a approval, path string) {
	for n := range w.steps() {
		if w.paused[group(n)] != path || w.service.Active(group(n)) || w.spoilt[path] {
			continue
		}
		step, _, ok := a.step(group(n))
		if text, _ := json.Marshal(step); ok && !strings.Contains(strings.ToLower(string(text)), "paused") {
			w.violated(startedAgain, "%s was paused by an apply and is still paused, and plan does not say so", group(n))
		}
	}
}

// settle decides a step in doubt by hand, rightly or wrongly.
func (w *world) settle(o op) {
	path, run, n := w.lockOf(o.Who), runOf(o.Run), o.Step%w.steps()
	if !exists(path) && !exists(journalOf(path)) {
		return
	}
	err := settle(path, "p", "op0@here", w.now, run, fmt.Sprint("s", n), o.N == 1)
	w.log("  -> %s", short(err))
	t := target{path, run, group(n)}
	switch {
	case err != nil:
	case o.N == 1:
		w.byHand[t] = true
	default:
		w.free(t)
	}
	w.moved(t.group)
	w.claims(path)
}
