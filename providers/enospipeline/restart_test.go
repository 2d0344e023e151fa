package enospipeline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
)

// restart writes the script of a step that resets the fake's running pipeline.
func restart(t *testing.T, s *service, id string, r providers.Restart) providers.Script {
	t.Helper()
	script, err := enospipeline.New().(providers.RestartScripter).ScriptRestart(s.config, s.move(t, id), r)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// TestAScriptPausesAndStartsWithTheSettings: the body of the start has every setting of
// the step.
func TestAScriptPausesAndStartsWithTheSettings(t *testing.T) {
	yarn := map[string]any{"workerCount": 2, "master": 1, "slave": 2}
	for want, c := range map[string]struct {
		settings map[string]any
		env      []string
	}{
		`{"executionMode":0,"kafkaRate":1000,"resourceConfig":2}`: {map[string]any{"executionMode": 0, "resourceConfig": 2}, nil},
		`{"executionMode":1,"kafkaRate":5000,"resourceConfig":{"advanced":{"note":"it's"},"server":"1","yarn":{"master":1,"slave":2,"workerCount":2}}}`: {
			map[string]any{"executionMode": json.Number("1"), "kafkaRate": json.Number("5000"),
				"resourceConfig": map[string]any{"server": "1", "yarn": yarn, "advanced": map[string]any{"note": "it's"}}}, nil},
		`{"executionMode":1,"kafkaRate":1000,"resourceConfig":2}`: {map[string]any{"resourceConfig": 2}, []string{"EXECUTION_MODE=1"}},
		`{"executionMode":0,"kafkaRate":1000}`:                    {nil, []string{"EXECUTION_MODE=0"}},
	} {
		script := restart(t, &service{config: configOf("https://apim.example.com")}, "p", providers.Restart{Pauses: true, Settings: c.settings})
		calls := shelltest.Run(t, script, append(c.env, "ENOS_APP_KEY=the-key", "ENOS_APP_SECRET=the-secret")...)
		var order []string
		for _, call := range calls {
			for _, word := range call {
				if at, ok := strings.CutPrefix(word, "https://apim.example.com/"); ok {
					order = append(order, at)
				}
			}
		}
		const pipeline = "streaming/v2.0/streaming/pipeline/p"
		if got := strings.Join(order, " "); got != "apim-token-service/v2.0/token/get "+pipeline+"?action=pause&orgId=o15sandbox "+
			pipeline+"/offset?orgId=o15sandbox "+pipeline+"?action=start&orgId=o15sandbox" {
			t.Errorf("it called %s", got)
		}
		if body := shelltest.Value(calls[len(calls)-1], "--data"); body != want {
			t.Errorf("got  %s\nwant %s", body, want)
		}
	}
}

// TestAScriptThatDoesNotPauseShowsHow: the settings are in the comments.
func TestAScriptThatDoesNotPauseShowsHow(t *testing.T) {
	s := &service{config: configOf("https://apim.example.com")}
	script := restart(t, s, "p", providers.Restart{Settings: map[string]any{"executionMode": 0, "resourceConfig": 2}})
	text := strings.Join(script.Commands, "\n")
	if !strings.Contains(text, `# And if it was running: enos '/pipeline/p?action=start&orgId=o15sandbox' actionstartorgIdo15sandbox `+
		`'{"executionMode":0,"kafkaRate":1000,"resourceConfig":2}'`) || strings.Contains(text, "EXECUTION_MODE") {
		t.Errorf("got %s", text)
	}
	if script = restart(t, s, "p", providers.Restart{}); !strings.Contains(strings.Join(script.First, " "), "the plan does not name it under start") {
		t.Errorf("got %q", script.First)
	}
}
