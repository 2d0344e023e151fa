package enospipeline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/retry"
)

func TestTheFiguresOfARunningPipelineAreReadInEveryForm(t *testing.T) {
	at := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	want := "The pipeline is running and was at offset 2400 of MEASURE_POINT_INTERNAL_o15sandbox at 2026-11-20T03:00:00Z, 600 behind the end; " +
		"the figures are one sum over all partitions."
	for _, text := range []bool{false, true} {
		for _, one := range []bool{false, true} {
			s := start(t, enospipelinefake.Options{Now: func() time.Time { return at }, NumbersAsText: text, OneReading: one})
			got := s.read(t, s.connect(t), enospipelinefake.Running)
			if got.Err != nil || !slices.Contains(got.Notes, want) {
				t.Errorf("text %v, one %v: got %+v", text, one, got)
			}
		}
	}
}

func TestFiguresThatCannotBeReadAreANote(t *testing.T) {
	for name, body := range map[string]string{
		"an error":          `{"code":99000,"msg":"Internal Server Error."}`,
		"no data":           `{"code":0,"msg":"OK"}`,
		"nothing in data":   `{"code":0,"data":{}}`,
		"no offset":         `{"code":0,"data":{"lagAndOffset":[{"lag":1,"ts":1}]}}`,
		"an empty offset":   `{"code":0,"data":{"lagAndOffset":[{"offset":"","lag":1,"ts":1}]}}`,
		"figures in words":  `{"code":0,"data":{"lagAndOffset":[{"offset":"many"}]}}`,
		"not JSON":          `<html>`,
		"empty data":        `{"code":0,"data":""}`,
		"a list of nothing": `{"code":0,"data":[]}`,
	} {
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/offset-lag") {
				fmt.Fprint(w, body)
				return
			}
			fmt.Fprint(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"}]}}`)
		})
		got := s.read(t, s.connect(t), "p")
		if got.Err != nil || got.Activity.State != providers.Active || len(got.Notes) != 3 || strings.Contains(got.Notes[1], "..") || strings.ContainsAny(got.Notes[1], "\n") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestACancelledReadingIsAnErrorNotANote(t *testing.T) {
	asked := make(chan struct{})
	s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/offset-lag") {
			close(asked)
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"}]}}`)
	})
	c, goal := s.connect(t), s.target(t, "p")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Read(ctx, []providers.ReadRequest{{Target: goal}})[0].Err }()
	<-asked
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTheListIsReadToItsEnd(t *testing.T) {
	for name, o := range map[string]enospipelinefake.Options{
		"pages as requested": {}, "smaller pages": {MostPerPage: 7}, "counts as text": {NumbersAsText: true},
	} {
		s := start(t, o)
		for i := range 230 {
			s.Add(fmt.Sprintf("other-%03d", i), enospipelinefake.Stopped)
		}
		s.Add("zz-last", enospipelinefake.Paused)
		if got := s.read(t, s.connect(t), "zz-last"); got.Err != nil || got.Activity.Why != "PAUSED" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// TestAListWhoseCountIsOfItsPage is for the other reading of the manual, and for a
// service without a count.
func TestAListWhoseCountIsOfItsPage(t *testing.T) {
	for name, count := range map[string]string{"of its page": `"count":100,`, "absent": "", "empty": `"count":"",`} {
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("ifReleased") != "true" {
				t.Error("unreleased pipelines are requested")
			}
			var ids []string
			if page := r.URL.Query().Get("pageNo"); page == "1" || page == "2" {
				for i := range 100 {
					ids = append(ids, fmt.Sprintf(`{"pipelineId":"%s-%d","status":"PAUSED"}`, page, i))
				}
			}
			fmt.Fprintf(w, `{"code":0,"data":{%s"pipelines":[%s]}}`, count, strings.Join(ids, ","))
		})
		if got := s.read(t, s.connect(t), "2-99"); got.Err != nil || got.Activity.Why != "PAUSED" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestAListWithoutPipelinesIsNotAnEmptyOne(t *testing.T) {
	for _, body := range []string{`{"code":0,"data":{}}`, `{"code":0,"data":{"count":""}}`, `{"code":0,"data":[]}`, `{"code":0,"data":null}`,
		`{"code":0}`} {
		if err := answering(t, http.StatusOK, body).readErr(t); !errors.Is(err, providers.ErrInvalid) {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestManyTargetsAreReadFromOneList(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	var reqs []providers.ReadRequest
	for i := range 20 {
		s.Add(fmt.Sprint(i), enospipelinefake.Paused)
		reqs = append(reqs, providers.ReadRequest{Target: s.target(t, fmt.Sprint(i))})
	}
	for _, got := range s.connect(t).Read(t.Context(), reqs) {
		if got.Err != nil {
			t.Error(got.Err)
		}
	}
	if n := s.Requests(); n["ListPipelines"] != 1 || n["GetAccessToken"] != 1 || len(n) != 2 {
		t.Errorf("it sent %v", n)
	}
}

func TestAnUnreleasedPipelineIsNotMissing(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.Add("a-draft", enospipelinefake.Draft)
	c := s.connect(t)
	if got := s.read(t, c, "a-draft"); !errors.Is(got.Err, providers.ErrPrecondition) || !strings.Contains(got.Err.Error(), "release it first") {
		t.Errorf("a draft: got %+v", got)
	}
	got := s.read(t, c, "nowhere")
	want := []providers.Missing{{What: "pipeline", Name: "nowhere", Known: []string{enospipelinefake.RunningName, enospipelinefake.PipelineName,
		enospipelinefake.Pipeline, enospipelinefake.Running}}}
	if got.Err != nil || !reflect.DeepEqual(got.Missing, want) {
		t.Errorf("nowhere: got %+v", got)
	}
}

func TestReadingIsRetriedForALimitedTime(t *testing.T) {
	policy := retry.Policy{First: time.Millisecond, Most: time.Millisecond, Tries: 3, Sleep: retry.Sleep}
	s := start(t, enospipelinefake.Options{})
	reqs := []providers.ReadRequest{{Target: s.target(t, enospipelinefake.Pipeline)}}
	s.Arm(inject.Throttle, inject.Reads, 4)
	if got := policy.Read(t.Context(), s.connect(t), reqs)[0]; got.Err != nil {
		t.Errorf("throttled for a while: %v", got.Err)
	}
	s.Arm(inject.Error, inject.Reads, -1)
	if got := policy.Read(t.Context(), s.connect(t), reqs)[0]; !errors.Is(got.Err, providers.ErrUnavailable) {
		t.Errorf("failing permanently: %v", got.Err)
	}
}
