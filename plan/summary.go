package plan

import (
	"fmt"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Summarise counts a plan's steps and the effects of those that reset.
func Summarise(steps []Step) Summary {
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
			s.Add(step.Parts)
		}
	}
	return s
}

// Add counts the parts of a step that resets.
func (s *Summary) Add(parts []Part) {
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

// Line summarises a plan in one line.
func (s Summary) Line() string {
	effects := s.Effects()
	return fmt.Sprintf("Plan: %s to reset, %s unchanged, %s done, %s blocked. %s, on %s.%s",
		text.Plural(s.Reset, "step"), text.Grouped(int64(s.Keep)), text.Grouped(int64(s.Done)), text.Grouped(int64(s.Blocked)),
		strings.ToUpper(effects[:1])+effects[1:], text.Plural(s.Partitions, "partition"), s.unknowns())
}

// Effects describes the records and partitions that moves cover: "up to 400 records
// delivered again, 0 skipped, 3 partitions set".
func (s Summary) Effects() string {
	return fmt.Sprintf("%s %s delivered again, %s skipped, %s set", s.upTo(s.Replay), text.Noun(s.Replay, "record"), s.upTo(s.Skip),
		text.Plural(s.Set, "partition"))
}

func (s Summary) unknowns() string {
	if s.Unknown == 0 {
		return ""
	}
	return fmt.Sprintf(" The effect on %s is unknown.", text.Plural(s.Unknown, "partition"))
}

// upTo formats a number of records, as exact or as an upper bound. Zero is always
// exact.
func (s Summary) upTo(n int64) string {
	if n == 0 || s.Bound != BoundUpper {
		return text.Grouped(n)
	}
	return "up to " + text.Grouped(n)
}
