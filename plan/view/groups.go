package view

import (
	"cmp"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers/cores"
)

// A family is the steps of one step of a document: itself, or those of its groups.
type family[S any] struct {
	ID    string
	Steps []*S
}

// Many reports whether there are so many groups that each is one line.
func (f family[S]) Many(o Options) bool { return len(f.Steps) > fewGroups && !o.Wide }

// divided divides steps by the step of the document, in its order.
func divided[S any](steps []S, idOf func(*S) string) []family[S] {
	var out []family[S]
	at := map[string]int{}
	for i := range steps {
		id, _, groups := strings.Cut(idOf(&steps[i]), "[")
		n, known := at[id]
		if !known || !groups {
			n, at[id] = len(out), len(out)
			out = append(out, family[S]{ID: id})
		}
		out[n].Steps = append(out[n].Steps, &steps[i])
	}
	return out
}

// A Family is one step of a document in a plan.
type Family struct{ family[plan.Step] }

// fewGroups is the number of groups up to which each is shown with its partitions.
const fewGroups = 3

// MostGroups is the number of groups that a table shows without Wide.
const MostGroups = 20

// Families divides the steps of a plan by the step of the document, in its order.
func Families(steps []plan.Step) []Family {
	var out []Family
	for _, f := range divided(steps, func(s *plan.Step) string { return s.ID }) {
		out = append(out, Family{f})
	}
	return out
}

// GroupOf is the group of a step that was expanded: the text in brackets.
func GroupOf(id string) string {
	_, group, ok := strings.Cut(id, "[")
	if !ok {
		return id
	}
	return strings.TrimSuffix(group, "]")
}

// Sorted are the steps, those that need attention first, then by size: blocked ones,
// those that skip, those that replay, and the others.
func (f Family) Sorted() []*plan.Step {
	type sized struct {
		step  *plan.Step
		class int
		size  int64
	}
	all := make([]sized, len(f.Steps))
	cores.Each(len(f.Steps), func(i int) {
		s := f.Steps[i]
		sum := s.Sum()
		one := sized{s, 3, 0}
		switch {
		case s.Action == plan.Blocked:
			one.class = 0
		case sum.Skip > 0:
			one.class, one.size = 1, sum.Skip
		case s.Action == plan.Reset:
			one.class, one.size = 2, sum.Replay
		}
		all[i] = one
	})
	slices.SortStableFunc(all, func(a, b sized) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.size, a.size))
	})
	out := make([]*plan.Step, len(all))
	for i, one := range all {
		out[i] = one.step
	}
	return out
}

// Consumers describes the state of the consumers of all groups: "98 idle, 2 active".
func (f Family) Consumers() string {
	count := map[string]int{}
	for _, s := range f.Steps {
		count[s.Activity]++
	}
	var out []string
	for _, state := range []string{"idle", "active", "unknown"} {
		if count[state] > 0 {
			out = append(out, text.Grouped(int64(count[state]))+" "+state)
		}
	}
	return strings.Join(out, ", ")
}

// Address is the address of all groups, with * for the group; "" if they differ in
// more.
func (f Family) Address() string {
	out := ""
	for i, s := range f.Steps {
		address := strings.Replace(s.Address, "/"+GroupOf(s.ID), "/*", 1)
		if i > 0 && address != out {
			return ""
		}
		out = address
	}
	return out
}

// A Remark is a sentence about some groups.
type Remark struct {
	Groups []string
	Text   string
}

// Remarks are the sentences about the groups' steps, equal ones once, and those of which
// many differ only in numbers.
func (f Family) Remarks(of func(*plan.Step) []string) []Remark {
	var all, groups []string
	for _, s := range f.Steps {
		for _, sentence := range of(s) {
			all, groups = append(all, sentence), append(groups, GroupOf(s.ID))
		}
	}
	var out []Remark
	for _, one := range text.Together(all) {
		r := Remark{Text: one.Text}
		for _, i := range one.At {
			r.Groups = append(r.Groups, groups[i])
		}
		out = append(out, r)
	}
	return out
}

// EffectsAndLag describes the parts of a planned step in one line: the effects on them,
// the worst first, each with its sign ("- skip up to 5", "+ replay up to 20"), and the lag
// before and after the reset ("300 -> 822").
func EffectsAndLag(parts []plan.Part) (effects []string, lag string) {
	all := reduced(parts)
	return effectsOf(all), lagOf(all)
}

func effectsOf(parts []Part) []string {
	var out []string
	for _, e := range effects {
		var same []*Part
		for i := range parts {
			if parts[i].Effect == string(e) {
				same = append(same, &parts[i])
			}
		}
		if len(same) > 0 && (e != plan.EffectKeep || len(out) == 0) {
			out = append(out, EffectSign(e)+" "+effect(same)+units(same))
		}
	}
	return out
}

func lagOf(parts []Part) string {
	all := make([]*Part, len(parts))
	for i := range parts {
		all[i] = &parts[i]
	}
	return sum(all, func(p *Part) *int64 { return p.Lag }) + " -> " + sum(all, func(p *Part) *int64 { return p.LagAfter })
}
