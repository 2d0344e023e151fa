package tencentdts_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/internal/shell/shelltest"
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

// TestEachSiteAndZoneHasItsEndpoint reads the host from the script, which needs no
// network.
func TestEachSiteAndZoneHasItsEndpoint(t *testing.T) {
	for _, c := range []struct{ region, site, endpoint, want string }{
		{"ap-guangzhou", "", "", ""},
		{"ap-guangzhou", "china", "", ""},
		{"ap-singapore", "international", "", "dts.intl.tencentcloudapi.com"},
		{"ap-shanghai-fsi", "", "", "dts.ap-shanghai-fsi.tencentcloudapi.com"},
		{"ap-shenzhen-fsi", "china", "", "dts.ap-shenzhen-fsi.tencentcloudapi.com"},
		{"ap-singapore", "international", "https://dts.internal.tencentcloudapi.com", "dts.internal.tencentcloudapi.com"},
	} {
		s, err := shelltest.Write(tencentdts.New(), providers.Config{Endpoint: c.endpoint},
			map[string]any{"region": c.region, "subscribeId": "subs-a", "site": c.site}, map[string]any{"group": "g"},
			providers.PartMove{Part: providers.Part{Topic: "t"}, Position: providers.At(providers.Earliest)})
		check(t, err)
		_, after, found := strings.Cut(s.Commands[0], "--endpoint ")
		host, _, _ := strings.Cut(after, " ")
		if host = strings.TrimSpace(host); host != c.want || found != (c.want != "") {
			t.Errorf("%+v: got %q in %s", c, host, s.Commands[0])
		}
	}
}

func TestSitesThatContradict(t *testing.T) {
	for want, keys := range map[string]map[string]any{
		`"usa" is not a site: use china`:                    {"region": "ap-guangzhou", "subscribeId": "subs-a", "site": "usa"},
		"ap-shanghai-fsi belongs to the site china: remove": {"region": "ap-shanghai-fsi", "subscribeId": "subs-a", "site": "international"},
	} {
		c := providers.Config{Decode: providertest.Keys(keys)}
		_, connecting := tencentdts.New().Connect(c, environment())
		_, decoding := tencentdts.New().Target(c, providertest.Keys(map[string]any{"group": "g"}))
		for _, err := range []error{connecting, decoding} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %v", keys, err)
			}
		}
	}
}
