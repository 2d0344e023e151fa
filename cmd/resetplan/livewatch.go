package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/resetplan/resetplan/cmd/resetplan/internal/livepage"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/plan/view/html"
	"github.com/resetplan/resetplan/plan/watch"
)

// watchPage shows a watch as a page on this machine, and prints its address.
func (proc process) watchPage(ctx context.Context, r *survey.Reader, o watch.Options) error {
	server, err := livepage.Start(ctx)
	if err != nil {
		return fmt.Errorf("cannot serve the page on this machine: %w", err)
	}
	var last *watch.Progress
	show := func(ended string) error {
		page := func(next string) ([]byte, error) {
			var out bytes.Buffer
			err := html.Progress(proc.secrets.Writer(&out), last, html.Live{Next: next, Ended: ended})
			return out.Bytes(), err
		}
		return server.Show(page, ended != "")
	}
	err = watch.Run(ctx, r, o, func(p *watch.Progress) error {
		first := last == nil
		if last = p; first {
			if _, err := fmt.Fprintln(proc.stdout, server.Address()); err != nil {
				return err
			}
			fmt.Fprintln(proc.stderr, "Open this address in a browser on this machine. The page is available until this command ends.")
		}
		return show("")
	})
	if last != nil {
		err = errors.Join(err, show(whyEnded(err, o.Until)))
	}
	return errors.Join(err, server.Close())
}

// whyEnded describes why a watch has ended.
func whyEnded(err error, until watch.Until) string {
	switch {
	case err == nil:
		return "The watch has ended: " + string(until) + "."
	case errors.Is(err, context.Canceled):
		return "The watch was interrupted."
	}
	return "The watch has ended: " + err.Error()
}
