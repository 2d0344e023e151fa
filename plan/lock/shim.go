package lock

import "time"

type Options struct {
	Plan, Holder string
	Now          func() time.Time
	Adopt        bool
}

type ForeignError struct{ Path, Plan, Want string }

func (e *ForeignError) Error() string { return "foreign" }

type ChecksumError struct{ Path string }

func (e *ChecksumError) Error() string { return "checksum" }

func (r *Run) Sum() RunOutcome {
	outcome := RunApplied
	undone := false
	for _, s := range r.Steps {
		switch {
		case s.Doubtful():
			return RunInDoubt
		case s.Outcome == Undone:
			undone = true
		case !s.Outcome.Done():
			outcome = RunFailed
		}
	}
	if undone && outcome == RunApplied {
		return RunUndone
	}
	return outcome
}

func (h *Held) Steps() (out []Step) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.file.Runs {
		for _, s := range r.Steps {
			out = append(out, *s)
		}
	}
	return out
}

func For(plan string) (string, error) { return Path(plan), nil }
