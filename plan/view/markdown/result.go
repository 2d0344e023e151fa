package markdown

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view/outcomes"
)

// Result writes the outcome of an apply or a rollback: what was moved, each step, and
// where it is recorded.
func Result(w io.Writer, r *outcomes.Report) error {
	var head strings.Builder
	name, _ := coded(r.Plan, nameBytes)
	run, _ := coded(r.Run, nameBytes)
	by, _ := coded(r.By, nameBytes)
	what := "Apply"
	if r.Undo {
		what = "Rollback"
	}
	fmt.Fprintf(&head, "## %s of %s, run %s: %s\n\n", what, name, run, r.Outcome)
	switch {
	case r.Idle:
		head.WriteString("**Nothing to do: every step had been applied before.**\n\n")
	case r.Moved.Reset > 0:
		effects := r.Moved.Effects()
		fmt.Fprintf(&head, "**%s%s, on %s.** By %s, in %s.\n\n", strings.ToUpper(effects[:1]), effects[1:], text.Plural(r.Moved.Partitions, "partition"),
			by, text.Span(r.Finished.Sub(r.Started).Round(time.Millisecond)))
	}
	if r.Error != "" {
		why, _ := literal(r.Error, 4000)
		fmt.Fprintf(&head, "**Error:** %s\n\n", why)
	}
	if r.Lock != "" {
		lock, _ := coded(r.Lock, nameBytes)
		fmt.Fprintf(&head, "Recorded in %s.\n\n", lock)
	}
	chapters := make([]chapter, len(r.Steps))
	for i, s := range r.Steps {
		chapters[i] = chapter{heading: heading(string(s.Outcome), s.ID, s.Moves)}
		if s.Why != "" {
			chapters[i].pieces[1] = sentences{{text: text.Sentence(s.Why)}}
		}
	}
	_, err := io.WriteString(w, fitted(head.String(), chapters, "", omissions{}))
	return err
}
