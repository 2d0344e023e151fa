package enospipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/retry"
)

func TestAResetIsAcceptedAndReportsNothingElse(t *testing.T) {
	for _, status := range []enospipelinefake.Status{enospipelinefake.Paused, enospipelinefake.Stopped} {
		for _, o := range []enospipelinefake.Options{{}, {NumbersAsText: true}, {AsInSamples: true}} {
			s := start(t, o)
			s.Set(enospipelinefake.Pipeline, status)
			got, err := s.connect(t).Reset(t.Context(), s.move(t, enospipelinefake.Pipeline))
			if err != nil || len(got.Parts) != 0 || (got.RequestID == "") != o.AsInSamples || !s.moved(enospipelinefake.Pipeline) {
				t.Errorf("%s, %+v: got %+v, %v", status, o, got, err)
			}
			if s.moved(enospipelinefake.Running) || s.StatusOf(enospipelinefake.Pipeline) != status {
				t.Error("more than the reset was done")
			}
		}
	}
}

func TestTheServiceRefusesARunningPipeline(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.Add("released", enospipelinefake.Published)
	c := s.connect(t)
	for id, want := range map[string]error{
		enospipelinefake.Running: providers.ErrPrecondition, "released": providers.ErrPrecondition, "nowhere": providers.ErrNotFound,
		"no/where?action=start": providers.ErrNotFound, "%2e%2e": providers.ErrNotFound, "where ünd wann": providers.ErrNotFound,
	} {
		_, err := c.Reset(t.Context(), s.move(t, id))
		var own *providers.Error
		if !errors.Is(err, want) || errors.Is(err, providers.ErrInDoubt) || !errors.As(err, &own) || own.RequestID == "" {
			t.Errorf("%s: got %v", id, err)
		}
	}
	if n := s.Requests(); n["ResetPipelineOffset"] != 6 {
		t.Errorf("they were sent as %v", n)
	}
}

func TestAThrottledResetIsSentAgainOnlyInTime(t *testing.T) {
	policy := retry.Policy{First: time.Millisecond, Most: time.Millisecond, Tries: 3, Sleep: retry.Sleep}
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	s.inject(t, "throttle")
	if _, err := policy.Reset(t.Context(), c, s.move(t, enospipelinefake.Pipeline)); err != nil || s.Writes() != 4 {
		t.Errorf("for a while: %v after %d", err, s.Writes())
	}
	s.Set(enospipelinefake.Running, enospipelinefake.Paused)
	s.Arm(inject.Throttle, inject.Writes, -1)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := policy.Reset(ctx, c, s.move(t, enospipelinefake.Running))
	if err == nil || errors.Is(err, providers.ErrInDoubt) && s.moved(enospipelinefake.Running) || s.moved(enospipelinefake.Running) {
		t.Errorf("permanently: %v", err)
	}
}

func TestALostResetIsNotSentAgain(t *testing.T) {
	policy := retry.Policy{First: time.Millisecond, Most: time.Millisecond, Tries: 3, Sleep: retry.Sleep}
	s := start(t, enospipelinefake.Options{})
	s.inject(t, "drop")
	_, err := policy.Reset(t.Context(), s.connect(t), s.move(t, enospipelinefake.Pipeline))
	if !errors.Is(err, providers.ErrInDoubt) || s.Writes() != 1 || !s.moved(enospipelinefake.Pipeline) {
		t.Errorf("got %v after %d", err, s.Writes())
	}
}

func TestAResetCancelledInFlightIsInDoubt(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil { // there is a token now
		t.Fatal(err)
	}
	defer s.Block()()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := c.Reset(ctx, s.move(t, enospipelinefake.Pipeline))
		done <- err
	}()
	s.Hangs()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !errors.Is(err, providers.ErrInDoubt) {
		t.Errorf("got %v", err)
	}
}

func TestAnUnsupportedMoveIsNotSent(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	whole := providers.PartMove{Position: providers.At(providers.Default)}
	part := providers.Part{Topic: "points"}
	for word, to := range map[string][]providers.PartMove{
		"use default": {{Position: providers.At(providers.Earliest)}}, "points/0": {{Part: part, Position: providers.At(providers.Default)}},
		"not 2": {whole, whole}, "not 0": nil,
	} {
		_, err := c.Reset(t.Context(), providers.Move{Target: s.target(t, enospipelinefake.Pipeline), To: to})
		if !errors.Is(err, providers.ErrUnsupported) || !strings.Contains(err.Error(), word) {
			t.Errorf("%v: got %v", to, err)
		}
	}
	if n := s.Requests(); len(n) != 0 {
		t.Errorf("it sent %v", n)
	}
}
