package check

import (
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
	f, err := lock.Read(path)
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

// Origin returns the run and the step of a lock to which a step refers. Both may
// be omitted if the lock has only one. Otherwise reason, remedy and key describe
// the error.
func Origin(f *lock.File, to schema.To) (run, step, reason, remedy, key string) {
	keys := f.Keys()
	run = to.Run
	switch {
	case len(keys) == 0:
		return "", "", to.Lock + " records no run", "name the lock that an apply wrote", "lock"
	case run == "" && len(keys) > 1:
		return "", "", fmt.Sprintf("%s has %d runs", to.Lock, len(keys)), "add run: KEY; the runs are " + listNames(keys), "lock"
	case run == "":
		run = keys[0]
	case f.Runs[run] == nil:
		return "", "", fmt.Sprintf("%s has no run %q", to.Lock, run), "the runs are " + listNames(keys), "run"
	}
	ids := f.Runs[run].IDs()
	step = to.Step
	switch {
	case len(ids) == 0:
		return "", "", fmt.Sprintf("run %s of %s has no step", run, to.Lock), "name another run", "lock"
	case step == "" && len(ids) > 1:
		return "", "", fmt.Sprintf("run %s of %s has %d steps", run, to.Lock, len(ids)), "add step: ID; the steps are " + listNames(ids), "lock"
	case step == "":
		step = ids[0]
	case !slices.Contains(ids, step):
		return "", "", fmt.Sprintf("run %s of %s has no step %q", run, to.Lock, step), "the steps are " + listNames(ids), "step"
	}
	return run, step, "", "", ""
}

// listNames lists the first of many names.
func listNames(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
