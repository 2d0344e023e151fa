package check

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/schema"
)

// lock reads a lock once, even if several steps refer to it.
func (c *checker) lock(path string) (*lock.File, error) {
	if f, ok := c.locks[path]; ok {
		return f.file, f.err
	}
	if c.locks == nil {
		c.locks = map[string]lockRead{}
	}
	f, err := lock.Read(context.Background(), path)
	c.locks[path] = lockRead{f, err}
	return f, err
}

type lockRead struct {
	file *lock.File
	err  error
}

// RelativeTo resolves a path relative to a document.
func RelativeTo(document, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(document), path)
}

// A Problem is an invalid reference of a step to a lock: what is wrong, what to write
// instead, and the key below `to` that has the error.
type Problem struct{ Reason, Remedy, Key string }

// Referenced returns the run and the step of a lock to which a step refers. Both may be
// omitted if the lock has only one. The Problem is nil if the reference is valid.
func Referenced(f *lock.File, to schema.To) (run, step string, _ *Problem) {
	keys := f.Keys()
	run = to.Run
	switch {
	case len(keys) == 0:
		return "", "", &Problem{to.Lock + " records no run", "name the lock that an apply wrote", "lock"}
	case run == "" && len(keys) > 1:
		return "", "", &Problem{fmt.Sprintf("%s has %d runs", to.Lock, len(keys)), "add run: KEY; the runs are " + listNames(keys), "lock"}
	case run == "":
		run = keys[0]
	case f.Runs[run] == nil:
		return "", "", &Problem{fmt.Sprintf("%s has no run %q", to.Lock, run), "the runs are " + listNames(keys), "run"}
	}
	ids := f.Runs[run].IDs()
	step = to.Step
	subject := fmt.Sprintf("run %s of %s", run, to.Lock)
	switch {
	case len(ids) == 0:
		return "", "", &Problem{subject + " has no step", "name another run", "lock"}
	case step == "" && len(ids) > 1:
		return "", "", &Problem{fmt.Sprintf("%s has %d steps", subject, len(ids)), "add step: ID; the steps are " + listNames(ids), "lock"}
	case step == "":
		step = ids[0]
	case !slices.Contains(ids, step):
		return "", "", &Problem{fmt.Sprintf("%s has no step %q", subject, step), "the steps are " + listNames(ids), "step"}
	}
	return run, step, nil
}

// listNames lists the first of many names.
func listNames(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
