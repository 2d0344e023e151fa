package plan

import "slices"

// A step of which the parts are loaded later has these instead.
type later struct {
	load    func() []Part
	parts   int
	effects []Effect // each once
	unit    string   // what the first count counts
	sum     Summary  // of all parts, whatever the action
}

// LoadPartsLater replaces the parts of a step by their sums, and by a function that returns
// them again: a plan for a large cluster has millions of parts, and a short view shows
// the parts of a few steps.
func (s *Step) LoadPartsLater(load func() []Part) {
	s.later = &later{load: load, parts: len(s.Parts), unit: s.Unit(), sum: summed(s.Parts)}
	for i := range s.Parts {
		if e := s.Parts[i].Effect; !slices.Contains(s.later.effects, e) {
			s.later.effects = append(s.later.effects, e)
		}
	}
	s.Parts = nil
}

// AllParts returns the parts of a step. Those that are loaded later are loaded by each
// call, and belong to the caller.
func (s *Step) AllParts() []Part {
	if s.later != nil {
		return s.later.load()
	}
	return s.Parts
}

// Len returns the number of parts.
func (s *Step) Len() int {
	if s.later != nil {
		return s.later.parts
	}
	return len(s.Parts)
}

// Has reports whether the step has an effect on any part.
func (s *Step) Has(e Effect) bool {
	if s.later != nil {
		return slices.Contains(s.later.effects, e)
	}
	for i := range s.Parts {
		if s.Parts[i].Effect == e {
			return true
		}
	}
	return false
}

// Unit returns what the step's counts count, in the singular, if they do not count
// records; "" if they do.
func (s *Step) Unit() string {
	if s.later != nil {
		return s.later.unit
	}
	for i := range s.Parts {
		if s.Parts[i].Unit != "" {
			return s.Parts[i].Unit
		}
	}
	return ""
}

// moves sums up the effects on all parts.
func (s *Step) moves() Summary {
	if s.later != nil {
		return s.later.sum
	}
	return summed(s.Parts)
}

func summed(parts []Part) Summary {
	out := Summary{Bound: BoundExact}
	out.Add(parts)
	return out
}
