package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/text"
)

// Summarise counts a plan's steps and the effects of those that reset.
func Summarise(steps []Step) Summary {
	s := Summary{Bound: BoundExact}
	for i := range steps {
		s.AddStep(&steps[i])
	}
	return s
}

// AddStep counts a step and, if it resets, its parts.
func (s *Summary) AddStep(step *Step) {
	switch step.Action {
	case Keep:
		s.Keep++
	case Done:
		s.Done++
	case Blocked:
		s.Blocked++
	case Reset:
		s.Reset++
		s.addMoves(step.moves())
	}
}

// addMoves adds the parts that another summary counts.
func (s *Summary) addMoves(o Summary) {
	s.Partitions += o.Partitions
	s.Set += o.Set
	s.Removed += o.Removed
	s.Unknown += o.Unknown
	if o.Bound == BoundUpper {
		s.Bound = BoundUpper
	}
	for _, a := range o.Amounts() {
		switch {
		case a.Replay == 0 && a.Skip == 0:
		case a.Unit == UnitName(""):
			s.count("", a.Replay, a.Skip)
		default:
			s.count(a.Unit, a.Replay, a.Skip)
		}
	}
}

// Add counts the parts of a step that resets.
func (s *Summary) Add(parts []Part) {
	for i := range parts {
		p := &parts[i]
		if p.Effect == EffectKeep {
			continue
		}
		s.Partitions++
		switch {
		case p.Effect == EffectSet:
			s.Set++
		case p.Effect == EffectRemove:
			s.Removed++
		case p.Effect == EffectUnknown || p.Count == nil:
			s.Unknown++
		case p.Effect == EffectReplay:
			s.count(p.Unit, *p.Count, 0)
		case p.Effect == EffectSkip:
			s.count(p.Unit, 0, *p.Count)
			if p.OrReplay != nil {
				s.count(p.Unit, *p.OrReplay, 0)
			}
		}
		if p.Bound == BoundUpper {
			s.Bound = BoundUpper
		}
	}
}

// count adds what a part's move covers.
func (s *Summary) count(unit string, replay, skip int64) {
	if unit != "" && s.Units == nil && s.Replay+s.Skip > 0 {
		s.Units = []Amount{{UnitName(""), s.Replay, s.Skip}}
	}
	s.Replay += replay
	s.Skip += skip
	if unit == "" && s.Units == nil {
		return
	}
	i := slices.IndexFunc(s.Units, func(a Amount) bool { return a.Unit == UnitName(unit) })
	if i < 0 {
		i, s.Units = len(s.Units), append(s.Units, Amount{Unit: UnitName(unit)})
	}
	s.Units[i].Replay += replay
	s.Units[i].Skip += skip
}

// Amounts returns what the moves cover, by unit: at least one amount.
func (s Summary) Amounts() []Amount {
	if len(s.Units) > 0 {
		return s.Units
	}
	return []Amount{{UnitName(""), s.Replay, s.Skip}}
}

// Line summarises a plan in one line.
func (s Summary) Line() string {
	effects := s.Effects()
	return fmt.Sprintf("Plan: %s to reset, %s unchanged, %s done, %s blocked. %s, on %s.%s",
		text.Plural(s.Reset, "step"), text.Grouped(int64(s.Keep)), text.Grouped(int64(s.Done)), text.Grouped(int64(s.Blocked)),
		strings.ToUpper(effects[:1])+effects[1:], text.Plural(s.Partitions, "partition"), s.unknowns())
}

// Effects describes the records and partitions that moves cover: "up to 400 records
// delivered again, 0 skipped, 3 partitions set", and ", 1 commit removed" if there are
// any. Different units are not added up: "up to 400 records and up to 20 log groups
// delivered again, …".
func (s Summary) Effects() string {
	var again, skipped []string
	for _, a := range s.Amounts() {
		if a.Replay > 0 || len(s.Units) < 2 {
			again = append(again, s.upTo(a.Replay)+" "+text.Noun(a.Replay, a.Unit))
		}
		switch {
		case len(s.Units) < 2:
			skipped = append(skipped, s.upTo(a.Skip))
		case a.Skip > 0:
			skipped = append(skipped, s.upTo(a.Skip)+" "+text.Noun(a.Skip, a.Unit))
		}
	}
	return fmt.Sprintf("%s delivered again, %s skipped, %s set%s", cmp.Or(strings.Join(again, " and "), "0"),
		cmp.Or(strings.Join(skipped, " and "), "0"), text.Plural(s.Set, "partition"), s.removals(", "))
}

// removals counts the removed commits, after a separator: ", 3 commits removed"; "" if
// there are none.
func (s Summary) removals(separator string) string {
	if s.Removed == 0 {
		return ""
	}
	return separator + text.Plural(s.Removed, "commit") + " removed"
}

// Lost describes the records that moves skip: "up to 20 records and 3 log groups"; ""
// if there are none.
func (s Summary) Lost() string {
	var out []string
	for _, a := range s.Amounts() {
		if a.Skip > 0 {
			out = append(out, s.upTo(a.Skip)+" "+text.Noun(a.Skip, a.Unit))
		}
	}
	return strings.Join(out, " and ")
}

// Moves describes only what there is of the effects: "up to 522 records delivered again
// on 3 partitions".
func (s Summary) Moves() string {
	var out []string
	for _, a := range s.Amounts() {
		if a.Replay > 0 {
			out = append(out, s.upTo(a.Replay)+" "+text.Noun(a.Replay, a.Unit)+" delivered again")
		}
	}
	if lost := s.Lost(); lost != "" {
		out = append(out, lost+" skipped")
	}
	if s.Set > 0 {
		out = append(out, text.Plural(s.Set, "partition")+" set")
	}
	if s.Removed > 0 {
		out = append(out, s.removals(""))
	}
	if s.Unknown > 0 {
		out = append(out, "an unknown number of records on "+text.Plural(s.Unknown, "partition"))
	}
	if len(out) == 0 {
		return "no records"
	}
	if s.Partitions > s.Set+s.Removed+s.Unknown {
		out[len(out)-1] += ", on " + text.Plural(s.Partitions, "partition")
	}
	return strings.Join(out, ", ")
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
