package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// summarise counts a plan's steps, and what those that reset do.
func summarise(steps []Step) Summary {
	s := Summary{Bound: BoundExact}
	for _, step := range steps {
		switch step.Action {
		case Keep:
			s.Keep++
		case Done:
			s.Done++
		case Blocked:
			s.Blocked++
		case Reset:
			s.Reset++
			s.add(step.Parts)
		}
	}
	return s
}

func (s *Summary) add(parts []Part) {
	for _, p := range parts {
		if p.Effect == EffectKeep {
			continue
		}
		s.Partitions++
		switch {
		case p.Effect == EffectUnknown || p.Count == nil && p.Effect != EffectSet:
			s.Unknown++
		case p.Effect == EffectReplay:
			s.Replay += *p.Count
		case p.Effect == EffectSkip:
			s.Skip += *p.Count
		}
		if p.Bound == BoundUpper {
			s.Bound = BoundUpper
		}
	}
}

// collide blocks steps that turn out to move one part twice: what Check can
// tell only where names are written out.
func (p *Plan) collide() {
	for i := range p.Steps {
		for j := range i {
			a, b := p.work[j], p.work[i]
			if a.target == nil || b.target == nil || !a.target.Overlaps(b.target) || !moves(p.Steps[j]) || !moves(p.Steps[i]) {
				continue
			}
			if part, both := shared(p.Steps[i], p.Steps[j]); both {
				p.Steps[i].Action = Blocked
				p.Steps[i].Why = fmt.Sprintf("%s is moved by step %s too, and the order would decide where it ends. Let one step move it.", partName(part), p.Steps[j].ID)
			}
		}
	}
}

func moves(s Step) bool { return s.Action == Reset || s.Action == Keep }

func shared(a, b Step) (providers.Part, bool) {
	for _, p := range a.Parts {
		if slices.ContainsFunc(b.Parts, func(q Part) bool { return q.Part == p.Part }) {
			return p.Part, true
		}
	}
	return providers.Part{}, false
}

// InDoubt reports whether a step is blocked because an earlier send of it may
// have happened.
func (p *Plan) InDoubt() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.InDoubt })
}

// Ready refuses a plan that must not be begun: one with another digest than
// the expected one, where one is expected, with a step in doubt, or with a
// blocked one.
func (p *Plan) Ready(expected string) error {
	switch {
	case expected != "" && expected != p.Digest:
		return refuse("review the plan above and approve its digest", "what would be done has the digest %s, not the expected %s: nothing was sent", p.Digest, expected)
	case p.InDoubt():
		return &Incomplete{Reason: "nothing was sent: " + p.reasons()}
	case p.Summary.Blocked > 0:
		return refuse("mend it, or select other steps with --step", "nothing was sent: %s", p.reasons())
	}
	return nil
}

// reasons tells why the plan's blocked steps are.
func (p *Plan) reasons() string {
	var out []string
	for _, s := range p.Steps {
		if s.Action == Blocked {
			out = append(out, fmt.Sprintf("step %s: %s", s.ID, strings.TrimSuffix(s.Why, ".")))
		}
	}
	return joined(out)
}
