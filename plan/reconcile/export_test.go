package reconcile

// KeepFirst leaves out all steps but the first n.
func (p *Prepared) KeepFirst(n int) { p.Steps, p.targets = p.Steps[:n], p.targets[:n] }
