package schema

import (
	"strings"
	"testing"
)

func TestAValueInPlaceOfAVariableNameIsRefusedAndNotShown(t *testing.T) {
	for _, value := range []string{"LTAI5tQqq7x7Qqq7x7", "Zm9vYmFyQmF6QQ", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIKbPxRfiCYEXAMPLEKEY",
		"ghp_16C7e42F292c6912E7710c838347Ae178B4a"} {
		for _, where := range []string{"credentials: {env: {username: KAFKA_USER, password: V}}",
			"tls: {}\n    sasl: {mechanism: PLAIN, env: {username: V, password: KAFKA_PASSWORD}}"} {
			said := rendered(t, connected("    "+strings.ReplaceAll(where, "V", value)))
			if !strings.Contains(said, notAVariable) || strings.Contains(said, value) {
				t.Errorf("%s: got %s", where, said)
			}
		}
	}
	for _, name := range []string{"PROD_SK", "GITHUB_TOKEN", "KAFKAUSER2", "kafka_password", "X", "AWS_SECRET_ACCESS_KEY_2", "KafkaPassword"} {
		if looksLikeCredential(name) {
			t.Errorf("the name %s is refused", name)
		}
	}
}
