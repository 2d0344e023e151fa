package viewtest

import (
	"github.com/resetplan/resetplan/plan"
)

// Reviewed adds to a plan what only a review shows: why it was made, by whom, and the
// groups of its steps.
func Reviewed(p *plan.Plan) *plan.Plan {
	p.Description = "Replay orders after the bad deploy of 18 November."
	p.Labels = map[string]string{"incident": "INC-4711", "team": "billing"}
	p.Params = map[string]any{"limit": 2000000, "since": "2026-11-18T00:00:00Z"}
	p.CreatedBy = "alice@build-7"
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Type == "kafka" || s.Type == "" {
			s.Group = "orders-billing"
		}
	}
	return p
}

// ReviewNamed is PlanNamed with the name also where only a review shows one.
func ReviewNamed(name string) *plan.Plan {
	p := PlanNamed(name)
	p.Description, p.CreatedBy, p.Labels = "Why "+name+" end.", name, map[string]string{"incident": name}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Group, s.Paused = name, "paused by "+name+" end"
	}
	p.LeftPaused, p.LeftReplaying = []string{"paused " + name + " end"}, []string{"replay of " + name + " end"}
	p.Steps = append(p.Steps, Step("now", plan.Reset, Moved(name, 0, 0, 2, 3, 5)))
	p.Steps[2].Relative, p.Steps[2].At = "now-36h", &p.CreatedAt
	return p
}
