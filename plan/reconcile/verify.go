package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/decide"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// verify reads a step back until its effect is visible or the settle time is over.
func (a *apply) verify(ctx context.Context, t *survey.Target, sent attempt) ending {
	if t.Conn.Caps.Reads == providers.No {
		sent.outcome, sent.why = lock.Applied, "the service accepted the reset; it does not report committed positions"
		return a.end(t, sent, nil)
	}
	settle, watches := t.Conn.Caps.Settle, false
	if a.options.Settle != nil {
		settle, watches = *a.options.Settle, t.Conn.Caps.ReadsOwnWrites
	}
	for countdown, stopped := a.countdown(settle), false; ; {
		back := a.readBack(ctx, t, &sent)
		left := countdown()
		over := left <= 0 || stopped || ctx.Err() != nil
		if e, ended := a.judge(ctx, t, sent, back, over, watches); ended {
			return e
		}
		if over {
			return a.notVisible(t, sent, back, settle)
		}
		a.r.Report(survey.Event{Step: t.ID, Kind: survey.Settling,
			Text: "waiting for the reset to show, up to " + text.Span(left.Round(100*time.Millisecond)) + " more"})
		stopped = a.r.Deps.Retry.Sleep(ctx, min(pollEvery, left)) != nil
	}
}

// judge ends a step if a reading decides it. over means that no other reading
// follows; watches means that the step is observed for commits of other clients
// until then.
func (a *apply) judge(ctx context.Context, t *survey.Target, sent attempt, back readBack, over, watches bool) (ending, bool) {
	switch {
	case back.err != nil:
		return ending{}, false
	case back.count[decide.Elsewhere] > 0, t.Conn.Caps.ReadsOwnWrites && back.count[decide.Unmoved] > 0:
		sent.outcome = lock.Overwritten
		sent.why = fmt.Sprintf("another client committed over it: %s; %s", differing(sent.parts), a.committer(ctx, t))
		return a.end(t, sent, errors.New(sent.why)), true
	case back.count[decide.Unmoved] > 0, (watches || back.count[decide.Unshown] > 0 && !t.Conn.Caps.ReadsOwnWrites) && !over:
		return ending{}, false
	case back.count[decide.Unproven]+back.count[decide.Unshown] > 0:
		sent.outcome, sent.why = lock.Applied, unproven(t, back)
		return a.end(t, sent, nil), true
	}
	sent.outcome, sent.why = lock.Verified, nearness(t, sent.parts)
	if back.count[decide.ReadOn] > 0 {
		sent.why = "consumers have read on since: " + plan.PartRanges(back.readOn)
	}
	return a.end(t, sent, nil), true
}

// unproven describes a reset whose parts are where it may have led them, although the
// target is not known exactly.
func unproven(t *survey.Target, back readBack) string {
	switch {
	case back.count[decide.Unproven] == 0:
		return "accepted; the previous positions are still reported, to which the reset may have led"
	case t.Question.Placer().ByDirection && back.count[decide.Unshown] == 0 && directed(t):
		return "accepted, and it moved in the planned direction; the exact target cannot be verified"
	}
	return "accepted, and it moved; the target cannot be verified"
}

// directed reports whether the directions of all moves of a step were known.
func directed(t *survey.Target) bool {
	return !slices.ContainsFunc(t.Now.Parts, func(p plan.Part) bool { return p.Effect == plan.EffectUnknown })
}

// nearness describes how far the parts of a step are from the requested positions, if
// the service was sent times near them; "" if they are there.
func nearness(t *survey.Target, parts []lock.Part) string {
	var far plan.Remarks
	wanted := map[providers.Part]providers.Position{}
	for i := range t.Now.Parts {
		if now := &t.Now.Parts[i]; !now.Wanted.IsZero() {
			wanted[now.Part] = now.Wanted
		}
	}
	if len(wanted) == 0 {
		return ""
	}
	for _, p := range parts {
		if n, ok := t.Conn.Caps.Order.Distance(p.Seen, wanted[p.Part]); ok && n != 0 {
			far.Add(p.Part, "is %s the requested %s", plan.DistanceText(n, t.Conn.Caps.Unit), wanted[p.Part])
		}
	}
	return strings.Join(far.Sentences(), "; ")
}

// notVisible ends a step whose effect was not visible in time. If only some parts have
// moved, it is unknown whether the others will. A part that was at its target before, such
// as one with an empty log, has not moved.
func (a *apply) notVisible(t *survey.Target, sent attempt, back readBack, settle time.Duration) ending {
	sent.outcome = lock.Applied
	switch {
	case back.err != nil && settle == 0:
		sent.why = "accepted, but it could not be read back: " + back.err.Error()
	case back.err != nil:
		sent.why = fmt.Sprintf("accepted, but %s later it still could not be read back: %v", text.Span(settle), back.err)
	case !slices.ContainsFunc(sent.parts, func(p lock.Part) bool { return !p.Seen.IsZero() && p.Seen != p.Before }):
		sent.why = fmt.Sprintf("accepted, but %s later the previous positions are still reported", text.Span(settle))
	default:
		sent.outcome = lock.InDoubt
		sent.why = fmt.Sprintf("accepted, but %s later only some partitions have moved; still at the previous position: %s", text.Span(settle),
			plan.PartRanges(back.unmoved))
		return a.end(t, sent, errors.New(sent.why))
	}
	return a.end(t, sent, nil)
}

// committer describes the consumers that may have committed.
func (a *apply) committer(ctx context.Context, t *survey.Target) string {
	if err := a.r.ReadWithAges(ctx, []*survey.Target{t}); err != nil || t.Snapshot.Err != nil {
		return "the committer is unknown: the group could not be read"
	}
	return decide.CommitterText(t.Snapshot.Activity, t.Conn.Caps.Activity)
}

// unanswered decides a send without an answer by one reading: at its target it took
// effect; at the previous position the request may still arrive.
func (a *apply) unanswered(ctx context.Context, t *survey.Target, sent attempt, err error) ending {
	if ctx.Err() == nil && t.Conn.Caps.Reads != providers.No {
		if back := a.readBack(ctx, t, &sent); back.err == nil && back.count[decide.AtTarget]+back.count[decide.ReadOn] == len(sent.parts) {
			sent.outcome, sent.why = lock.Verified, "the answer was lost; the reset was read back at its target: "+err.Error()
			return a.end(t, sent, nil)
		}
	}
	sent.why = "whether the reset took effect is unknown: " + err.Error()
	return a.end(t, sent, err)
}

// A readBack is one reading after a send: the number of parts by placement.
type readBack struct {
	err             error
	count           [decide.Elsewhere + 1]int
	unmoved, readOn []providers.Part
}

// readBack reads an attempt's parts and records the position of each.
func (a *apply) readBack(ctx context.Context, t *survey.Target, sent *attempt) (out readBack) {
	ctx, cancel := context.WithTimeout(ctx, t.Conn.Config.Timeout)
	defer cancel()
	req := providers.ReadRequest{Target: t.Target, Later: true, Only: make([]providers.Part, len(sent.parts))}
	for i := range sent.parts {
		req.Only[i] = sent.parts[i].Part
	}
	back := a.r.Deps.Retry.Read(ctx, t.Conn, []providers.ReadRequest{req})[0]
	if back.Err != nil {
		return readBack{err: back.Err}
	}
	defer survey.LoadParts(&back)()
	k, lands := t.Question.Placer(), landings(t)
	for i := range sent.parts {
		p := &sent.parts[i]
		at := decide.Unmoved
		if now := decide.ReadingAt(back.Parts, i, p.Part); now != nil {
			p.Seen = now.Committed
			if at = k.Place(*p, p.Seen, lands[p.Part]); decide.Recreated(p.LogID, now.LogID) {
				at = decide.Elsewhere
			}
		}
		switch out.count[at]++; at {
		case decide.Unmoved, decide.Unshown:
			out.unmoved = append(out.unmoved, p.Part)
		case decide.ReadOn:
			out.readOn = append(out.readOn, p.Part)
		}
	}
	return out
}

// landings returns where parts lead whose target the service itself resolves. That a
// future time leads to the end is an assumption of the guards, not a proof, and
// neither is the direction of a move.
func landings(t *survey.Target) map[providers.Part]decide.Landing {
	planned := t.Landings()
	out := map[providers.Part]decide.Landing{}
	for i := range t.Now.Parts {
		p := &t.Now.Parts[i]
		if p.Lands.IsZero() {
			continue
		}
		r, _ := decide.ReadingOf(t.Snapshot.Parts, p.Part)
		to := decide.LandingOf(r, p.After)
		if !to.Known() {
			to = planned[p.Part]
		}
		if to.Known() {
			out[p.Part] = to
		}
	}
	return out
}

func differing(parts []lock.Part) string {
	var texts []string
	for _, p := range parts {
		if p.Seen != p.After {
			texts = append(texts, fmt.Sprintf("%s was set to %s but is now at %s", plan.PartName(p.Part), p.After, p.Seen))
		}
	}
	if len(texts) > 3 {
		texts = append(texts[:3], fmt.Sprintf("and %d more", len(texts)-3))
	}
	return strings.Join(texts, ", ")
}
