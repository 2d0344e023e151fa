package aliyunsls_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// A sample is an answer of the real service as far as one is public, with other names,
// accounts and request ids, and what Read makes of it.
type sample struct {
	Evidence string // "recorded" by a user, "documented" or "from an SDK"
	Source   string
	Shows    string
	Answers  map[string]response // by question; all other answers are the usual ones
	Want     string              // the snapshot's outline
}

// TestRealAnswers reads every sample in testdata/real.
func TestRealAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/real/*.json")
	if err != nil || len(files) < 29 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			check(t, err)
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			var s sample
			check(t, d.Decode(&s))
			if !slices.Contains([]string{"recorded", "documented", "from an SDK"}, s.Evidence) || s.Source == "" || s.Shows == "" {
				t.Errorf("the sample has no evidence, no source or nothing that it shows: %+v", s)
			}
			if got := outline(readFrom(t, s.Answers)); got != s.Want {
				t.Errorf("got  %s\nwant %s", got, s.Want)
			}
		})
	}
}

// readFrom reads the usual group from answers with a status.
func readFrom(t *testing.T, answers map[string]response) providers.Snapshot {
	t.Helper()
	c := config(responding(t, answers))
	env := environment(nil)
	env.Secrets = &providers.Secrets{}
	return connect(t, c, env).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil), Resolve: []providers.Position{longAgo}}})[0]
}

// A response is an answer with its status.
type response struct {
	Status int
	Body   json.RawMessage // JSON, or a string with another body
}

// responding is answering with answers that have a status.
func responding(t *testing.T, over map[string]response) string {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-log-requestid", "5AEEC78E")
		if r.URL.Path == "/logstores" {
			_, _ = w.Write([]byte(`{"count": 1, "total": 1, "logstores": ["other"]}`))
			return
		}
		asked := question(r)
		answer, known := over[asked]
		if !known {
			answer = response{http.StatusOK, json.RawMessage(usual[asked])}
		}
		w.WriteHeader(answer.Status)
		if text := ""; json.Unmarshal(answer.Body, &text) == nil {
			answer.Body = json.RawMessage(text)
		}
		_, _ = w.Write(answer.Body)
	})
}

// outline returns a snapshot in one line.
func outline(s providers.Snapshot) string {
	for kind, name := range map[error]string{providers.ErrNotFound: "not found", providers.ErrDenied: "denied", providers.ErrThrottled: "throttled",
		providers.ErrUnavailable: "unavailable", providers.ErrInvalid: "invalid"} {
		if errors.Is(s.Err, kind) {
			return name + ": " + s.Err.Error()
		}
	}
	for _, m := range s.Missing {
		return fmt.Sprintf("no %s %q of %v", m.What, m.Name, m.Known)
	}
	var words []string
	for _, p := range s.Parts {
		at := func(pos providers.Position) string { return strings.TrimPrefix(pos.String(), "cursor:") }
		words = append(words, p.Part.String(), at(p.Low), at(p.Committed), at(p.High))
	}
	state := map[providers.GroupState]string{providers.Blank: "never committed", providers.Committed: "committed"}[s.GroupState]
	return fmt.Sprintf("%s, %s, %s", strings.Join(words, " "), state, s.Activity.State)
}
