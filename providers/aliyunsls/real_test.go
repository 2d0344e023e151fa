package aliyunsls_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A sample is an answer in testdata/real, and what Read makes of it.
type sample struct {
	providertest.Provenance
	Answers map[string]providertest.Response // by question; all other answers are the usual ones
	Want    string                           // the snapshot's outline
}

func TestRealAnswers(t *testing.T) {
	for name, s := range providertest.Samples[sample](t, 29) {
		t.Run(name, func(t *testing.T) {
			if got := outline(readFrom(t, s.Answers)); got != s.Want {
				t.Errorf("got  %s\nwant %s", got, s.Want)
			}
		})
	}
}

// readFrom reads the usual group from answers with a status.
func readFrom(t *testing.T, answers map[string]providertest.Response) providers.Snapshot {
	t.Helper()
	c := config(responding(t, answers))
	env := environment(nil)
	env.Secrets = &providers.Secrets{}
	return connect(t, c, env).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, c, nil), Resolve: []providers.Position{longAgo}}})[0]
}

// responding is answering with answers that have a status.
func responding(t *testing.T, over map[string]providertest.Response) string {
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
			answer = providertest.Response{Body: json.RawMessage(usual[asked])}
		}
		answer.Send(w)
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
