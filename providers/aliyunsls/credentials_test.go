package aliyunsls_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
)

func TestTheErrorForAMissingKeyNamesEveryPlaceSearched(t *testing.T) {
	_, err := aliyunsls.New().Connect(config("http://127.0.0.1:1"), environment(map[string]string{}))
	if !errors.Is(err, providers.ErrDenied) || !strings.Contains(err.Error(), "ALIBABA_CLOUD_ACCESS_KEY_ID") {
		t.Errorf("got %v", err)
	}
}
