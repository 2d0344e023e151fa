package schema

import (
	"strings"
	"testing"
)

// TestAnErrorInAParametersValueIsAtThatValue sets values that match their
// declaration but not the key that they fill.
func TestAnErrorInAParametersValueIsAtThatValue(t *testing.T) {
	plan := "version: 1\nname: p\nparams: {n: {type: integer}}\nproviders: {k: {type: kafka, bootstrapServers: [\"b:1\"]}}\n" +
		"steps:\n  - {id: s, provider: k, target: {group: g, topic: t}, to: {offset: \"${n}\"}}\n"
	values, errs := ParseParams("values.yaml", []byte("# a comment\nn: -1\n"))
	if errs != nil {
		t.Fatal(errs)
	}
	_, errs = Read("p.yaml", []byte(plan), values, nil)
	if len(errs) != 1 || errs[0].File != "values.yaml" || errs[0].Line != 2 || !strings.Contains(errs[0].Reason, "parameter n") {
		t.Errorf("from a file: got %v", errs)
	}
	_, errs = Read("p.yaml", []byte(plan), GivenTexts(map[string]string{"n": "-1"}), nil)
	if len(errs) != 1 || errs[0].File != "p.yaml" || errs[0].Line != 6 || !strings.Contains(errs[0].Reason, "parameter n") {
		t.Errorf("from the command line: got %v", errs)
	}
}

func TestAWellKnownKeyIsNotShownUnderAnyName(t *testing.T) {
	for _, key := range []string{"AKIAIOSFODNN7EXAMPLE", "LTAI5tQqq7x7Qqq7x7", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "eyJhbGciOiJIUzI1NiJ9.x.y"} {
		said := rendered(t, connected("    foo: "+key))
		if said == "" || strings.Contains(said, key) {
			t.Errorf("%s: got %s", key, said)
		}
	}
}
