package reconcile

import (
	"fmt"
	"slices"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/cores"
)

// Prepared is a plan with the targets of its steps, ready to be applied.
type Prepared struct {
	*plan.Plan
	targets   []*survey.Target // one per step
	approvals []lock.Approval  // earlier approvals of the same run
	inputs    string           // digest of the document and the parameters
	effects   []string         // the effect digest of each step; nil = not worked out
	workloads map[string]survey.Workload
	record    *lock.File // the lock that it was planned with; nil if it is shown only

	leftReplays []leftReplay // replays that no apply of the document continues
}

// Ready refuses a plan that must not be started: one with another digest than
// the expected one, if one is expected, with a step in doubt, or with a blocked
// one. An approval outlives its own apply: its digest is accepted again for the
// remaining steps.
func (p *Prepared) Ready(expected string) error { return p.readyOr(expected, p.Reasons(), p.Unread()) }

// ReadyShown is Ready for a plan that was shown: it names several blocked steps, and
// does not repeat their reasons. In brief it does not repeat a single reason either.
func (p *Prepared) ReadyShown(expected string, brief bool) error {
	reasons := p.ReasonsInShort()
	if i := slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.Action == plan.Blocked }); brief && p.Summary.Blocked == 1 {
		reasons = "step " + p.Steps[i].ID + " is blocked, see above"
	}
	return p.readyOr(expected, reasons, p.UnreadInShort())
}

func (p *Prepared) readyOr(expected, reasons string, unread []string) error {
	err := p.ready(expected, reasons, unread)
	if err != nil && p.Paused() {
		return &plan.Incomplete{Reason: err.Error() + "; consumers are STILL PAUSED by this program: see the plan above", Err: err}
	}
	return err
}

func (p *Prepared) ready(expected, reasons string, unread []string) error {
	if expected != "" && expected != p.Digest {
		if why := p.continues(expected); why != "" {
			return plan.Refuse("review the plan above and approve its digest",
				"nothing was sent: the plan has the digest %s, not the expected %s%s", p.Digest, expected, why)
		}
	}
	switch {
	case p.InDoubt():
		return &plan.Incomplete{Reason: "nothing was sent: " + reasons}
	case len(unread) > 0:
		return fmt.Errorf("nothing was sent: %s", text.JoinReasons(unread))
	case p.Summary.Blocked > 0:
		refusal := plan.Refuse("fix "+theStep(p.Summary.Blocked)+", or run other steps with --step", "nothing was sent: %s", reasons)
		if p.Summary.Blocked == 1 {
			refusal.Step = p.Steps[slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.Action == plan.Blocked })].ID
		}
		return refusal
	}
	return nil
}

func theStep(n int) string { return "the " + text.Noun(int64(n), "step") }

// continues returns "" if the plan is the rest of an approval with which an
// earlier apply of this run was started; otherwise it returns the difference.
func (p *Prepared) continues(digest string) string {
	at := slices.IndexFunc(p.approvals, func(a lock.Approval) bool { return a.Digest == digest })
	if at < 0 {
		return p.differs()
	}
	given := p.approvals[at]
	if given.Inputs != p.inputs {
		return ": the document or its parameters have changed since"
	}
	for i, t := range p.targets {
		s := &p.Steps[i]
		switch {
		case s.Action == plan.Done:
		case s.RolledBack > 0 && given.Steps[s.ID] != t.RestDigest(s):
			return fmt.Sprintf(": step %s was rolled back since, which ended the approval", s.ID)
		case given.Steps[s.ID] != t.RestDigest(s):
			return fmt.Sprintf(": step %s is not as approved any more", s.ID)
		}
	}
	return ""
}

// differs returns a possible reason for a different digest.
func (p *Prepared) differs() string {
	if written, step := p.RelativeTime(); written != "" {
		return fmt.Sprintf(": the time %q of step %s is relative to now, so the digest changes by the minute", written, step)
	}
	return ": the document, its parameters, the run, a position or an action is not as approved"
}

// approval is what an apply of the plan records, so that it can be continued. same reports
// whether the question of a target is still that of the plan.
func (p *Prepared) approval(same func(*survey.Target) bool) lock.Approval {
	digests := make([]string, len(p.targets))
	cores.Each(len(p.targets), func(i int) {
		t, s := p.targets[i], &p.Steps[i]
		if p.effects != nil && same(t) && !t.RestDiffers(s) {
			digests[i] = p.effects[i]
		} else {
			digests[i] = t.RestDigest(s)
		}
	})
	a := lock.Approval{Digest: p.Digest, Inputs: p.inputs, Steps: make(map[string]string, len(digests))}
	for i, digest := range digests {
		a.Steps[p.Steps[i].ID] = digest
	}
	return a
}

// blockOverlaps blocks steps that move the same part as an earlier one: package check
// finds that only for literal names.
func (p *Prepared) blockOverlaps() {
	moving := groupsOfSeveral(p.targets)
	for i, t := range p.targets {
		s := &p.Steps[i]
		if !moving.mayHave(t) || !moves(s) {
			continue
		}
		parts := s.AllParts()
		for k := range parts {
			if other := moving.find(t, parts[k].Part, anyTarget); other != nil {
				s.Action = plan.Blocked
				s.Why = fmt.Sprintf("%s is also moved by step %s, and the order would decide its position. Use one step for it.",
					plan.PartName(parts[k].Part), other.ID)
				p.effects[i] = effectDigest(t, *s)
				break
			}
		}
		for k := range parts {
			if moves(s) {
				moving.addPart(t, parts[k].Part)
			}
		}
	}
}

// moves reports whether a step sets positions.
func moves(s *plan.Step) bool { return s.Action == plan.Reset || s.Action == plan.Keep }
