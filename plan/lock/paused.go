package lock

// PausedStep is a recorded step whose consumers this program has paused and not
// yet seen running again.
type PausedStep struct {
	Run  string
	Step Step
}

// Paused returns the recorded steps, of all runs, whose consumers may still be
// paused.
func (f *File) Paused() (out []PausedStep) {
	for _, key := range f.Keys() {
		for _, s := range f.Runs[key].Steps {
			if s.Paused != nil {
				out = append(out, PausedStep{key, *s})
			}
		}
	}
	return out
}
