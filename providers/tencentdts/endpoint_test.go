package tencentdts_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
	"github.com/resetplan/resetplan/providers/tencentdts"
)

func TestInvalidEndpoints(t *testing.T) {
	for _, given := range []string{"dts.tencentcloudapi.com", "https://", "https://dts.tencentcloudapi.com/v3", "://"} {
		if _, err := tencentdts.New().Connect(providers.Config{Decode: providertest.Keys(config()), Endpoint: given},
			environment()); err == nil || !strings.Contains(err.Error(), "endpoint: ") {
			t.Errorf("%q: got %v", given, err)
		}
	}
}
