package enospipeline_test

import (
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
		"PAUSED":    {providers.Activity{State: providers.Idle, Why: "PAUSED"}, ""},
		"STOPPED":   {providers.Activity{State: providers.Idle, Why: "STOPPED"}, ""},
		"PUBLISHED": {providers.Activity{State: providers.Idle, Why: "PUBLISHED"}, "The pipeline was released and has not been started since"},
		"STARTING":  {providers.Activity{Why: "STARTING"}, ""},
		"":          {providers.Activity{Why: "EnOS reports no status"}, ""},
	} {
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/offset-lag") {
				fmt.Fprint(w, `{"code":0,"data":{"topicName":"points","lagAndOffset":[{"offset":5,"lag":5,"ts":1000},{"offset":7,"lag":3,"ts":2000},{"offset":6,"lag":4,"ts":1500}]}}`)
				return
			}
			fmt.Fprintf(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","pipelineName":"hourly","status":%q}]}}`, status)
		})
		got := s.read(t, s.connect(t), "p")
		if got.Err != nil || !reflect.DeepEqual(got.Activity, c.want) || len(got.Parts) != 0 || got.GroupState != providers.GroupUnknown {
			t.Errorf("%s: got %+v", status, got)
		}
		if !strings.Contains(got.Notes[0], "cannot be verified") || !strings.Contains(strings.Join(got.Notes[1:], ""), c.note) ||
			(c.note == "") != (len(got.Notes) == 1) {
			t.Errorf("%s: the notes are %q", status, got.Notes)
		}
	}
}
