package all

import (
	"reflect"
	"testing"
)

func TestEveryTypeIsListedOnce(t *testing.T) {
	var types []string
	for _, p := range Providers() {
		types = append(types, p.Type())
	}
	if want := []string{"kafka", "aliyun-kafka", "aliyun-sls", "huawei-rocketmq", "tencent-dts", "enos-pipeline"}; !reflect.DeepEqual(types, want) {
		t.Errorf("got %v, want %v", types, want)
	}
}
