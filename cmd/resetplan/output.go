package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
)

// checkNew refuses, before any service is contacted, a file that exists or whose
// folder does not.
func checkNew(out string) error {
	if out == "" || out == "-" {
		return nil
	}
	if _, err := os.Lstat(out); err == nil {
		return alreadyExists(out)
	}
	return checkFolder(out)
}

// checkFolder refuses a file whose folder does not exist.
func checkFolder(out string) error {
	if info, err := os.Stat(filepath.Dir(out)); err != nil || !info.IsDir() {
		return fmt.Errorf("cannot save the plan: folder %s does not exist; create it, or name another file with --out", filepath.Dir(out))
	}
	return nil
}

func alreadyExists(name string) error { return usage("%s already exists; name another file", name) }

// writeNew writes a file that must not exist yet.
func writeNew(name, text string) error {
	err := files.Create(name, []byte(text), 0o644)
	if errors.Is(err, fs.ErrExist) {
		return alreadyExists(name)
	}
	return err
}

// replaceSaved writes a saved plan, which only its owner may read. It replaces
// only another saved plan.
func replaceSaved(name string, text []byte) error {
	if err := checkSavable(name); err != nil {
		return err
	}
	err := files.Replace(name, text, 0o600)
	var unfit *files.Unfit
	if errors.As(err, &unfit) { // it was created since the check
		return &inputError{"--out: " + unfit.Error()}
	}
	if err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

// checkNotLock refuses to save a plan in the place of its own lock or journal.
func checkNotLock(flag, out, lockPath string) error {
	if out == "" || out == "-" || lockPath == "" || lock.IsURL(lockPath) {
		return nil
	}
	saved, err1 := filepath.Abs(out)
	for _, own := range []string{lockPath, lock.JournalPath(lockPath)} {
		if path, err2 := filepath.Abs(own); err1 == nil && err2 == nil && path == saved {
			return usage("--%s %s: this is the file of the plan's lock; name another file", flag, out)
		}
	}
	return nil
}

// checkSavable refuses a file that a saved plan cannot replace.
func checkSavable(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return checkFolder(name)
	}
	var unfit *files.Unfit
	if errors.As(files.Replaceable(name, info), &unfit) {
		return &inputError{"--out: " + unfit.Error() + "; --out - writes to standard output"}
	}
	existing, err := files.Read(name, files.Saved)
	if err != nil || len(existing) > 0 && !isSaved(existing) {
		return usage("--out %s: the file exists and is not a saved plan; name another file", name)
	}
	return nil
}

// writeDraft writes a plan that the program made, after reading it back. It
// replaces no file.
func (proc process) writeDraft(d *draft.Draft, out string) error {
	if _, err := d.Parse("the plan to be written", all.Providers()); err != nil {
		return errors.Join(errors.New("refusing to write an invalid plan"), err)
	}
	if out == "" || out == "-" {
		_, err := proc.stdout.Write(d.YAML())
		return err
	}
	if err := writeNew(out, string(d.YAML())); err != nil {
		return err
	}
	fmt.Fprintf(proc.stderr, "Wrote %s. Review it with: resetplan plan %s\n", view.Plain(out), view.Plain(out))
	return nil
}
