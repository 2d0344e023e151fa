package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/providers/all"
	"github.com/urfave/cli/v2"
)

func outFlag() cli.Flag {
	return &cli.StringFlag{Name: "out", Usage: "write the plan to a new `FILE` instead of standard output"}
}

// vacant refuses a file that cannot be written anew, before anything is
// contacted.
func vacant(out string) error {
	if out == "" || out == "-" {
		return nil
	}
	if _, err := os.Lstat(out); err == nil {
		return usage("%s is there already; name another file", out)
	}
	return inFolder(out)
}

// inFolder refuses a file whose folder is not there.
func inFolder(out string) error {
	if info, err := os.Stat(filepath.Dir(out)); err != nil || !info.IsDir() {
		return fmt.Errorf("save the plan: there is no folder %s; create it, or name another file with --out", filepath.Dir(out))
	}
	return nil
}

// writeDraft writes a plan that the program made, once it has read it back. A
// file that is there is not replaced.
func (w world) writeDraft(d *draft.Draft, out string) error {
	if _, err := d.Parse("the plan to be written", all.Providers()); err != nil {
		return errors.Join(errors.New("no plan is written, for it would not be valid"), err)
	}
	if out == "" || out == "-" {
		_, err := w.stdout.Write(d.YAML())
		return err
	}
	if err := writeNew(out, string(d.YAML())); err != nil {
		return err
	}
	fmt.Fprintf(w.stderr, "%s is written. Look at it: resetplan plan %s\n", view.Plain(out), view.Plain(out))
	return nil
}
