package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/schema"
)

// steps offers the steps of the plan and the lock on the line: each group of
// one is known to the lock alone. If a step is to be settled, only those in
// doubt, with a rollback in doubt, or overwritten are offered.
func (t *typing) steps() *offer {
	o := &offer{}
	settles := t.command.Name == "settle"
	if !settles {
		for _, id := range t.outline().Steps {
			o.words = append(o.words, candidate{id, "a step of the plan"})
		}
	}
	run := t.values["run"]
	if run == "" {
		run = schema.DefaultRun
	}
	if r := t.recorded().Runs[run]; r != nil {
		for _, s := range r.Steps {
			known := slices.ContainsFunc(o.words, func(c candidate) bool { return c.text == s.ID })
			if !known && (!settles || s.Doubtful() || s.Outcome == lock.Overwritten) {
				o.words = append(o.words, candidate{s.ID, stateOf(s) + " in run " + run})
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
func (t *typing) parts() *offer {
	o := &offer{}
	run := t.values["run"]
	if run == "" {
		run = schema.DefaultRun
	}
	r := t.recorded().Runs[run]
	if r == nil {
		return o
	}
	for _, s := range r.Steps {
		if len(t.args) > 1 && t.args[1] != s.ID {
			continue
		}
		for _, p := range s.Parts {
			o.words = append(o.words, candidate{p.Part.String(), "step " + s.ID})
		}
	}
	return o
}

// runs offers the keys of the lock's runs, the newest first.
func (t *typing) runs() *offer {
	o := &offer{}
	f := t.recorded()
	runs := f.Runs
	for _, key := range f.Keys() {
		o.words = append(o.words, candidate{key, string(runs[key].Outcome) + " " + runs[key].Started.UTC().Format("2006-01-02 15:04")})
	}
	return o
}

// parameters offers the names that the plan on the line declares, and behind
// one of them the values that it may have.
func (t *typing) parameters(typed string) *offer {
	o := &offer{}
	for _, p := range t.outline().Params {
		if !strings.HasPrefix(typed, p.Name+"=") {
			o.words = append(o.words, candidate{p.Name + "=", p.Description})
			continue
		}
		for _, v := range allowed(p) {
			o.words = append(o.words, candidate{p.Name + "=" + v, ""})
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

// outline reads what the plan on the line declares.
func (t *typing) outline() *schema.Outline {
	if len(t.args) > 0 && t.args[0] != "-" {
		if raw := readSome(t.args[0]); raw != nil {
			if o, faults := schema.Sketch(t.args[0], raw); len(faults) == 0 {
				return o
			}
		}
	}
	return &schema.Outline{}
}

// recorded reads the lock of the line. One that is not there has no runs.
func (t *typing) recorded() *lock.File {
	path := t.values["lock"]
	if path == "" && len(t.args) > 0 && t.args[0] != "-" {
		path, _ = lockFile(t.args[0]) // without one there is nothing to offer
	}
	f, err := lock.Read(expanded(path, t.w.home))
	if path == "" || err != nil {
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

// readSome reads a plain file that is no larger than a plan can be. A pipe is
// not read: it would be read for another.
func readSome(name string) []byte {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, 4<<20))
	if err != nil {
		return nil
	}
	return raw
}
