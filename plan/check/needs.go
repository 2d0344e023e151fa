package check

import (
	"fmt"
	"slices"
	"strings"
)

// cycles reports every cycle of needs once, at its first step. A step that needs
// itself has its own error.
func (c *checker) cycles() {
	needs := map[string][]string{}
	for _, s := range c.doc.Steps {
		if _, twice := needs[s.ID]; !twice {
			needs[s.ID] = s.Needs
		}
	}
	done := map[string]bool{}
	effort := mostEffort
	for i, s := range c.doc.Steps {
		if done[s.ID] || slices.Contains(s.Needs, s.ID) || effort < 0 {
			continue
		}
		path := pathTo(s.ID, s.ID, needs, &effort)
		if path == nil {
			continue
		}
		for _, id := range path {
			done[id] = true
		}
		c.report("dependency cycle: "+cycleText(append([]string{s.ID}, path...)), "remove one of these needs", "steps", i, "needs")
	}
}

// cycleText lists the steps of a cycle; of a long one, the first and the last.
func cycleText(ids []string) string {
	const most = 8
	if more := len(ids) - most; more > 0 {
		return strings.Join(ids[:most-1], " needs ") + fmt.Sprintf(" needs %d more steps, the last of which needs ", more) + ids[len(ids)-1]
	}
	return strings.Join(ids, " needs ")
}

// mostEffort bounds the search for cycles; no plan that a person wrote needs
// a hundredth of it.
const mostEffort = 5_000_000

// pathTo returns the needs that lead from a step to another, without deep
// recursion: a plan may have very many steps.
func pathTo(goal, from string, needs map[string][]string, effort *int) []string {
	seen := map[string]bool{}
	before := map[string]string{}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		*effort -= 1 + len(needs[at])
		for _, n := range needs[at] {
			if n == goal {
				path := []string{goal}
				for ; at != from; at = before[at] {
					path = append(path, at)
				}
				slices.Reverse(path)
				return path
			}
			if !seen[n] && n != at {
				seen[n] = true
				before[n] = at
				queue = append(queue, n)
			}
		}
	}
	return nil
}
