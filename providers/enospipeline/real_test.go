package enospipeline_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A sample is an answer in testdata/real, and the action that gets it. No answer of the
// streaming service has been recorded: they are documented, or what clients of the
// vendor expect.
type sample struct {
	providertest.Provenance
	providertest.Response
	Action string
}

// outcome is what a person and the core learn from an answer.
type outcome struct {
	kind  error // nil = success
	doubt bool
	text  string // in the error or in the notes
}

func realOutcomes() map[string]outcome {
	const wrongEndpoint = "check endpoint"
	return map[string]outcome{
		"token-stauts": {}, "token-status": {}, "token-edge": {}, "token-no-status": {},
		"token-repeated":     {providers.ErrThrottled, false, "1001: Repeated encryption"},
		"token-unknown-key":  {providers.ErrDenied, false, "1002"},
		"token-wrong-secret": {providers.ErrDenied, false, "1003"},
		"token-wrong-clock":  {providers.ErrInvalid, false, "this machine's clock differs from the gateway's by -1h0m0s"},
		"reset-ok":           {},
		"reset-missing":      {providers.ErrNotFound, false, "61108: Stream processing job does not exit."},
		"reset-no-rate":      {providers.ErrUnavailable, true, "61168"},
		"reset-expired":      {providers.ErrDenied, false, "1203: AccessToken is expired"},
		"reset-session":      {providers.ErrDenied, false, "4012: session expired: sign in again"},
		"reset-submsg":       {providers.ErrInvalid, false, "99400: Invalid Argument: orgId is not visible to this application"},
		"offset-lag":         {text: "was at offset 6094977 of MEASURE_POINT_INTERNAL_o15517683199241 at 2021-03-26T11:54:33Z, 0 behind the end"},
		"offset-lag-types":   {text: "was at offset 6094977 of points at 2021-03-26T11:54:33Z, 12 behind the end"},
		"offset-lag-topics":  {text: "was at offset 7 of alarms at 2021-03-26T11:54:33Z, 1 behind the end"},
		"list-strings":       {text: "cannot be verified"},
		"list-denied":        {providers.ErrDenied, false, "99403: Denied resource: orgId o15sandbox"},
		"list-no-such-path":  {providers.ErrInvalid, false, wrongEndpoint},
		"list-console":       {providers.ErrInvalid, false, wrongEndpoint},
	}
}

func TestRealAnswers(t *testing.T) {
	want := realOutcomes()
	all := providertest.Samples[sample](t, 21)
	if len(all) != len(want) {
		t.Errorf("%d answers for %d outcomes", len(all), len(want))
	}
	for name, a := range all {
		t.Run(name, func(t *testing.T) {
			s := a.serve(t)
			var notes []string
			var err error
			switch a.Action {
			case "GetAccessToken", "ResetPipelineOffset":
				err = s.resetErr(t)
			default:
				got := s.read(t, s.connect(t), "p")
				notes, err = got.Notes, got.Err
			}
			c := want[name]
			if !errors.Is(err, c.kind) || errors.Is(err, providers.ErrInDoubt) != c.doubt ||
				c.text != "" && !strings.Contains(fmt.Sprint(err, notes), c.text) {
				t.Errorf("got %v, %q", err, notes)
			}
			oneLine(t, s, err)
		})
	}
}

// serve gives this answer to its action, and the usual ones to others.
func (a sample) serve(t *testing.T) *service {
	t.Helper()
	usual := map[string]string{
		"GetAccessToken":          fmt.Sprintf(`{"status":0,"data":{"accessToken":%q,"expire":7200}}`, token),
		"ListPipelines":           `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"}]}}`,
		"ResetPipelineOffset":     `{"code":0}`,
		"GetPipelineOffsetAndLag": `{"code":0,"data":{}}`,
	}
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action := "ResetPipelineOffset"
		for suffix, is := range map[string]string{"/token/get": "GetAccessToken", "/pipelines": "ListPipelines", "/offset-lag": "GetPipelineOffsetAndLag"} {
			if strings.HasSuffix(r.URL.Path, suffix) {
				action = is
			}
		}
		if action != a.Action {
			fmt.Fprint(w, usual[action])
			return
		}
		a.Send(w)
	}))
	s.now = func() time.Time { return time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC) }
	return s
}
