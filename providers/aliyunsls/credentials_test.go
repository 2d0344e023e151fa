package aliyunsls_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
)

func TestTheErrorForAMissingKeyNamesEveryPlaceSearched(t *testing.T) {
	_, err := aliyunsls.New().Connect(config("http://127.0.0.1:1"), environment(map[string]string{}))
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "ALIBABA_CLOUD_ACCESS_KEY_ID") {
		t.Errorf("got %v", err)
	}
}

// TestKeysThatExpireAreRequestedAgain issues a new key for each request.
func TestKeysThatExpireAreRequestedAgain(t *testing.T) {
	issued := 0
	keys := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		issued++
		fmt.Fprintf(w, `{"AccessKeyId": "STS.id", "AccessKeySecret": "secret-%d", "SecurityToken": "token-%d", "Expiration": %q}`,
			issued, issued, time.Now().Add(time.Minute).UTC().Format("2006-01-02T15:04:05Z"))
	})
	var mu sync.Mutex
	var tokens []string
	service := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		tokens = append(tokens, r.Header.Get("X-Acs-Security-Token"))
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"errorCode": "SecurityTokenExpired", "errorMessage": "Security token has expired"}`)
	})
	process := environment(map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": keys, "ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""})
	conn, err := aliyunsls.New().Connect(config(service), process)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 2 {
		err := conn.Read(t.Context(), []providers.ReadRequest{{Target: goal(t, config(service), nil)}})[0].Err
		if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "the credentials URI in $ALIBABA_CLOUD_CREDENTIALS_URI") {
			t.Errorf("got %v", err)
		}
	}
	slices.Sort(tokens)
	if len(tokens) < 2 || len(slices.Compact(slices.Clone(tokens))) != len(tokens) {
		t.Errorf("a key was used again: %v", tokens)
	}
}
