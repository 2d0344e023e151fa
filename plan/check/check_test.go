package check_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/memory"
	"github.com/resetplan/resetplan/schema"
)

func TestDocumentReportsErrorsTheSchemaCannotExpress(t *testing.T) {
	r := plantest.New(t)
	kind := memory.New(r.Service, r.Caps)
	step := func(id, group string, form schema.Form, needs ...string) schema.Step {
		return schema.Step{ID: id, Provider: "m", Target: map[string]any{"group": group, "topic": "orders"}, To: schema.To{Form: form}, Needs: needs}
	}
	for name, c := range map[string]struct {
		steps []schema.Step
		edit  func(*schema.Document)
		want  string
	}{
		"a cycle": {[]schema.Step{step("x", "a", schema.ToLatest, "y"), step("y", "b", schema.ToLatest, "x")}, nil,
			"dependency cycle: x needs y needs x"},
		"the same target twice": {[]schema.Step{step("x", "a", schema.ToLatest), step("y", "a", schema.ToEarliest)}, nil,
			"memory:a/orders is also moved by step x"},
		"an unsupported form": {[]schema.Step{step("x", "a", schema.ToDefault)}, nil, "memory has no default target"},
		"an unsupported pause": {[]schema.Step{step("x", "a", schema.ToLatest)}, func(d *schema.Document) { d.Steps[0].Idle.Pause = true },
			"memory cannot pause"},
		"an invalid target": {[]schema.Step{{ID: "x", Provider: "m", Target: map[string]any{"grup": "a"}, To: schema.To{Form: schema.ToLatest}}},
			nil, "grup"},
		"an unknown type": {[]schema.Step{step("x", "a", schema.ToLatest)}, func(d *schema.Document) { d.Providers[0].Type = "other" },
			"is not built into this resetplan"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := &schema.Document{Providers: []schema.Provider{{Name: "m", Type: memory.Type, Config: map[string]any{}}}, Steps: c.steps}
			if c.edit != nil {
				c.edit(doc)
			}
			if errs := check.Document(doc, []providers.Provider{kind}); !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got %v", errs)
			}
		})
	}
}

// entry is a provider whose own entry in a document is wrong.
type entry struct{ providers.Provider }

func (entry) Target(providers.Config, func(any) error) (providers.Target, error) {
	return nil, &providers.KeyError{InProvider: true, Key: "endpoint", Reason: "invalid endpoint", Remedy: "use a URL"}
}

func TestErrorsOfTargetsAreReportedAtTheirKeys(t *testing.T) {
	r := plantest.New(t)
	kind := memory.New(r.Service, r.Caps)
	step := func(target map[string]any) schema.Step {
		return schema.Step{ID: "x", Provider: "m", Target: target, To: schema.To{Form: schema.ToLatest}}
	}
	partitions := step(map[string]any{"group": "a", "partitions": []int{0}})
	for name, c := range map[string]struct {
		kind     providers.Provider
		endpoint string
		steps    []schema.Step
		want     string // path: reason: remedy
	}{
		"a wrong key":                {kind, "", []schema.Step{partitions}, "steps[0].target.partitions: partitions requires topic: "},
		"a missing key":              {kind, "", []schema.Step{step(map[string]any{"topic": "t"})}, "steps[0].target: group is required: "},
		"a wrong key of the entry":   {entry{kind}, "x", []schema.Step{partitions, partitions}, "providers.m.endpoint: invalid endpoint: use a URL"},
		"a missing key of the entry": {entry{kind}, "", []schema.Step{partitions, partitions}, "providers.m: invalid endpoint: use a URL"},
	} {
		doc := &schema.Document{Steps: c.steps,
			Providers: []schema.Provider{{Name: "m", Type: memory.Type, Endpoint: c.endpoint, Config: map[string]any{}}}}
		errs := check.Document(doc, []providers.Provider{c.kind})
		if len(errs) != 1 || errs[0].Path+": "+errs[0].Reason+": "+errs[0].Remedy != c.want {
			t.Errorf("%s: got %+v", name, errs)
		}
	}
}

func TestReferencedFindsTheRunAndTheStep(t *testing.T) {
	one := &lock.File{Runs: map[string]*lock.Run{"once": {Steps: []*lock.Step{{ID: "a"}}}}}
	two := &lock.File{Runs: map[string]*lock.Run{"once": {Steps: []*lock.Step{{ID: "a"}, {ID: "b"}}}, "again": {}}}
	for name, c := range map[string]struct {
		file           *lock.File
		to             schema.To
		run, step, why string
	}{
		"its only run and step": {one, schema.To{Lock: "l"}, "once", "a", ""},
		"both by name":          {two, schema.To{Lock: "l", Run: "once", Step: "b"}, "once", "b", ""},
		"one of two runs":       {two, schema.To{Lock: "l"}, "", "", "l has 2 runs"},
		"one of two steps":      {two, schema.To{Lock: "l", Run: "once"}, "", "", "run once of l has 2 steps"},
		"a missing run":         {one, schema.To{Lock: "l", Run: "x"}, "", "", `l has no run "x"`},
		"a missing step":        {one, schema.To{Lock: "l", Step: "x"}, "", "", `run once of l has no step "x"`},
		"an empty lock":         {&lock.File{}, schema.To{Lock: "l"}, "", "", "l records no run"},
	} {
		run, step, problem := check.Referenced(c.file, c.to)
		why := ""
		if problem != nil {
			why = problem.Reason
		}
		if run != c.run || step != c.step || why != c.why {
			t.Errorf("%s: got %q, %q, %q", name, run, step, why)
		}
	}
}

func TestFilesOfATLSConnectionMustExist(t *testing.T) {
	r := plantest.New(t)
	kind := memory.New(r.Service, r.Caps)
	tls := map[string]any{"caFile": "nosuch.pem", "certFile": "check_test.go"}
	doc := &schema.Document{Providers: []schema.Provider{{Name: "m", Type: memory.Type, Config: map[string]any{"tls": tls}}}}
	errs := check.Document(doc, []providers.Provider{kind})
	if len(errs) != 1 || errs[0].Path != "providers.m.tls.caFile" || errs[0].Reason != "nosuch.pem: no such file" || errs[0].Remedy == "" {
		t.Errorf("got %v", errs)
	}
}
