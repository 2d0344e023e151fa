package reconcile

import "github.com/resetplan/resetplan/plan/lock"

// KeepFirst drops every step after the first n.
func (p *Prepared) KeepFirst(n int) { p.Steps, p.targets = p.Steps[:n], p.targets[:n] }

// Approval is what an apply of the plan records first.
func (p *Prepared) Approval() lock.Approval { return p.approval() }
