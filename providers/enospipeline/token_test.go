package enospipeline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
)

// A clock is advanced by the test.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestOneTokenServesAllGoroutines(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Requests(); n["GetAccessToken"] != 1 || n["ListPipelines"] != 20 {
		t.Errorf("it sent %v", n)
	}
}

func TestATokenIsRefreshedBeforeItEnds(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, enospipelinefake.Options{Now: at.now, TokenLife: time.Hour})
	c := s.connect(t)
	for _, step := range []struct {
		after          time.Duration
		gets, refreshs int
	}{{0, 1, 0}, {54 * time.Minute, 1, 0}, {2 * time.Minute, 1, 1}, {30 * time.Minute, 1, 1}, {2 * time.Hour, 2, 1}} {
		at.pass(step.after)
		if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
			t.Fatal(err)
		}
		if n := s.Requests(); n["GetAccessToken"] != step.gets || n["RefreshAccessToken"] != step.refreshs {
			t.Errorf("after another %s: %v", step.after, n)
		}
	}
}

func TestATokenThatCannotBeRefreshedIsReplaced(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, enospipelinefake.Options{Now: at.now})
	c := s.connect(t)
	for range 2 {
		if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
			t.Fatal(err)
		}
		s.Expire()
		at.pass(116 * time.Minute)
	}
	if n := s.Requests(); n["RefreshAccessToken"] != 1 || n["GetAccessToken"] != 2 {
		t.Errorf("it sent %v", n)
	}
}

// TestAnExpiredTokenIsReplaced: a token expires early, the gateway refuses the
// request, and it is sent again with a new token.
func TestAnExpiredTokenIsReplaced(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
		t.Fatal(err)
	}
	s.Expire()
	if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
		t.Errorf("a read: %v", err)
	}
	s.Expire()
	if _, err := c.Reset(t.Context(), s.move(t, enospipelinefake.Pipeline)); err != nil || !s.moved(enospipelinefake.Pipeline) {
		t.Errorf("a reset: %v", err)
	}
	if n := s.Requests(); n["GetAccessToken"] != 3 || n["ListPipelines"] != 3 || n["ResetPipelineOffset"] != 2 {
		t.Errorf("it sent %v", n)
	}
}

// TestATokenMayExpireAtEachCallOfAnApply: each call is refused before it reaches the
// service, and sent again once.
func TestATokenMayExpireAtEachCallOfAnApply(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c, goal := s.connect(t), s.target(t, enospipelinefake.Running)
	pauser := c.(providers.Observer)
	for what, call := range []func() error{
		func() error { _, err := pauser.Observe(t.Context(), goal); return err },
		func() error { return pauser.Pause(t.Context(), goal) },
		func() error { _, err := c.Reset(t.Context(), s.move(t, enospipelinefake.Running)); return err },
		func() error { return pauser.Start(t.Context(), goal, settings) },
	} {
		s.Expire()
		if err := call(); err != nil {
			t.Fatalf("call %d: %v", what, err)
		}
	}
	n := s.Requests()
	for action, want := range map[string]int{"GetPipelineOffsetAndLag": 1, "OperatePipeline:pause": 2, "ResetPipelineOffset": 2, "OperatePipeline:start": 2} {
		if n[action] != want { // the first call found no token yet
			t.Errorf("%s was sent %d times, want %d", action, n[action], want)
		}
	}
	if !s.moved(enospipelinefake.Running) && s.Committed(enospipelinefake.Running)[0] >= 1200 {
		t.Error("the pipeline was not reset")
	}
}

// TestManyCallsReplaceAnExpiredTokenOnce: calls that are refused at the same time share
// the new token.
func TestManyCallsReplaceAnExpiredTokenOnce(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
		t.Fatal(err)
	}
	s.Expire()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.read(t, c, enospipelinefake.Pipeline).Err; err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Requests(); n["GetAccessToken"] != 2 {
		t.Errorf("it sent %v", n)
	}
}

func TestATokenThatIsNeverAcceptedEndsTheCall(t *testing.T) {
	asked := 0
	s := gateway(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"status": 1203, "msg": "Access token has expired"}`)
	})
	err := s.resetErr(t)
	if !errors.Is(err, providers.ErrDenied) || errors.Is(err, providers.ErrInDoubt) || !strings.Contains(err.Error(), "1203") || asked != 2 {
		t.Errorf("requested %d times: %v", asked, err)
	}
}

// TestATokenRequestIsNeverRepeatedVerbatim: of two programs that request a token in
// the same millisecond the second is refused, and sends another time.
func TestATokenRequestIsNeverRepeatedVerbatim(t *testing.T) {
	at := time.Now()
	s := start(t, enospipelinefake.Options{Now: func() time.Time { return at }})
	for range 3 { // each is refused once more than the one before
		if err := s.read(t, s.connect(t), enospipelinefake.Pipeline).Err; err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Requests()["GetAccessToken"]; n != 1+2+3 {
		t.Errorf("%d tokens were requested", n)
	}
	err := s.read(t, s.connect(t), enospipelinefake.Pipeline).Err
	if !errors.Is(err, providers.ErrThrottled) || !strings.Contains(err.Error(), "1001") {
		t.Errorf("after three refusals: got %v", err)
	}
}

func TestAnAnswerOfTheTokenServiceIsNeverShown(t *testing.T) {
	for name, body := range map[string]string{
		"a life in words":   `{"status":0,"data":{"accessToken":"` + token + `","expire":"long"}}`,
		"broken":            `{"status":0,"data":{"accessToken":"` + token + `"`,
		"under another key": `{"status":0,"accessToken":"` + token + `"}`,
		"an unknown code":   `{"status":77,"accessToken":"` + token + `"}`,
		"HTML":              `<html>` + token + `</html>`,
	} {
		for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
			s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			}))
			err := s.resetErr(t)
			if err == nil || errors.Is(err, providers.ErrInDoubt) {
				t.Errorf("%s: got %v", name, err)
			}
			oneLine(t, s, err)
		}
	}
}

func TestATokenWithoutALifetimeIsAccepted(t *testing.T) {
	asked := 0
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/apim-token-service/") {
			asked++
			fmt.Fprint(w, `{"status":"0","data":{"accessToken":"`+token+`"},}`)
			return
		}
		fmt.Fprint(w, `{"code":0}`)
	}))
	c := s.connect(t)
	for range 2 {
		if _, err := c.Reset(t.Context(), s.move(t, "p")); err != nil {
			t.Error(err)
		}
	}
	if asked != 1 {
		t.Errorf("%d tokens were requested", asked)
	}
}

func TestWaitingForATokenEndsWithTheContext(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	c := s.connect(t)
	release := s.Block()
	first := make(chan error)
	go func() { first <- s.read(t, c, enospipelinefake.Pipeline).Err }()
	s.Hangs() // it has the turn
	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error)
	reqs := []providers.ReadRequest{{Target: s.target(t, enospipelinefake.Pipeline)}}
	go func() { second <- c.Read(ctx, reqs)[0].Err }()
	cancel()
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if err := <-first; err != nil {
		t.Errorf("the first: %v", err)
	}
}

func TestTheLogHasEachRequestAndNoSecret(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	if _, err := s.connect(t).Reset(t.Context(), s.move(t, enospipelinefake.Pipeline)); err != nil {
		t.Fatal(err)
	}
	text := s.log.String()
	for _, want := range []string{"Get Access Token", "/apim-token-service/v2.0/token/get", "Reset Pipeline Offset",
		"/streaming/v2.0/streaming/pipeline/sandbox-pipeline/offset", "requestId=6cb7a013-"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	for _, no := range []string{s.secret, "accessToken", "encryption", "apim-signature", enospipelinefake.AccessKey} {
		if strings.Contains(text, no) {
			t.Errorf("it contains %q: %s", no, text)
		}
	}
}
