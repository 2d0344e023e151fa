package aliyunkafka_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/kafka/kafkafake"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestTheErrorForAMissingKeyNamesEveryPlaceSearched(t *testing.T) {
	_, err := aliyunkafka.New().Connect(providers.Config{Decode: providertest.Keys(config())}, environment(nil))
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "$ALIBABA_CLOUD_ACCESS_KEY_ID") || !strings.Contains(err.Error(),
		"~/.aliyun/config.json") {
		t.Errorf("got %v", err)
	}
}

// TestKeysThatExpireDuringAnApply issues keys that expire before the next request: a
// reading, its reset and the reading after it are signed with three different keys.
func TestKeysThatExpireDuringAnApply(t *testing.T) {
	s := start(t)
	n := 0
	issue := func() (id, secret, token string) {
		return fmt.Sprintf("STS.id-%d", n), fmt.Sprintf("secret-%d", n), fmt.Sprintf("token-%d", n)
	}
	rotate := func() { n++; s.Issue(issue()) }
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		id, secret, token := issue()
		fmt.Fprintf(w, `{"Code": "Success", "AccessKeyId": %q, "AccessKeySecret": %q, "SecurityToken": %q, "Expiration": %q}`,
			id, secret, token, time.Now().Add(time.Minute).UTC().Format("2006-01-02T15:04:05Z"))
	}))
	t.Cleanup(keys.Close)
	process := environment(map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": keys.URL})
	process.Secrets = &providers.Secrets{}
	conn := connectIn(t, s.url, process)
	rotate()
	if got := read(t, conn, seeded(t)); got.Err != nil {
		t.Fatal(got.Err)
	}
	rotate()
	if _, err := conn.Reset(t.Context(), to(t, 7)); err != nil {
		t.Fatal(err)
	}
	rotate()
	back := conn.Read(t.Context(), []providers.ReadRequest{{Target: seeded(t), Only: []providers.Part{part(kafkafake.SeedTopic, 0)}}})[0]
	if back.Err != nil || back.Parts[0].Committed != providers.AtOffset(7) {
		t.Errorf("got %+v", back)
	}
	for n = 1; n <= 3; n++ {
		_, secret, token := issue()
		if process.Secrets.Hide(secret) != providers.Hidden || process.Secrets.Hide(token) != providers.Hidden {
			t.Errorf("key %d is not hidden", n)
		}
	}
}

// TestAResetWithoutKeysIsNotInDoubt ends the service that issues keys before a reset:
// it was never sent.
func TestAResetWithoutKeysIsNotInDoubt(t *testing.T) {
	s := start(t)
	_, err := connect(t, s.url, map[string]string{"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:1/keys"}).Reset(t.Context(), to(t, 7))
	checkError(t, err, providers.ErrUnavailable, "http://127.0.0.1:1", "the credentials URI in $ALIBABA_CLOUD_CREDENTIALS_URI")
	if errors.Is(err, providers.ErrInDoubt) || s.Writes() != 0 {
		t.Errorf("got %v", err)
	}
}
