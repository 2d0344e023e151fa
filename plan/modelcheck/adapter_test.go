package modelcheck_test

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/retry"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

// This file contains every call of the model check to the API under test. It calls
// the packages below plan in the same order as the command.

// A session is one process with an open document.
type session struct {
	r    *survey.Reader
	doc  *schema.Document
	lock string // of the newest plan
}

// An operator is the process around a session.
type operator struct {
	kind     providers.Provider
	by       string
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error
	progress func(survey.Event)

	workloads map[string]survey.Workload
}

func open(file string, text []byte, o operator) (*session, error) {
	doc, errs := schema.Parse(file, text, nil)
	if len(errs) > 0 {
		return nil, errs
	}
	return openDocument(doc, o)
}

func openDocument(doc *schema.Document, o operator) (*session, error) {
	r, err := survey.Open(doc, survey.Deps{Providers: []providers.Provider{o.kind}, By: o.by, Process: providers.Process{Now: o.now},
		Progress: o.progress, Workloads: o.workloads,
		Retry: retry.Policy{First: time.Second, Most: time.Second, Tries: 3, Sleep: o.sleep}})
	if err != nil {
		return nil, err
	}
	return &session{r: r, doc: doc}, nil
}

// openSaved does what `apply SAVED` does: it returns the saved plan and a session with
// its document. text is the present content of the document. The lock is the one in
// the saved plan.
func openSaved(ctx context.Context, name string, raw []byte, file string, text []byte, o operator) (*session, *reconcile.Prepared, error) {
	p, err := plan.ReadSaved(name, raw)
	if err != nil {
		return nil, nil, err
	}
	doc, err := p.Reopen(file, text, nil)
	if err != nil {
		return nil, nil, reconcile.WithPaused(context.Background(), p.Lock, err)
	}
	s, err := openDocument(doc, o)
	if err != nil {
		return nil, nil, err
	}
	fresh, err := reconcile.Resume(ctx, s.r, p, reconcile.Selection{Lock: p.Lock})
	return s, fresh, err
}

func (s *session) plan(ctx context.Context, lockPath, run string) (*reconcile.Prepared, error) {
	s.lock = lockPath
	return reconcile.Plan(ctx, s.r, reconcile.Selection{Lock: lockPath, Run: run})
}

func (s *session) planUndo(ctx context.Context, lockPath, run string) (*reconcile.Prepared, error) {
	return reconcile.PlanUndo(ctx, s.r, reconcile.Selection{Lock: lockPath, Run: run})
}

// ready checks a plan before its apply. digest is the expected one; "" = none.
func (s *session) ready(p *reconcile.Prepared, digest string) error { return p.Ready(digest) }

func (s *session) apply(ctx context.Context, p *reconcile.Prepared, lockPath, run string) (*reconcile.Result, error) {
	return reconcile.Apply(ctx, s.r, p, reconcile.ApplyOptions{Selection: reconcile.Selection{Lock: lockPath, Run: run}})
}

// resume does what `resume` does.
func (s *session) resume(ctx context.Context, lockPath string) error {
	_, err := reconcile.StartPaused(ctx, s.r, reconcile.Selection{Lock: lockPath})
	return err
}

func (s *session) save(p *reconcile.Prepared) ([]byte, error) {
	saved := *p.Plan
	saved.Source, saved.File, saved.Lock = string(s.doc.Source), s.doc.File, s.lock
	return json.Marshal(&saved)
}

func (s *session) close() error { return s.r.Close() }

// settle does what `lock settle` does.
func settle(path, name, by string, now func() time.Time, run, id string, applied bool) error {
	held, err := holdLock(path, name, by, now)
	if err != nil {
		return err
	}
	err = held.ResolveDoubt(run, id, nil, applied, by, now())
	return errors.Join(err, held.Close(1<<30))
}

// write records a step in a run of a lock.
func write(path, name string, now func() time.Time, run string, s lock.Step) error {
	held, err := holdLock(path, name, "model@here", now)
	if err != nil {
		return err
	}
	err = errors.Join(held.Begin(run, lock.Run{Document: digestOf(""), By: "model@here", Started: lock.AtTime(now()), Outcome: lock.RunInterrupted}),
		held.Record(run, s), held.Finish(run, lock.RunApplied, now()))
	return errors.Join(err, held.Close(20))
}

// exitOf returns the command's exit code for an error.
func exitOf(err error) int {
	var refusal *plan.Refusal
	var incomplete *plan.Incomplete
	var errs diag.Errors
	switch {
	case err == nil:
		return 0
	case errors.As(err, &incomplete):
		return 5
	case errors.Is(err, reconcile.ErrInterrupted):
		return 130
	case errors.As(err, &refusal):
		return 4
	case errors.As(err, &errs):
		return 3
	}
	return 1
}

func holdLock(path, name, by string, now func() time.Time) (*lock.Held, error) {
	return lock.Open(context.Background(), path, lock.Options{Plan: name, Holder: by, Now: now})
}
