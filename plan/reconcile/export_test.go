package reconcile

// KeepFirst drops every step after the first n.
func (p *Prepared) KeepFirst(n int) { p.Steps, p.targets = p.Steps[:n], p.targets[:n] }
