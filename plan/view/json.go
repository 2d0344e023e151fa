package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
)

// PlanJSON writes what JSON would, step by step: the text of a large plan is many times
// larger than that of a step.
func PlanJSON(w io.Writer, p *plan.Plan) error {
	shell := *p
	shell.Steps = []plan.Step{}
	return withSteps(w, &shell, len(p.Steps), func(i int) any {
		step := p.Steps[i]
		step.Parts = step.AllParts()
		return &step
	})
}

// ResultJSON writes what JSON would, step by step.
func ResultJSON(w io.Writer, r *reconcile.Result) error {
	shell := *r
	shell.Steps = []lock.Step{}
	return withSteps(w, &shell, len(r.Steps), func(i int) any { return &r.Steps[i] })
}

// StatusJSON writes what JSON would, step by step.
func StatusJSON(w io.Writer, s *reconcile.Status) error {
	shell := *s
	shell.Steps = []reconcile.StatusStep{}
	return withSteps(w, &shell, len(s.Steps), func(i int) any { return &s.Steps[i] })
}

// noSteps is an empty list of steps in an indented document. No text in the document
// contains a line break, so it occurs once.
const noSteps = "\n  \"steps\": []"

// withSteps writes a document that has no steps, with n steps in their place. Each write
// ends with a line.
func withSteps(w io.Writer, shell any, n int, step func(i int) any) error {
	var out bytes.Buffer
	if err := JSON(&out, shell); err != nil {
		return err
	}
	head, tail, found := bytes.Cut(out.Bytes(), []byte(noSteps))
	switch {
	case !found:
		return errors.New("the document has no list of steps")
	case n == 0:
		_, err := w.Write(out.Bytes())
		return err
	}
	if _, err := io.WriteString(w, string(head)+"\n  \"steps\": [\n"); err != nil {
		return err
	}
	var one bytes.Buffer
	e := json.NewEncoder(&one)
	e.SetEscapeHTML(false)
	e.SetIndent("    ", "  ")
	for i := range n {
		one.Reset()
		if err := e.Encode(step(i)); err != nil {
			return err
		}
		text := "    " + escaped(string(bytes.TrimSuffix(one.Bytes(), []byte("\n"))))
		if i < n-1 {
			text += ","
		}
		if _, err := io.WriteString(w, text+"\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "  ]"+string(tail))
	return err
}
