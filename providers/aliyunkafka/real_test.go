package aliyunkafka_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka/aliyunkafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
)

// A sample is an answer in testdata/real, and the action that gets it.
type sample struct {
	providertest.Provenance
	providertest.Response
	Action string
}

// serve runs a service that gives this answer to its action, and good ones to others.
func (s sample) serve(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if action := r.URL.Query().Get("Action"); action != s.Action {
			_, _ = io.WriteString(w, good[action])
			return
		}
		s.Send(w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const (
	ownKey   = "$ALIBABA_CLOUD_ACCESS_KEY_ID and $ALIBABA_CLOUD_ACCESS_KEY_SECRET"
	ownPlace = "check endpoint and region: 127.0.0.1:"
)

func TestRealRefusals(t *testing.T) {
	all := providertest.Samples[sample](t, 16)
	for name, c := range map[string]struct {
		kind  error
		words []string
	}{
		"denied-permission": {providers.ErrDenied, []string{"NoPermission", "the permission alikafka:GetConsumerProgress", "SubUser 200000000000000001",
			"ImplicitDeny", ownKey, "7A1C5E0B-41D2-4F8A-9C55-0D2F6B1E9A31"}},
		"denied-update":    {providers.ErrDenied, []string{"Forbidden.RAM", "the permission alikafka:UpdateGroup", "ExplicitDeny", ownKey}},
		"edge-error":       {providers.ErrDenied, []string{"InvalidSecurityToken.Expired", "SecurityToken is expired", ownKey, "0B6A3F7C-9D11-4E52-8A0B-5B1C77D0E0F1"}},
		"wrong-action":     {providers.ErrInvalid, []string{"InvalidAction.NotFound", ownPlace, "alikafka.cn-hangzhou.aliyuncs.com", "3C0D1B52"}},
		"wrong-server":     {providers.ErrInvalid, []string{"unexpected response", "404", ownPlace}},
		"wrong-region":     {providers.ErrInvalid, []string{"BIZ_REGION_NOT_FOUND", ownPlace, "region cn-hangzhou"}},
		"clock":            {providers.ErrDenied, []string{"InvalidTimeStamp.Expired", "the clock of this machine"}},
		"unknown-key":      {providers.ErrDenied, []string{"InvalidAccessKeyId.NotFound", ownKey, "91F0E2A4-2B7D-4C0F-AF0E-3D5C1B6A7E21"}},
		"wrong-secret":     {providers.ErrDenied, []string{"SignatureDoesNotMatch", "not matched", ownKey, "91F0E2A4-2B7D-4C0F-AF0E-3D5C1B6A7E22"}},
		"throttled":        {providers.ErrThrottled, []string{"Throttling.User"}},
		"refused-with-200": {providers.ErrInvalid, []string{"400: The Time parameter is invalid. Please check and try again later"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, secrets := all[name], &providers.Secrets{}
			delete(all, name)
			process := environment(keys())
			process.Secrets = secrets
			conn := connectIn(t, s.serve(t), process)
			err := read(t, conn, seeded(t)).Err
			if s.Action == "UpdateConsumerOffset" {
				_, err = conn.Reset(t.Context(), to(t, 7))
			}
			checkError(t, err, c.kind, c.words...)
			if errors.Is(err, providers.ErrNotFound) || strings.Contains(err.Error(), aliyunkafkafake.AccessKey) || strings.Contains(err.Error(), "Format%3D") {
				t.Errorf("it says that something is missing, or reveals what was signed: %v", err)
			}
		})
	}
	for name, s := range all {
		if s.Status != http.StatusOK {
			t.Errorf("%s is not in the table", name)
		}
	}
}

func TestRealReadings(t *testing.T) {
	all := providertest.Samples[sample](t, 16)
	maps.DeleteFunc(all, func(_ string, s sample) bool {
		return s.Status != http.StatusOK || strings.Contains(string(s.Body), `"Success": false`)
	})
	at := providers.AtOffset
	for name, c := range map[string]struct {
		low, high, committed [2]providers.Position
		group                providers.GroupState
		activity             providers.State
	}{
		"topic-status-strings": {[2]providers.Position{at(0), at(5)}, [2]providers.Position{at(76), at(347)}, [2]providers.Position{at(21), at(22)},
			providers.Committed, providers.Idle},
		"progress-older": {[2]providers.Position{at(5), at(5)}, [2]providers.Position{at(50), at(50)}, [2]providers.Position{at(9), at(31)},
			providers.Committed, providers.UnknownState}, // which blocks a step without a promise
		"progress-newer": {[2]providers.Position{at(5), at(5)}, [2]providers.Position{at(50), at(50)}, [2]providers.Position{at(9), at(31)},
			providers.Committed, providers.Active},
		"progress-without-commits": {[2]providers.Position{at(5), at(5)}, [2]providers.Position{at(50), at(50)},
			[2]providers.Position{providers.At(providers.Unset), providers.At(providers.Unset)}, providers.Blank, providers.UnknownState},
	} {
		t.Run(name, func(t *testing.T) {
			s := all[name]
			delete(all, name)
			got := read(t, connect(t, s.serve(t), keys()), seeded(t))
			if got.Err != nil || len(got.Parts) != 2 || got.GroupState != c.group || got.Activity.State != c.activity {
				t.Fatalf("got %+v", got)
			}
			for i, p := range got.Parts {
				if p.Low != c.low[i] || p.High != c.high[i] || p.Committed != c.committed[i] {
					t.Errorf("got %+v", p)
				}
			}
		})
	}
	accepted := all["reset-accepted"]
	delete(all, "reset-accepted")
	receipt, err := connect(t, accepted.serve(t), keys()).Reset(t.Context(), to(t, 7))
	if err != nil || receipt.RequestID != "56729737-C428-4E1B-AC68-7A8C2D5****" {
		t.Errorf("got %+v, %v", receipt, err)
	}
	for name := range all {
		t.Errorf("%s is not in the table", name)
	}
}
