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

// verify reads a step back until its effect shows or the time that it may
// take is over.
func (a *apply) verify(ctx context.Context, w *work, sent attempt) ending {
	if w.conn.caps.Reads == providers.No {
		sent.outcome, sent.why = lock.Applied, "the service said yes; it does not tell where its consumers stand"
		return a.end(w, sent, nil)
	}
	settle := w.conn.caps.Settle
	if a.options.Settle != nil {
		settle = *a.options.Settle
	}
	until := a.r.world.Env.Now().Add(settle)
	for {
		what, err := a.readBack(ctx, w, &sent)
		switch {
		case err != nil && settle == 0:
			sent.outcome, sent.why = lock.Applied, "the service said yes; it could not be read back: "+err.Error()
			return a.end(w, sent, nil)
		case err != nil:
		case what == asAsked:
			sent.outcome, sent.why = lock.Verified, ""
			return a.end(w, sent, nil)
		case what == elsewhere:
			sent.outcome = lock.Overwritten
			sent.why = fmt.Sprintf("somebody committed over it: %s; %s", differing(sent.parts), a.whoIsThere(ctx, w))
			return a.end(w, sent, errors.New(sent.why))
		case what == unproven:
			sent.outcome, sent.why = lock.Applied, "the service said yes and moved it; it does not tell whether to the right place"
			return a.end(w, sent, nil)
		}
		left := until.Sub(a.r.world.Env.Now())
		if left <= 0 || ctx.Err() != nil {
			sent.outcome = lock.Applied
			sent.why = fmt.Sprintf("the service said yes, and %s later it still reads as before", span(settle))
			if err != nil {
				sent.why = fmt.Sprintf("the service said yes, and %s later it still could not be read back: %v", span(settle), err)
			}
			return a.end(w, sent, nil)
		}
		a.r.tell(Event{Step: w.id, Kind: Settling, Text: "waiting for the reset to show, up to " + span(left) + " more"})
		if a.r.world.Patience.Sleep(ctx, min(pollEvery, left)) != nil {
			until = time.Time{}
		}
	}
}

// whoIsThere tells of the consumers that may have committed.
func (a *apply) whoIsThere(ctx context.Context, w *work) string {
	if err := a.r.look(ctx, []*work{w}); err != nil || w.snapshot.Err != nil {
		return "who did cannot be read"
	}
	return whoIs(w.snapshot.Activity, w.conn.caps.Activity)
}

// lost settles a send without an answer, as far as one reading can: at its
// target it was carried out. Where it stood, it may still arrive.
func (a *apply) lost(ctx context.Context, w *work, sent attempt, err error) ending {
	if ctx.Err() == nil && w.conn.caps.Reads != providers.No {
		if what, unread := a.readBack(ctx, w, &sent); what == asAsked && unread == nil {
			sent.outcome, sent.why = lock.Verified, "its answer was lost; it is read back as asked: "+err.Error()
			return a.end(w, sent, nil)
		}
	}
	sent.why = "whether it was carried out is not known: " + err.Error()
	return a.end(w, sent, err)
}

// readBack notes where each part of an attempt is found and sums it up.
func (a *apply) readBack(ctx context.Context, w *work, sent *attempt) (found, error) {
	ctx, cancel := context.WithTimeout(ctx, w.conn.config.Timeout)
	defer cancel()
	req := providers.ReadRequest{Target: w.target}
	for _, p := range sent.parts {
		req.Only = append(req.Only, p.Part)
	}
	back := a.r.world.Patience.Read(ctx, w.conn, []providers.ReadRequest{req})[0]
	if back.Err != nil {
		return notYet, back.Err
	}
	r := w.question.ruler()
	lands := w.landings()
	sum := asAsked
	for i := range sent.parts {
		p := &sent.parts[i]
		now, ok := reading(back.Parts, p.Part)
		if !ok {
			sum = max(sum, notYet)
			continue
		}
		p.Seen = now.Committed
		if remade(p.LogID, now.LogID) {
			sum = elsewhere
			continue
		}
		sum = max(sum, r.measure(*p, p.Seen, lands[p.Part]))
	}
	return sum, nil
}

// landings are where the plan has told that the targets of parts lead, of
// those whose target does not say it itself.
func (w *work) landings() map[providers.Part]providers.Position {
	out := map[providers.Part]providers.Position{}
	for _, p := range w.now.Parts {
		if !p.Lands.IsZero() {
			out[p.Part] = p.Lands
		}
	}
	return out
}

func differing(parts []lock.Part) string {
	var texts []string
	for _, p := range parts {
		if p.Seen != p.After && p.Seen != p.Before {
			texts = append(texts, fmt.Sprintf("%s was set to %s and stands at %s", partName(p.Part), p.After, p.Seen))
		}
	}
	if len(texts) > 3 {
		texts = append(texts[:3], fmt.Sprintf("and %d more", len(texts)-3))
	}
	return strings.Join(texts, ", ")
}
