package enospipeline_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func (s *service) named(t *testing.T, keys map[string]any) providers.Target {
	t.Helper()
	goal, err := enospipeline.New().Target(s.config, providertest.Keys(keys))
	if err != nil {
		t.Fatal(err)
	}
	return goal
}

func identified(t *testing.T, c providers.Connection, goal providers.Target) providers.Target {
	t.Helper()
	same, err := c.(providers.Identifier).Identify(t.Context(), goal)
	if err != nil {
		t.Fatal(err)
	}
	return same
}

// TestANameAndAnIdAreOnePipeline: the identity is the id, whatever leads to it.
func TestANameAndAnIdAreOnePipeline(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	byID := identified(t, c, s.named(t, map[string]any{"pipelineId": enospipelinefake.Pipeline}))
	for _, keys := range []map[string]any{
		{"pipelineName": enospipelinefake.PipelineName}, {"pipelineId": enospipelinefake.PipelineName}, {"pipelineId": enospipelinefake.Pipeline},
	} {
		goal := s.named(t, keys)
		same := identified(t, c, goal)
		if same.Identity() != "enos-pipeline:o15sandbox/sandbox-pipeline" || !same.Overlaps(byID) || same.Address() != goal.Address() {
			t.Errorf("%v: got %s at %s", keys, same.Identity(), same.Address())
		}
		for _, one := range []providers.Target{goal, same} {
			got := c.Read(t.Context(), []providers.ReadRequest{{Target: one}})[0]
			if got.Err != nil || got.Activity.Why != "PAUSED" {
				t.Errorf("%v: got %+v", keys, got)
			}
		}
	}
	other := identified(t, c, s.named(t, map[string]any{"pipelineName": enospipelinefake.RunningName}))
	if other.Overlaps(byID) || s.Requests()["ListPipelines"] != 1+6 {
		t.Errorf("%s overlaps %s, after %v", other.Identity(), byID.Identity(), s.Requests())
	}
	elsewhere := *s
	elsewhere.config.Endpoint = "https://apim.other.example"
	if another := identified(t, c, elsewhere.named(t, map[string]any{"pipelineId": enospipelinefake.Pipeline})); another.Identity() != byID.Identity() ||
		!another.Overlaps(byID) || another.Address() == byID.Address() {
		t.Errorf("through another gateway it is %s", another.Identity())
	}
}

// TestANameIsUsedAsTheIdThatItHas: requests have the id, also for a target that was not
// identified before.
func TestANameIsUsedAsTheIdThatItHas(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	running := s.named(t, map[string]any{"pipelineName": enospipelinefake.RunningName})
	p := c.(providers.Observer)
	if sums, err := p.Observe(t.Context(), running); err != nil || len(sums) == 0 {
		t.Errorf("observed %v, %v", sums, err)
	}
	m := providers.Move{Target: running, To: s.move(t, "x").To}
	if err := p.Pause(t.Context(), running); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Reset(t.Context(), m); err != nil || !s.moved(enospipelinefake.Running) {
		t.Errorf("a reset: %v", err)
	}
	if err := p.Start(t.Context(), running, settings); err != nil {
		t.Error(err)
	}
	script := enospipeline.New().(providers.Scripter)
	if _, err := script.Script(s.config, m); !errors.Is(err, providers.ErrNotFound) {
		t.Errorf("commands without an id: %v", err)
	}
	m.Target = identified(t, c, running)
	if got, err := script.Script(s.config, m); err != nil || !strings.Contains(strings.Join(got.Commands, "\n"), "pipeline/sandbox-running/offset") {
		t.Errorf("commands: %v, %v", got, err)
	}
}

// TestAnAmbiguousNameIsRefused: nothing is chosen for a person.
func TestAnAmbiguousNameIsRefused(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.Rename(enospipelinefake.Running, enospipelinefake.PipelineName)
	s.Add("third", enospipelinefake.Paused)
	c := s.connect(t)
	for _, keys := range []map[string]any{{"pipelineName": enospipelinefake.PipelineName}, {"pipelineId": enospipelinefake.PipelineName}} {
		goal := identified(t, c, s.named(t, keys))
		got := c.Read(t.Context(), []providers.ReadRequest{{Target: goal}})[0]
		const want = `2 pipelines have the name "hourly-averages"; set pipelineId to one of sandbox-pipeline, sandbox-running`
		if !errors.Is(got.Err, providers.ErrPrecondition) || !strings.Contains(got.Err.Error(), want) {
			t.Errorf("%v: got %v", keys, got.Err)
		}
	}
	_, err := c.Reset(t.Context(), providers.Move{Target: s.named(t, map[string]any{"pipelineName": enospipelinefake.PipelineName}), To: s.move(t, "x").To})
	if !errors.Is(err, providers.ErrPrecondition) || s.Writes() != 0 {
		t.Errorf("a reset: %v after %d writes", err, s.Writes())
	}
	names, err := c.(providers.Lister).Names(t.Context(), "pipelineId", nil)
	if want := []string{"The pipeline third", enospipelinefake.PipelineName}; err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("listed %q, %v", names, err)
	}
}

// TestAnIdWinsOverAName: a pipeline named like the id of another is not meant by it.
func TestAnIdWinsOverAName(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.Rename(enospipelinefake.Running, enospipelinefake.Pipeline)
	c := s.connect(t)
	for want, keys := range map[string]map[string]any{
		"enos-pipeline:o15sandbox/sandbox-pipeline": {"pipelineId": enospipelinefake.Pipeline},
		"enos-pipeline:o15sandbox/sandbox-running":  {"pipelineName": enospipelinefake.Pipeline},
	} {
		if got := identified(t, c, s.named(t, keys)); got.Identity() != want {
			t.Errorf("%v: got %s", keys, got.Identity())
		}
	}
}

func TestAMissingNameIsReportedWithTheNames(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.Add("a-draft", enospipelinefake.Draft)
	c := s.connect(t)
	for _, name := range []string{"hourly-average", "The pipeline a-draft"} {
		got := c.Read(t.Context(), []providers.ReadRequest{{Target: s.named(t, map[string]any{"pipelineName": name})}})[0]
		want := []providers.Missing{{What: "pipeline", Name: name, Known: []string{enospipelinefake.RunningName, enospipelinefake.PipelineName}}}
		if got.Err != nil || !reflect.DeepEqual(got.Missing, want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
