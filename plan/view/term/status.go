package term

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
)

// Status writes a run's steps with the present positions of their parts.
func Status(w io.Writer, s *reconcile.Status, o view.Options) error {
	var out strings.Builder
	if s.Outcome == "" {
		out.WriteString(wrapped(fmt.Sprintf("%s: run %s is not in the lock, so nothing was applied under this name. "+
			"`resetplan lock show` lists the runs.", s.Name, s.Run), "", o))
		_, err := io.WriteString(w, out.String())
		return err
	}
	started := s.Started.Format(time.RFC3339)
	head := wrapped(fmt.Sprintf("%s, run %s: %s, by %s at %s", s.Name, s.Run, s.Outcome, s.By, started), "", o)
	out.WriteString(strings.Replace(head, view.Plain(s.Name), paint(o, bold, view.Plain(s.Name)), 1))
	for _, f := range view.StatusFamilies(s.Steps) {
		if f.Many(o) {
			if err := statusGroups(&out, f, o); err != nil {
				return err
			}
			continue
		}
		for _, st := range f.Steps {
			if err := statusStep(&out, st, o); err != nil {
				return err
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// statusStep writes one step with its parts.
func statusStep(out *strings.Builder, st *reconcile.StatusStep, o view.Options) error {
	heading(out, string(st.Outcome), view.OutcomeTone(st.Outcome), st.ID, o)
	address(out, st.Address, "  ")
	fmt.Fprintf(out, "  consumers %s\n", view.Plain(st.Activity))
	doubt := ""
	if st.Outcome == lock.InDoubt {
		doubt = nextDecides
	}
	for _, sentence := range []string{st.Paused, st.Why, st.Replay, st.Stopped, doubt, st.Error} {
		if sentence != "" {
			out.WriteString(wrapped(sentence, "  ", o))
		}
	}
	return statusParts(out, st.Parts, o)
}

// statusGroups writes the steps of many groups, one line per group.
func statusGroups(out *strings.Builder, f view.StatusFamily, o view.Options) error {
	all := f.Sorted()
	heading(out, string(all[0].Outcome), view.OutcomeTone(all[0].Outcome), f.ID+": "+text.Plural(len(all), "group"), o)
	shown := all
	if len(all) > view.MostGroups+1 {
		shown = all[:view.MostGroups]
	}
	var rows [][]string
	var remarks strings.Builder
	for _, st := range shown {
		lag, since := view.StatusSums(st, o)
		if st.Error != "" {
			since = "could not be read"
		}
		rows = append(rows, []string{view.GroupOf(st.ID), string(st.Outcome), lag, since, view.Plain(st.Activity)})
		for _, sentence := range []string{st.Paused, st.Why, st.Replay, st.Stopped, st.Error} {
			if sentence != "" {
				remarks.WriteString(wrapped(view.GroupOf(st.ID)+": "+sentence, "  ", o))
			}
		}
	}
	head := []view.Column{{Name: "GROUP"}, {Name: "OUTCOME"}, {Name: "LAG", Number: true}, {Name: "SINCE"}, {Name: "CONSUMERS"}}
	err := table(out, head, rows, []string{"CONSUMERS", "OUTCOME"}, func(r []string) string {
		return fmt.Sprintf("%s: %s; lag %s; %s; consumers %s", r[0], r[1], r[2], r[3], r[4])
	}, o)
	if more := len(all) - len(shown); more > 0 {
		fmt.Fprintf(out, "  and %s; --wide shows them\n", text.Plural(more, "more group"))
	}
	out.WriteString(remarks.String())
	return err
}

// statusParts writes the positions of a step's parts before the reset, as
// reset, and now.
func statusParts(out *strings.Builder, parts []reconcile.StatusPart, o view.Options) error {
	if len(parts) == 0 {
		return nil
	}
	var rows [][]string
	for _, r := range view.Fold(view.StatusParts(parts, o), o) {
		rows = append(rows, append([]string{r.Name()}, r.StatusCells()...))
	}
	return table(out, view.StatusColumns(), rows, []string{"HIGH", "BEFORE"}, func(r []string) string {
		return fmt.Sprintf("%s: before %s, reset to %s, now %s, high %s; lag %s; %s", r[0], r[1], r[2], r[3], r[4], r[5], r[6])
	}, o)
}
