package enospipeline_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func TestTheStatusDeterminesTheActivity(t *testing.T) {
	for status, c := range map[string]struct {
		want providers.Activity
		note string
	}{
		"RUNNING": {providers.Activity{State: providers.Active, Why: "RUNNING", Members: []providers.Member{{ID: "p", Client: "hourly"}}},
			"The pipeline is running and was at offset 7 of points at 1970-01-01T00:00:02Z, 3 behind the end; "},
		"running": {providers.Activity{State: providers.Active, Why: "RUNNING", Members: []providers.Member{{ID: "p", Client: "hourly"}}},
			"The pipeline is running and was at offset 7 "},
		"PAUSED":  {providers.Activity{State: providers.Idle, Why: "PAUSED"}, ""},
		"STOPPED": {providers.Activity{State: providers.Idle, Why: "STOPPED"}, ""},
		"":        {providers.Activity{Why: "EnOS reports no status"}, ""},
	} {
		s := withStatus(t, status)
		got := s.read(t, s.connect(t), "p")
		if got.Err != nil || !reflect.DeepEqual(got.Activity, c.want) || len(got.Parts) != 0 || got.GroupState != providers.GroupUnknown {
			t.Errorf("%s: got %+v", status, got)
		}
		first := "cannot be verified"
		if c.note != "" {
			first = "a lower one verifies the reset"
		}
		if n := len(got.Notes); !strings.Contains(got.Notes[0], first) || (c.note == "") != (n == 2) ||
			!strings.HasPrefix(got.Notes[n-1], "A reset does not clear the intermediate state") || c.note != "" && !strings.HasPrefix(got.Notes[1], c.note) {
			t.Errorf("%s: the notes are %q", status, got.Notes)
		}
	}
}

// withStatus is a gateway whose only pipeline has a status.
func withStatus(t *testing.T, status string) *service {
	t.Helper()
	return gateway(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/offset-lag") {
			fmt.Fprint(w, `{"code":0,"data":{"topicName":"points","lagAndOffset":[{"offset":5,"lag":5,"ts":1000},{"offset":7,"lag":3,"ts":2000},{"offset":6,"lag":4,"ts":1500}]}}`)
			return
		}
		fmt.Fprintf(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","pipelineName":"hourly","status":%q}]}}`, status)
	})
}

// TestAStatusWithoutADocumentedResetBlocks: the service answered, and this pipeline
// cannot be reset now; the answer names the status and what to do.
func TestAStatusWithoutADocumentedResetBlocks(t *testing.T) {
	for status, remedy := range map[string]string{
		"PUBLISHED": "start it, pause it, then run plan again", "published": "the pipeline is PUBLISHED",
		"STARTING": "wait until that is over", "STOPPING": "wait until that is over", "PAUSING": "wait until that is over", "FAILED": "pause or stop it in the console",
		"START_ERROR": "pause or stop it in the console", "état": "pause or stop it in the console",
	} {
		s := withStatus(t, status)
		got := s.read(t, s.connect(t), "p")
		if !errors.Is(got.Err, providers.ErrPrecondition) || !strings.Contains(got.Err.Error(), "the pipeline is "+strings.ToUpper(status)) ||
			!strings.Contains(got.Err.Error(), remedy) {
			t.Errorf("%s: got %v", status, got.Err)
		}
	}
}
