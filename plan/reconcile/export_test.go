package reconcile

import "github.com/resetplan/resetplan/plan/survey"

// OneOfEachConnection returns the jobs with which a rollback identifies the services.
func OneOfEachConnection(r *survey.Reader) []*survey.Job { return oneOfEachConnection(r) }

// KeepFirst drops every step after the first n.
func (p *Prepared) KeepFirst(n int) { p.Steps, p.targets = p.Steps[:n], p.targets[:n] }
