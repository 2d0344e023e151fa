package aliyunsls_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/aliyunsls"
	"github.com/resetplan/resetplan/providers/providertest"
)

func TestATargetHasOneAddressInEverySpelling(t *testing.T) {
	const whole = "aliyun-sls:cn-hangzhou/sandbox/access-log-etl/access-log"
	hangzhou := map[string]any{"region": "cn-hangzhou"}
	for name, c := range map[string]struct {
		endpoint string
		keys     map[string]any
		over     map[string]any
		want     string
	}{
		"by region":                       {"", hangzhou, nil, whole},
		"by the region's endpoint":        {"https://cn-hangzhou.log.aliyuncs.com", nil, nil, whole},
		"by both":                         {"https://cn-hangzhou.log.aliyuncs.com", hangzhou, nil, whole},
		"by the VPC endpoint":             {"https://cn-hangzhou-internal.log.aliyuncs.com", nil, nil, whole},
		"by the VPC endpoint of the past": {"https://cn-hangzhou-intranet.log.aliyuncs.com", nil, nil, whole},
		"by the cross-network endpoint":   {"https://cn-hangzhou-share.log.aliyuncs.com", nil, nil, whole},
		"by the other domain":             {"https://cn-hangzhou.sls.aliyuncs.com", nil, nil, whole},
		"by the other domain in a VPC":    {"https://cn-hangzhou-vpc.sls.aliyuncs.com", nil, nil, whole},
		"in capitals, with a port":        {"https://CN-Hangzhou.log.aliyuncs.com.:443", nil, nil, whole},
		"by the accelerated endpoint":     {"https://log-global.aliyuncs.com", hangzhou, nil, whole},
		"by region behind an endpoint":    {"http://127.0.0.1:19102", hangzhou, nil, whole},
		"a region with a longer name": {"https://cn-shanghai-finance-1-intranet.log.aliyuncs.com", nil, nil,
			"aliyun-sls:cn-shanghai-finance-1/sandbox/access-log-etl/access-log"},
		"a region that has only one network": {"https://cn-heyuan-acdr-1-intranet.log.aliyuncs.com", nil, nil,
			"aliyun-sls:cn-heyuan-acdr-1/sandbox/access-log-etl/access-log"},
		"shards in any order": {"", hangzhou, map[string]any{"shards": []int{7, 2, 1, 2, 0}}, whole + ":0-2,7"},
	} {
		t.Run(name, func(t *testing.T) {
			target := goal(t, at(c.endpoint, c.keys), c.over)
			if target.Address() != c.want || target.Identity() != c.want {
				t.Errorf("got %s and %s, want %s", target.Address(), target.Identity(), c.want)
			}
			if all := goal(t, config(""), nil); all.Overlaps(target) != strings.HasPrefix(c.want, whole) {
				t.Error("it is compared wrongly")
			}
		})
	}
}

// at returns a connection's configuration with these keys.
func at(endpoint string, keys map[string]any) providers.Config {
	c, all := config(endpoint), map[string]any{"project": "sandbox"}
	maps.Copy(all, keys)
	c.Decode = providertest.Keys(all)
	return c
}

func TestAnEndpointThatDoesNotNameOneProjectIsRefused(t *testing.T) {
	for _, c := range []struct {
		endpoint string
		keys     map[string]any
		want     string
	}{
		{"", nil, "region or endpoint is required"},
		{"https://log-global.aliyuncs.com", nil, `endpoint "https://log-global.aliyuncs.com" does not name a region: add the project's region, ` +
			"such as region: cn-hangzhou"},
		{"https://sandbox.log-global.aliyuncs.com", nil, `endpoint "https://sandbox.log-global.aliyuncs.com" begins with a project, which ` +
			"is added to it: use https://log-global.aliyuncs.com"},
		{"https://cn-shanghai.log.aliyuncs.com", map[string]any{"region": "cn-hangzhou"},
			`endpoint "https://cn-shanghai.log.aliyuncs.com" is in region cn-shanghai, not cn-hangzhou: correct or remove one of them`},
		{"https://sandbox.cn-hangzhou.log.aliyuncs.com", nil, `endpoint "https://sandbox.cn-hangzhou.log.aliyuncs.com" begins with a project, which ` +
			"is added to it: use https://cn-hangzhou.log.aliyuncs.com"},
		{"https://other.cn-hangzhou-vpc.sls.aliyuncs.com:443", nil, `endpoint "https://other.cn-hangzhou-vpc.sls.aliyuncs.com:443" begins with a project, ` +
			"which is added to it: use https://cn-hangzhou-vpc.sls.aliyuncs.com:443"},
		{"http://sandbox.localhost:19102", map[string]any{"region": "cn-hangzhou"},
			`endpoint "http://sandbox.localhost:19102" begins with a project, which is added to it: use http://localhost:19102`},
		{"", map[string]any{"region": "CN-Hangzhou"}, `invalid region "CN-Hangzhou": use a region such as cn-hangzhou`},
		{"", map[string]any{"region": "cn-hangzhou", "project": "Sand_box"}, `invalid project name "Sand_box": use lower-case letters, digits and -`},
		{"", map[string]any{"region": "cn-hangzhou", "project": ""}, "project is required"},
	} {
		_, err := aliyunsls.New().Target(at(c.endpoint, c.keys), providertest.Keys(words(nil)))
		if err == nil || err.Error() != c.want {
			t.Errorf("%s with %v: got %v, want %s", c.endpoint, c.keys, err, c.want)
		}
	}
}

// TestAProxysTargetMayBeInAnyRegion uses endpoints that do not name a region.
func TestAProxysTargetMayBeInAnyRegion(t *testing.T) {
	of := func(endpoint, region, project string) providers.Target {
		keys := map[string]any{"project": project}
		if region != "" {
			keys["region"] = region
		}
		return goal(t, at(endpoint, keys), nil)
	}
	proxied := of("http://127.0.0.1:19102", "", "sandbox")
	if got := proxied.Address() + " " + proxied.Identity(); got != "aliyun-sls:127.0.0.1:19102/sandbox/access-log-etl/access-log "+
		"aliyun-sls:sandbox/access-log-etl/access-log" {
		t.Errorf("got %s", got)
	}
	for name, c := range map[string]struct {
		other providers.Target
		want  bool
	}{
		"the same endpoint":       {of("http://127.0.0.1:19102", "", "sandbox"), true},
		"another endpoint":        {of("http://127.0.0.1:19103", "", "sandbox"), true},
		"a region":                {of("", "cn-hangzhou", "sandbox"), true},
		"another project":         {of("http://127.0.0.1:19102", "", "other"), false},
		"another project by name": {of("", "cn-hangzhou", "other"), false},
	} {
		if proxied.Overlaps(c.other) != c.want || c.other.Overlaps(proxied) != c.want {
			t.Errorf("%s: want %t", name, c.want)
		}
	}
	if of("", "cn-hangzhou", "sandbox").Overlaps(of("", "cn-shanghai", "sandbox")) {
		t.Error("two regions are one")
	}
}

func TestTargetsOverlapIfTheyHaveACommonShard(t *testing.T) {
	c := config("")
	of := func(shards ...int) providers.Target {
		if shards == nil {
			return goal(t, c, nil)
		}
		return goal(t, c, map[string]any{"shards": shards})
	}
	if !of().Overlaps(of(1)) || !of(0, 1).Overlaps(of(1, 2)) || of(0, 1).Overlaps(of(2)) || goal(t, c,
		map[string]any{"logstore": "other"}).Overlaps(of()) {
		t.Error("the targets are compared wrongly")
	}
}

// TestAGroupMayHaveDots: the manual restricts the names of logstores only.
func TestAGroupMayHaveDots(t *testing.T) {
	if got := goal(t, config(""), map[string]any{"consumerGroup": "etl.v2"}); got.(interface{ Group() string }).Group() != "etl.v2" {
		t.Errorf("got %s", got.Address())
	}
}

func TestAnInvalidTargetIsRefusedWithItsKey(t *testing.T) {
	for want, over := range map[string]map[string]any{
		"invalid logstore name":             {"logstore": "a/../b?x=1"},
		"invalid consumerGroup name":        {"consumerGroup": "a b"},
		"invalid consumerGroup name \"..\"": {"consumerGroup": ".."},
		"shards is empty: remove it":        {"shards": []int{}},
	} {
		if _, err := aliyunsls.New().Target(config(""), providertest.Keys(words(over))); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
