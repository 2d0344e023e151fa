package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/providers"
)

// verify reads a step back until its effect is visible or the settle time is over.
func (a *apply) verify(ctx context.Context, w *work, sent attempt) ending {
	if w.conn.caps.Reads == providers.No {
		sent.outcome, sent.why = lock.Applied, "the service accepted the reset; it does not report committed positions"
		return a.end(w, sent, nil)
	}
	settle, watches := w.conn.caps.Settle, false
	if a.options.Settle != nil {
		settle, watches = *a.options.Settle, w.conn.caps.ReadsOwnWrites
	}
	for countdown, stopped := a.countdown(settle), false; ; {
		back := a.readBack(ctx, w, &sent)
		left := countdown()
		over := left <= 0 || stopped || ctx.Err() != nil
		if e, ended := a.judge(ctx, w, sent, back, over, watches); ended {
			return e
		}
		if over {
			return a.notShown(w, sent, back, settle)
		}
		a.r.tell(Event{Step: w.id, Kind: Settling, Text: "waiting for the reset to show, up to " + span(left) + " more"})
		stopped = a.r.world.Retry.Sleep(ctx, min(pollEvery, left)) != nil
	}
}

// judge ends a step if a reading decides it. over means that no other reading
// follows; watches means that the step is observed for commits of other clients
// until then.
func (a *apply) judge(ctx context.Context, w *work, sent attempt, back readBack, over, watches bool) (ending, bool) {
	switch {
	case back.err != nil:
		return ending{}, false
	case back.count[elsewhere] > 0, w.conn.caps.ReadsOwnWrites && back.count[unmoved] > 0:
		sent.outcome = lock.Overwritten
		sent.why = fmt.Sprintf("another client committed over it: %s; %s", differing(sent.parts), a.committer(ctx, w))
		return a.end(w, sent, errors.New(sent.why)), true
	case back.count[unmoved] > 0, watches && !over:
		return ending{}, false
	case back.count[unproven] > 0:
		sent.outcome, sent.why = lock.Applied, "accepted, and it moved; the target cannot be verified"
		return a.end(w, sent, nil), true
	}
	sent.outcome, sent.why = lock.Verified, ""
	if back.count[readOn] > 0 {
		sent.why = "consumers have read on since: " + named(back.readOn)
	}
	return a.end(w, sent, nil), true
}

// notShown ends a step whose effect was not visible in time. If only some parts have
// moved, it is unknown whether the others will.
func (a *apply) notShown(w *work, sent attempt, back readBack, settle time.Duration) ending {
	sent.outcome = lock.Applied
	switch {
	case back.err != nil && settle == 0:
		sent.why = "accepted, but it could not be read back: " + back.err.Error()
	case back.err != nil:
		sent.why = fmt.Sprintf("accepted, but %s later it still could not be read back: %v", span(settle), back.err)
	case back.count[unmoved] == len(sent.parts):
		sent.why = fmt.Sprintf("accepted, but %s later the previous positions are still reported", span(settle))
	default:
		sent.outcome = lock.InDoubt
		sent.why = fmt.Sprintf("accepted, but %s later only some partitions have moved; still at the previous position: %s", span(settle), named(back.unmoved))
		return a.end(w, sent, errors.New(sent.why))
	}
	return a.end(w, sent, nil)
}

// committer describes the consumers that may have committed.
func (a *apply) committer(ctx context.Context, w *work) string {
	if err := a.r.look(ctx, []*work{w}); err != nil || w.snapshot.Err != nil {
		return "the committer is unknown: the group could not be read"
	}
	return whoIs(w.snapshot.Activity, w.conn.caps.Activity)
}

// lost decides a send without an answer by one reading: at its target it took
// effect; at the previous position the request may still arrive.
func (a *apply) lost(ctx context.Context, w *work, sent attempt, err error) ending {
	if ctx.Err() == nil && w.conn.caps.Reads != providers.No {
		if back := a.readBack(ctx, w, &sent); back.err == nil && back.count[atTarget]+back.count[readOn] == len(sent.parts) {
			sent.outcome, sent.why = lock.Verified, "the answer was lost; the reset was read back at its target: "+err.Error()
			return a.end(w, sent, nil)
		}
	}
	sent.why = "whether the reset took effect is unknown: " + err.Error()
	return a.end(w, sent, err)
}

// A readBack is one reading after a send: the number of parts by placement.
type readBack struct {
	err             error
	count           [elsewhere + 1]int
	unmoved, readOn []providers.Part
}

// readBack reads an attempt's parts and records the position of each.
func (a *apply) readBack(ctx context.Context, w *work, sent *attempt) (out readBack) {
	ctx, cancel := context.WithTimeout(ctx, w.conn.config.Timeout)
	defer cancel()
	req := providers.ReadRequest{Target: w.target}
	for _, p := range sent.parts {
		req.Only = append(req.Only, p.Part)
	}
	back := a.r.world.Retry.Read(ctx, w.conn, []providers.ReadRequest{req})[0]
	if back.Err != nil {
		return readBack{err: back.Err}
	}
	k, lands := w.question.placer(), w.landings()
	for i := range sent.parts {
		p := &sent.parts[i]
		now, ok := reading(back.Parts, p.Part)
		at := unmoved
		if ok {
			p.Seen = now.Committed
			at = k.place(*p, p.Seen, lands[p.Part])
		}
		if recreated(p.LogID, now.LogID) {
			at = elsewhere
		}
		switch out.count[at]++; at {
		case unmoved:
			out.unmoved = append(out.unmoved, p.Part)
		case readOn:
			out.readOn = append(out.readOn, p.Part)
		}
	}
	return out
}

// landings returns the expected positions of parts whose target the service itself
// resolves. That a future time leads to the end is an assumption of the guards, not
// a proof.
func (w *work) landings() map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	for _, p := range w.now.Parts {
		r, _ := reading(w.snapshot.Parts, p.Part)
		if to := landing(r, p.After); !p.Lands.IsZero() && !to.IsZero() {
			out[p.Part] = to
		}
	}
	return out
}

func differing(parts []lock.Part) string {
	var texts []string
	for _, p := range parts {
		if p.Seen != p.After {
			texts = append(texts, fmt.Sprintf("%s was set to %s but is now at %s", partName(p.Part), p.After, p.Seen))
		}
	}
	if len(texts) > 3 {
		texts = append(texts[:3], fmt.Sprintf("and %d more", len(texts)-3))
	}
	return strings.Join(texts, ", ")
}
