package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/resetplan/resetplan/files"
	"github.com/resetplan/resetplan/schema/diag"
)

// An inputError is an input that cannot be what the call says it is.
type inputError struct{ text string }

func (e *inputError) Error() string { return e.text }

// source reads a file or a pipe of at most so many bytes, or standard input for
// "-". A signal ends the waiting.
func (w world) source(name string, most int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-w.signalled:
			cancel()
		case <-ctx.Done():
		}
	}()
	if name == "" {
		return nil, usage("the name of a file is empty; name one, or write - for standard input")
	}
	var raw []byte
	var err error
	if name == "-" {
		raw, err = files.Wait(ctx, func() ([]byte, error) { return files.ReadAll(w.stdin, "standard input", most) })
	} else {
		raw, err = files.ReadInput(ctx, name, most)
	}
	var unfit *files.Unfit
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, diag.Errors{{File: name, Reason: "no such file", Remedy: "check the path"}}
	case errors.As(err, &unfit), errors.Is(err, context.Canceled):
		return nil, err
	case err != nil:
		return nil, diag.Errors{{File: name, Reason: "the file cannot be read: " + plainly(err)}}
	}
	return raw, nil
}

// plainly is a file's error without the operation and the name.
func plainly(err error) string {
	var wrong *fs.PathError
	if errors.As(err, &wrong) {
		return wrong.Err.Error()
	}
	return err.Error()
}

// writeNew writes a file that must not be there yet.
func writeNew(name, text string) error {
	err := files.Create(name, []byte(text), 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%s is there already; name another file", name)
	}
	return err
}

// replaceSaved writes a saved plan, which only its owner may read. A file that
// is there and is no saved plan is not replaced.
func replaceSaved(name string, text []byte) error {
	if err := savable(name); err != nil {
		return err
	}
	err := files.Replace(name, text, 0o600)
	var unfit *files.Unfit
	if errors.As(err, &unfit) { // it has come in between
		return &inputError{"--out: " + unfit.Error()}
	}
	if err != nil {
		return fmt.Errorf("save the plan: %w", err)
	}
	return nil
}

// savable refuses a file that a saved plan cannot replace.
func savable(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return inFolder(name)
	}
	var unfit *files.Unfit
	if errors.As(files.Replaceable(name, info), &unfit) {
		return &inputError{"--out: " + unfit.Error() + "; --out - writes to standard output"}
	}
	there, err := files.Read(name, files.Saved)
	if err != nil || len(there) > 0 && !isSaved(there) {
		return usage("--out %s: this file is no saved plan; name another", name)
	}
	return nil
}

// relayed returns a channel on which the signals go on, and one that the first
// of them closes: whatever waits for input then ends.
func relayed(ctx context.Context, signals <-chan os.Signal) (<-chan os.Signal, <-chan struct{}) {
	on, first := make(chan os.Signal, 8), make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case s := <-signals:
				if n == 0 {
					close(first)
				}
				on <- s
			case <-ctx.Done():
				return
			}
		}
	}()
	return on, first
}
