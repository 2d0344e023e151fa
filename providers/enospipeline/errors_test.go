package enospipeline_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/enospipeline/enospipelinefake"
	"github.com/resetplan/resetplan/providers/internal/inject"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestEveryDocumentedCodeHasAKind(t *testing.T) {
	for code, c := range map[int]struct {
		kind  error
		doubt bool // of a reset
	}{
		1001: {providers.ErrThrottled, false}, 1002: {providers.ErrDenied, false}, 1003: {providers.ErrDenied, false},
		1004: {providers.ErrInvalid, false}, 1005: {providers.ErrUnavailable, true}, 1202: {providers.ErrInvalid, false},
		1203: {providers.ErrDenied, false}, 1204: {providers.ErrDenied, false},
		61100: {providers.ErrInvalid, false}, 61108: {providers.ErrNotFound, false}, 61115: {providers.ErrUnavailable, true},
		61121: {providers.ErrPrecondition, false}, 61122: {providers.ErrPrecondition, false}, 61128: {providers.ErrPrecondition, false},
		61152: {providers.ErrPrecondition, false}, 61165: {providers.ErrPrecondition, false}, 61168: {providers.ErrUnavailable, true},
		61169: {providers.ErrPrecondition, false}, 61176: {providers.ErrInvalid, false}, 99000: {providers.ErrUnavailable, true},
		99400: {providers.ErrInvalid, false}, 99403: {providers.ErrDenied, false}, 99404: {providers.ErrInvalid, false},
		99500: {providers.ErrUnavailable, true}, 4011: {providers.ErrDenied, false}, 4012: {providers.ErrDenied, false},
		61999: {providers.ErrInvalid, true}, // not documented: it proves nothing
	} {
		s := answering(t, http.StatusOK, fmt.Sprintf(`{"code": %d, "msg": "in its own\n words", "requestId": "r-7"}`, code))
		for what, err := range map[string]error{"read": s.readErr(t), "reset": s.resetErr(t)} {
			var own *providers.Error
			kind := c.kind
			if code == 99404 && what == "reset" {
				kind = providers.ErrNotFound // the request names a pipeline
			}
			if !errors.Is(err, kind) || errors.Is(err, providers.ErrInDoubt) != (c.doubt && what == "reset") {
				t.Errorf("%d on a %s: got %v", code, what, err)
			}
			if !errors.As(err, &own) || own.Code != fmt.Sprint(code) || own.RequestID != "r-7" || !strings.Contains(err.Error(), "in its own words") {
				t.Errorf("%d on a %s is reported as %v", code, what, err)
			}
			oneLine(t, s, err)
		}
	}
}

func TestAnUnexpectedResponseIsNotASuccess(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		doubt  bool
	}{
		"nothing":                     {200, "", providers.ErrInvalid, true},
		"a page of HTML":              {200, "<html>welcome</html>", providers.ErrInvalid, true},
		"half a JSON":                 {200, `{"code": 0, "msg": `, providers.ErrInvalid, true},
		"no code":                     {200, `{"msg": "OK", "data": ""}`, providers.ErrInvalid, true},
		"a code that is not a number": {200, `{"code": "fine"}`, providers.ErrInvalid, true},
		"a code that is empty":        {200, `{"code": "", "msg": "OK"}`, providers.ErrInvalid, true},
		"a code of null":              {200, `{"code": null, "msg": "OK"}`, providers.ErrInvalid, true},
		"a status that is empty":      {200, `{"status": "", "msg": "OK"}`, providers.ErrInvalid, true},
		"a list":                      {200, `[{"code": 0}]`, providers.ErrInvalid, true},
		"success with a failure":      {503, `{"code": 0, "msg": "OK"}`, providers.ErrUnavailable, true},
		"a proxy's 502":               {502, "<html>bad gateway</html>", providers.ErrUnavailable, true},
		"another framework's 404":     {404, `{"timestamp": 1, "status": 404, "error": "Not Found"}`, providers.ErrInvalid, false},
		"a path that does not exist":  {404, `<html>nginx</html>`, providers.ErrInvalid, false},
		"404 with a documented code":  {404, `{"code": 61108, "msg": "does not exit"}`, providers.ErrNotFound, false},
		"401 without a word":          {401, "", providers.ErrDenied, false},
		"403 with a code of its own":  {403, `{"code": 7, "msg": "no"}`, providers.ErrDenied, false},
		"429":                         {429, "slow down", providers.ErrThrottled, false},
		"500 with a documented code":  {500, `{"code": 61108, "msg": "does not exit"}`, providers.ErrNotFound, false},
		"a redirect to somewhere":     {302, "", providers.ErrInvalid, true},
		"500 with an unknown code":    {500, `{"code": 7, "msg": "no"}`, providers.ErrUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(t, c.status, c.body)
			for what, err := range map[string]error{"read": s.readErr(t), "reset": s.resetErr(t)} {
				if !errors.Is(err, c.kind) || errors.Is(err, providers.ErrInDoubt) != (c.doubt && what == "reset") {
					t.Errorf("%s: got %v", what, err)
				}
				if words, ok := map[string]string{"another framework's 404": `"error": "Not Found"`, "a page of HTML": "welcome",
					"a path that does not exist": "check endpoint"}[name]; ok &&
					!strings.Contains(strings.ReplaceAll(err.Error(), `\"`, `"`), words) {
					t.Errorf("%s: it is not shown: %v", what, err)
				}
				oneLine(t, s, err)
			}
		})
	}
}

func TestASuccessIsReadInEveryDocumentedForm(t *testing.T) {
	for name, body := range map[string]string{
		"as the samples have it":     "{\n  \"code\": 0,\n  \"msg\": \"OK\",\n}",
		"with empty data":            `{"code": 0, "msg": "OK", "data": ""}`,
		"with data of another type":  `{"code": 0, "msg": "OK", "data": {"done": true}}`,
		"with unknown fields":        `{"code": 0, "msg": "OK", "cost": [1, {"a": null}], "status": "done"}`,
		"with its code as text":      `{"code": "0", "msg": "OK"}`,
		"with its code under status": `{"status": 0, "msg": "SUCCESS"}`,
		"without a message":          `{"code": 0}`,
	} {
		if err := answering(t, http.StatusOK, body).resetErr(t); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNetworkFaults interrupts the connection to a working service.
func TestNetworkFaults(t *testing.T) {
	for kind, c := range map[inject.Kind]struct {
		want  error
		doubt bool
	}{
		inject.Throttle: {providers.ErrThrottled, false}, inject.Error: {providers.ErrUnavailable, true}, inject.Drop: {providers.ErrUnavailable, true},
		inject.Truncate: {providers.ErrUnavailable, true}, inject.Foreign: {providers.ErrUnavailable, true},
		inject.Garbled: {providers.ErrInvalid, true}, inject.Huge: {providers.ErrInvalid, true},
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := start(t, enospipelinefake.Options{})
			s.Arm(kind, inject.Reads, 1)
			fresh := s.connect(t) // its first request is for a token
			_, tokenErr := fresh.Reset(t.Context(), s.move(t, enospipelinefake.Pipeline))
			if !errors.Is(tokenErr, c.want) || errors.Is(tokenErr, providers.ErrInDoubt) || s.Writes() != 0 {
				t.Errorf("the token: got %v", tokenErr)
			}
			if err := s.read(t, fresh, enospipelinefake.Pipeline).Err; err != nil {
				t.Errorf("afterwards: %v", err)
			}
			s.Arm(kind, inject.Reads, 2) // net/http itself retries if a kept connection was closed
			readErr := s.read(t, fresh, enospipelinefake.Pipeline).Err
			if !errors.Is(readErr, c.want) || errors.Is(readErr, providers.ErrInDoubt) {
				t.Errorf("a read: got %v", readErr)
			}
			s.Arm(kind, inject.Writes, 1)
			_, resetErr := fresh.Reset(t.Context(), s.move(t, enospipelinefake.Pipeline))
			if !errors.Is(resetErr, c.want) || errors.Is(resetErr, providers.ErrInDoubt) != c.doubt || s.Writes() != 1 {
				t.Errorf("a reset, sent %d times: got %v", s.Writes(), resetErr)
			}
			for _, err := range []error{tokenErr, readErr, resetErr} {
				oneLine(t, s, err)
			}
		})
	}
}

func TestAWrongSecretIsDenied(t *testing.T) {
	s := start(t, enospipelinefake.Options{})
	s.secret = "n0t-the-secret"
	for _, err := range []error{s.readErr(t), s.resetErr(t)} {
		var own *providers.Error
		if !errors.Is(err, providers.ErrDenied) || !errors.As(err, &own) || own.Code != "1003" {
			t.Errorf("got %v", err)
		}
		oneLine(t, s, err)
	}
}

func TestAWrongClockIsNamed(t *testing.T) {
	for _, off := range []time.Duration{-20 * time.Minute, 20 * time.Minute} {
		s := start(t, enospipelinefake.Options{})
		s.now = func() time.Time { return time.Now().Add(off) }
		err := s.readErr(t)
		if !errors.Is(err, providers.ErrInvalid) || !strings.Contains(err.Error(), "1004") ||
			!strings.Contains(err.Error(), "clock differs from the gateway's by ") {
			t.Errorf("%s: got %v", off, err)
		}
	}
	s := start(t, enospipelinefake.Options{})
	s.secret = "n0t-the-secret"
	if err := s.readErr(t); err == nil || strings.Contains(err.Error(), "clock") {
		t.Errorf("a clock that is right: got %v", err)
	}
}

func TestAForeignOrganisationIsDenied(t *testing.T) {
	for _, org := range []string{"o15other", "o15 with: spaces & ümlauts+%2F"} {
		s := start(t, enospipelinefake.Options{})
		s.config.Decode = providertest.Keys(map[string]any{"orgId": org})
		err := s.readErr(t)
		if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "99403: Denied resource: orgId "+org) {
			t.Errorf("%s: got %v", org, err) // 1003 would mean that the query is not signed as it is sent
		}
	}
}
