package enospipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/internal/inject"
)

var settings = map[string]any{"executionMode": 0, "kafkaRate": 2000}

// TestAPipelineIsPausedResetAndStarted is the sequence of idle: {pause: true}, on a
// service that is slow to change states.
func TestAPipelineIsPausedResetAndStarted(t *testing.T) {
	s := start(t, enospipelinefake.Options{Slow: 2, AsInSamples: true})
	c, goal := s.connect(t), s.target(t, enospipelinefake.Running)
	pauser := c.(providers.Pauser)
	if err := pauser.Pause(t.Context(), goal); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, c, enospipelinefake.Running).Activity; got.State != providers.Idle || got.Why != "PAUSED" {
		t.Errorf("after the pause: %+v", got)
	}
	if _, err := c.Reset(t.Context(), s.move(t, enospipelinefake.Running)); err != nil {
		t.Fatal(err)
	}
	if err := pauser.Start(t.Context(), goal, settings); err != nil {
		t.Fatal(err)
	}
	if got := s.read(t, c, enospipelinefake.Running).Activity; got.State != providers.Active {
		t.Errorf("after the start: %+v", got)
	}
	if n := s.Requests(); n["OperatePipeline:pause"] != 1 || n["OperatePipeline:start"] != 1 || n["ResetPipelineOffset"] != 1 || n["ListPipelines"] < 6 {
		t.Errorf("it sent %v", n)
	}
}

func TestAStartSendsItsSettings(t *testing.T) {
	for _, c := range []struct{ given, sent map[string]any }{
		{map[string]any{"executionMode": 0}, map[string]any{"executionMode": 0, "kafkaRate": 1000}},
		{map[string]any{"executionMode": json.Number("1"), "kafkaRate": json.Number("5000"),
			"resourceConfig": map[string]any{"server": "1", "yarn": map[string]any{"workerCount": 2}}},
			map[string]any{"executionMode": 1, "kafkaRate": 5000, "resourceConfig": map[string]any{"server": "1", "yarn": map[string]any{"workerCount": 2}}}},
		{map[string]any{"executionMode": 0, "kafkaRate": 1, "resourceConfig": 2}, map[string]any{"executionMode": 0, "kafkaRate": 1, "resourceConfig": 2}},
	} {
		var got, want any
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				body, _ := io.ReadAll(r.Body)
				if err := json.Unmarshal(body, &got); err != nil {
					t.Errorf("it sent %s: %v", body, err)
				}
			}
			fmt.Fprint(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"}]}}`)
		})
		if err := s.connect(t).(providers.Pauser).Start(t.Context(), s.target(t, "p"), c.given); err != nil {
			t.Error(err)
		}
		raw, err := json.Marshal(c.sent)
		if err != nil || json.Unmarshal(raw, &want) != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("it sent %v, want %v", got, want)
		}
	}
}

// TestAStartWithoutSettingsUsesTheListedOnes uses what EnOS reports of the pipeline,
// and does not guess what it does not report.
func TestAStartWithoutSettingsUsesTheListedOnes(t *testing.T) {
	for listed, want := range map[string]string{
		`,"executionMode":1,"resourceConfig":{"server":"2"}`: `{"executionMode":1,"kafkaRate":1000,"resourceConfig":{"server":"2"}}`,
		`,"executionMode":0,"resourceConfig":null`:           `{"executionMode":0,"kafkaRate":1000}`,
		``: ``,
	} {
		sent := ""
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				body, _ := io.ReadAll(r.Body)
				sent = string(body)
			}
			fmt.Fprintf(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"%s}]}}`, listed)
		})
		err := s.connect(t).(providers.Pauser).Start(t.Context(), s.target(t, "p"), nil)
		if sent != want || (want == "") != errors.Is(err, providers.ErrInvalid) {
			t.Errorf("listed as {%s} it sent %q, %v", listed, sent, err)
		}
	}
}

// TestARefusedPauseOrStart has changed nothing, and keeps the service's message.
func TestARefusedPauseOrStart(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		do    func(providers.Pauser, *service) error
		kind  error
		text  string
	}{
		"a pause of what is paused": {"", func(p providers.Pauser, s *service) error {
			return p.Pause(t.Context(), s.target(t, enospipelinefake.Pipeline))
		}, providers.ErrPrecondition, "61152: Status of the stream processing job cannot be changed from [PAUSED] to Paused."},
		"a pause of what is not": {"", func(p providers.Pauser, s *service) error { return p.Pause(t.Context(), s.target(t, "nowhere")) },
			providers.ErrNotFound, "61108: Stream processing job does not exit."},
		"a start of what runs": {"", func(p providers.Pauser, s *service) error {
			return p.Start(t.Context(), s.target(t, enospipelinefake.Running), settings)
		}, providers.ErrPrecondition, "61165"},
		"a start without resources": {"start-fails", func(p providers.Pauser, s *service) error {
			return p.Start(t.Context(), s.target(t, enospipelinefake.Pipeline), settings)
		}, providers.ErrPrecondition, "61128: Resource is not requested."},
		"a start with wrong settings": {"", func(p providers.Pauser, s *service) error {
			return p.Start(t.Context(), s.target(t, enospipelinefake.Pipeline), map[string]any{"executionMode": 7})
		}, providers.ErrInvalid, "61100"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, enospipelinefake.Options{})
			if c.fault != "" {
				s.inject(t, c.fault)
			}
			err := c.do(s.connect(t).(providers.Pauser), s)
			if !errors.Is(err, c.kind) || errors.Is(err, providers.ErrInDoubt) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v", err)
			}
			oneLine(t, s, err)
			if s.StatusOf(enospipelinefake.Pipeline) != enospipelinefake.Paused || s.StatusOf(enospipelinefake.Running) != enospipelinefake.Started {
				t.Error("something was done")
			}
		})
	}
}

func TestALostAnswerToPauseOrStartIsInDoubtAndSentOnce(t *testing.T) {
	for _, kind := range []inject.Kind{inject.Drop, inject.Garbled, inject.Truncate, inject.Error, inject.Foreign} {
		s := start(t, enospipelinefake.Options{})
		pauser := s.connect(t).(providers.Pauser)
		s.Arm(kind, inject.Writes, 2)
		for what, err := range map[string]error{
			"pause": pauser.Pause(t.Context(), s.target(t, enospipelinefake.Running)),
			"start": pauser.Start(t.Context(), s.target(t, enospipelinefake.Pipeline), settings),
		} {
			if !errors.Is(err, providers.ErrInDoubt) {
				t.Errorf("%s, %s: got %v", kind, what, err)
			}
			oneLine(t, s, err)
		}
		if s.Writes() != 2 {
			t.Errorf("%s: %d requests were sent", kind, s.Writes())
		}
	}
}

func TestTheWaitEndsWithTheContext(t *testing.T) {
	s := start(t, enospipelinefake.Options{Slow: 1 << 30})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.connect(t).(providers.Pauser).Pause(ctx, s.target(t, enospipelinefake.Running)) }()
	for s.Requests()["ListPipelines"] < 2 {
		select {
		case err := <-done:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
	cancel()
	err := <-done
	if !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) ||
		!strings.Contains(err.Error(), "the request was accepted, but its last status was RUNNING") {
		t.Errorf("got %v", err)
	}
}

// TestTheWaitOutlastsTemporaryErrors continues after temporary errors, and ends
// with permanent ones.
func TestTheWaitOutlastsTemporaryErrors(t *testing.T) {
	for name, c := range map[string]struct {
		second string
		kind   error // nil = the wait continues
	}{
		"throttled":       {`{"code":1001}`, nil},
		"failing":         {`{"code":99000}`, nil},
		"on its way":      {`{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"PAUSING"}]}}`, nil},
		"failed":          {`{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"FAILED"}]}}`, providers.ErrPrecondition},
		"denied":          {`{"code":99403}`, providers.ErrDenied},
		"gone":            {`{"code":0,"data":{"count":0,"pipelines":[]}}`, providers.ErrNotFound},
		"not a true word": {`<html>`, providers.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			var lists atomic.Int32
			s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.Method == http.MethodPost:
					fmt.Fprint(w, `{"code":0}`)
				case lists.Add(1) == 1:
					fmt.Fprint(w, c.second)
				default:
					fmt.Fprint(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"PAUSED"}]}}`)
				}
			})
			err := s.connect(t).(providers.Pauser).Pause(t.Context(), s.target(t, "p"))
			if !errors.Is(err, c.kind) || errors.Is(err, providers.ErrInDoubt) != (c.kind != nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAStartThatIsUnderWayIsAwaited: an earlier start, whose answer was lost, is not a
// refusal.
func TestAStartThatIsUnderWayIsAwaited(t *testing.T) {
	for first, want := range map[string]error{"STARTING": nil, "STOPPING": providers.ErrPrecondition} {
		var lists atomic.Int32
		s := gateway(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				fmt.Fprint(w, `{"code":61165,"msg":"cannot be started"}`)
			case lists.Add(1) < 3:
				fmt.Fprintf(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":%q}]}}`, first)
			default:
				fmt.Fprint(w, `{"code":0,"data":{"count":1,"pipelines":[{"pipelineId":"p","status":"RUNNING"}]}}`)
			}
		})
		if err := s.connect(t).(providers.Pauser).Start(t.Context(), s.target(t, "p"), settings); !errors.Is(err, want) || errors.Is(err, providers.ErrInDoubt) {
			t.Errorf("%s: got %v", first, err)
		}
	}
}
