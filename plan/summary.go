package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// summarise counts a plan's steps and the effects of those that reset.
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

// add counts the parts of a step that resets.
func (s *Summary) add(parts []Part) {
	for _, p := range parts {
		if p.Effect == EffectKeep {
			continue
		}
		s.Partitions++
		switch {
		case p.Effect == EffectSet:
			s.Set++
		case p.Effect == EffectUnknown || p.Count == nil:
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

// collide blocks steps that move the same part: Check finds that only for literal
// names.
func (p *Prepared) collide() {
	for i := range p.Steps {
		for j := range i {
			a, b := p.work[j], p.work[i]
			if a.target == nil || b.target == nil || !a.target.Overlaps(b.target) || !moves(p.Steps[j]) || !moves(p.Steps[i]) {
				continue
			}
			if part, both := shared(p.Steps[i], p.Steps[j]); both {
				p.Steps[i].Action = Blocked
				p.Steps[i].Why = fmt.Sprintf("%s is also moved by step %s, and the order would decide its position. Use one step for it.", partName(part), p.Steps[j].ID)
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

// Line summarises a plan in one line.
func (s Summary) Line() string {
	effects := s.effects()
	return fmt.Sprintf("Plan: %s to reset, %s unchanged, %s done, %s blocked. %s, on %s.%s",
		Plural(s.Reset, "step"), Grouped(int64(s.Keep)), Grouped(int64(s.Done)), Grouped(int64(s.Blocked)),
		strings.ToUpper(effects[:1])+effects[1:], Plural(s.Partitions, "partition"), s.unknowns())
}

// effects describes the records and partitions that moves cover: "up to 400 records
// delivered again, 0 skipped, 3 partitions set".
func (s Summary) effects() string {
	return fmt.Sprintf("%s %s delivered again, %s skipped, %s set", s.upTo(s.Replay), noun(s.Replay, "record"), s.upTo(s.Skip), Plural(s.Set, "partition"))
}

func (s Summary) unknowns() string {
	if s.Unknown == 0 {
		return ""
	}
	return fmt.Sprintf(" The effect on %s is unknown.", Plural(s.Unknown, "partition"))
}

// upTo formats a number of records, as exact or as an upper bound. Zero is always
// exact.
func (s Summary) upTo(n int64) string {
	if n == 0 || s.Bound != BoundUpper {
		return Grouped(n)
	}
	return "up to " + Grouped(n)
}

// noun returns the singular or the plural of a noun.
func noun(n int64, one string) string {
	if n == 1 {
		return one
	}
	return one + "s"
}
