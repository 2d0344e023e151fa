package aliyunsls_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

// TestRealAnswers reads answers of the real service; testdata/real/README.md describes
// them.
func TestRealAnswers(t *testing.T) {
	var samples []struct {
		Name, Evidence, Source, Asked, Want string
		Status                              int
		Body                                json.RawMessage
	}
	file, err := os.ReadFile("testdata/real/samples.json")
	check(t, err)
	check(t, json.Unmarshal(file, &samples))
	for _, s := range samples {
		t.Run(s.Name, func(t *testing.T) {
			if known := []string{"recorded", "documented", "sdk", "assumed"}; !slices.Contains(known, s.Evidence) {
				t.Errorf("its evidence is %q, not one of %q", s.Evidence, known)
			}
			body := string(s.Body)
			if text := ""; json.Unmarshal(s.Body, &text) == nil {
				body = text
			}
			c := config(responding(t, map[string]response{s.Asked: {s.Status, body}}))
			got := outline(connect(t, c, hiding(environment(nil))).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil),
				Resolve: []providers.Position{longAgo}}})[0])
			if got != s.Want {
				t.Errorf("got  %s\nwant %s", got, s.Want)
			}
		})
	}
}

// hiding returns a process that hides credentials.
func hiding(env providers.Process) providers.Process {
	env.Secrets = &providers.Secrets{}
	return env
}

// A response is an answer with its status.
type response struct {
	status int
	body   string
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
			answer = response{http.StatusOK, usual[asked]}
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write([]byte(answer.body))
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
