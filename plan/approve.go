package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
)

// InDoubt reports whether a step is blocked because an earlier send of it may
// have taken effect, or because another client has committed over it.
func (p *Plan) InDoubt() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.InDoubt || s.Overwritten })
}

// Paused reports whether consumers are left paused by this program.
func (p *Plan) Paused() bool {
	return len(p.LeftPaused) > 0 || slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Paused != "" })
}

// Unread are the errors of the steps that could not be read.
func (p *Plan) Unread() []string {
	var out []string
	for _, s := range p.Steps {
		if s.Error != "" {
			out = append(out, fmt.Sprintf("step %s: %s", s.ID, s.Error))
		}
	}
	return out
}

// Ready refuses a plan that must not be started: one with another digest than
// the expected one, if one is expected, with a step in doubt, or with a blocked
// one. An approval outlives its own apply: its digest is accepted again for the
// remaining steps.
func (p *Prepared) Ready(expected string) error {
	err := p.ready(expected)
	if err != nil && p.Paused() {
		return &Incomplete{Reason: err.Error() + "; consumers are STILL PAUSED by this program: see the plan above", Err: err}
	}
	return err
}

func (p *Prepared) ready(expected string) error {
	if expected != "" && expected != p.Digest {
		if why := p.continues(expected); why != "" {
			return refuse("review the plan above and approve its digest", "nothing was sent: the plan has the digest %s, not the expected %s%s", p.Digest, expected, why)
		}
	}
	unread := p.Unread()
	switch {
	case p.InDoubt():
		return &Incomplete{Reason: "nothing was sent: " + p.reasons()}
	case len(unread) > 0:
		return fmt.Errorf("nothing was sent: %s", joined(unread))
	case p.Summary.Blocked > 0:
		return refuse("fix the step, or run other steps with --step", "nothing was sent: %s", p.reasons())
	}
	return nil
}

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
	for i, w := range p.work {
		s := &p.Steps[i]
		switch {
		case s.Action == Done:
		case s.RolledBack > 0 && given.Steps[s.ID] != w.effectDigest(s):
			return fmt.Sprintf(": step %s was rolled back since, which ended the approval", s.ID)
		case given.Steps[s.ID] != w.effectDigest(s):
			return fmt.Sprintf(": step %s is not as approved any more", s.ID)
		}
	}
	return ""
}

// differs returns a possible reason for a different digest.
func (p *Prepared) differs() string {
	for _, w := range p.work {
		if w.step.To.Time.FromNow {
			return fmt.Sprintf(": the time %q of step %s is relative to now, so the digest changes by the minute", w.step.To.Time.Text, w.id)
		}
	}
	return ": the document, its parameters, the run, a position or an action is not as approved"
}

// approval is what an apply of the plan records, so that it can be continued.
func (p *Prepared) approval() lock.Approval {
	a := lock.Approval{Digest: p.Digest, Inputs: p.inputs, Steps: map[string]string{}}
	for i, w := range p.work {
		a.Steps[p.Steps[i].ID] = w.effectDigest(&p.Steps[i])
	}
	return a
}

// reasons lists why the plan's blocked steps are blocked.
func (p *Plan) reasons() string {
	var out []string
	for _, s := range p.Steps {
		if s.Action == Blocked {
			out = append(out, fmt.Sprintf("step %s: %s", s.ID, strings.TrimSuffix(s.Why, ".")))
		}
	}
	return joined(out)
}
