package complete

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/schema"
)

// steps offers the steps of the plan and the lock on the line: only the lock knows
// the groups of a step. If a step is to be settled, only those in doubt, with a
// rollback in doubt, or overwritten are offered.
func (t *typedLine) steps() *Offer {
	o := &Offer{}
	toSettle := t.command.Name == "settle"
	if !toSettle {
		for _, id := range t.outline().Steps {
			o.Words = append(o.Words, Candidate{id, "a step of the plan"})
		}
	}
	run := t.run()
	if r := t.recorded().Runs[run]; r != nil {
		for _, s := range r.Steps {
			known := slices.ContainsFunc(o.Words, func(c Candidate) bool { return c.Text == s.ID })
			if !known && (!toSettle || s.Doubtful() || s.Outcome == lock.Overwritten) {
				o.Words = append(o.Words, Candidate{s.ID, stateOf(s) + " in run " + run})
			}
		}
	}
	return o
}

func stateOf(s *lock.Step) string {
	if s.Doubtful() && s.Outcome != lock.InDoubt {
		return string(s.Outcome) + ", its rollback in doubt"
	}
	return string(s.Outcome)
}

// parts offers the partitions that the lock records of the step on the line,
// or of all steps of the run.
func (t *typedLine) parts() *Offer {
	o := &Offer{}
	run := t.run()
	r := t.recorded().Runs[run]
	if r == nil {
		return o
	}
	for _, s := range r.Steps {
		if len(t.args) > 1 && t.args[1] != s.ID {
			continue
		}
		for _, p := range s.Parts {
			o.Words = append(o.Words, Candidate{p.Part.String(), "step " + s.ID})
		}
	}
	return o
}

// run returns the key of the run on the line.
func (t *typedLine) run() string { return cmp.Or(t.values["run"], schema.DefaultRun) }

// runs offers the keys of the lock's runs, the newest first.
func (t *typedLine) runs() *Offer {
	o := &Offer{}
	f := t.recorded()
	runs := f.Runs
	for _, key := range f.Keys() {
		o.Words = append(o.Words, Candidate{key, string(runs[key].Outcome) + " " + runs[key].Started.UTC().Format("2006-01-02 15:04")})
	}
	return o
}

// connections offers the connections of the operator's configuration.
func (t *typedLine) connections() *Offer {
	o := &Offer{}
	if t.program.Connections == nil {
		return o
	}
	for _, p := range t.program.Connections(expanded(t.values["config"], t.program.Home)) {
		o.Words = append(o.Words, Candidate{p.Name, p.Type})
	}
	return o
}

// parameters offers the names that the plan on the line declares, and after one of
// them the values that it may have.
func (t *typedLine) parameters(typed string) *Offer {
	o := &Offer{}
	for _, p := range t.outline().Params {
		if !strings.HasPrefix(typed, p.Name+"=") {
			o.Words = append(o.Words, Candidate{p.Name + "=", p.Description})
			continue
		}
		for _, v := range allowed(p) {
			o.Words = append(o.Words, Candidate{p.Name + "=" + v, ""})
		}
	}
	return o
}

func allowed(p schema.Param) []string {
	if p.Type == "boolean" && p.Enum == nil {
		return []string{"true", "false"}
	}
	return p.Enum
}

// outline reads the parameters and steps that the plan on the line declares.
func (t *typedLine) outline() *schema.Outline {
	if len(t.args) > 0 && t.args[0] != "-" {
		if raw := readRegular(t.args[0]); raw != nil {
			if o, errs := schema.Sketch(t.args[0], raw); len(errs) == 0 {
				return o
			}
		}
	}
	return &schema.Outline{}
}

// recorded reads the lock of the line. A lock that does not exist has no runs.
func (t *typedLine) recorded() *lock.File {
	path := t.values["lock"]
	if path == "" && len(t.args) > 0 && t.args[0] != "-" {
		path, _ = t.program.LockFile(t.args[0]) // without a lock there is nothing to offer
	}
	if path == "" || lock.IsURL(path) { // completion contacts no store
		return &lock.File{}
	}
	f, err := lock.ReadRun(context.Background(), expanded(path, t.program.Home), t.run())
	if err != nil {
		return &lock.File{}
	}
	return f
}

func expanded(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(home, rest)
	}
	return path
}

// readRegular reads a regular file up to the size of a plan. A pipe is not read:
// what is read from it would be missing when the command runs.
func readRegular(name string) []byte {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, files.Plan))
	if err != nil {
		return nil
	}
	return raw
}
