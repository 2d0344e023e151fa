package aliyunkafka_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunkafka"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestTheErrorForAMissingKeyNamesEveryPlaceSearched(t *testing.T) {
	_, err := aliyunkafka.New().Connect(providers.Config{Decode: providertest.Keys(config())}, environment(nil))
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "$ALIBABA_CLOUD_ACCESS_KEY_ID") || !strings.Contains(err.Error(),
		"~/.aliyun/config.json") {
		t.Errorf("got %v", err)
	}
}
