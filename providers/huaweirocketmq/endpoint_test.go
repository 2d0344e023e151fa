package huaweirocketmq

import (
	"testing"
)

func TestTheRegionDecidesTheEndpoint(t *testing.T) {
	for region, want := range map[string]string{
		"cn-north-4":  "https://dms.cn-north-4.myhuaweicloud.com",
		"eu-west-0":   "https://dms.eu-west-0.myhuaweicloud.com",
		"eu-west-101": "https://dms.eu-west-101.myhuaweicloud.eu",
	} {
		if got, err := (config{Region: region}).endpoint(""); err != nil || got != want {
			t.Errorf("%s: got %s", region, got)
		}
	}
}
