package draft

import (
	"errors"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/schema"
)

func TestFillNamesTheTopicsAndPositionsOfAGroup(t *testing.T) {
	r := plantest.New(t)
	one := &OneStep{Type: "kafka", Name: "p", To: "current"}
	one.Set(schema.OfTarget, []string{"group"}, "a")
	if err := one.Fill(t.Context(), r.Open("s a 1")); err != nil {
		t.Fatal(err)
	}
	text := string(one.YAML())
	for _, want := range []string{"target: {group: a, topic: orders}", "# orders/0-1: 2 of 2 committed, lag 4"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var refused *plan.Refusal
	if err := one.Fill(t.Context(), r.Open("s nosuch 1")); !errors.As(err, &refused) {
		t.Errorf("a group that does not exist: %v", err)
	}
}

func TestSetKeepsTheKeysOfAMapping(t *testing.T) {
	one := &OneStep{Type: "kafka", Name: "p", To: "earliest"}
	one.Set(schema.OfProvider, []string{"tls", "caFile"}, "ca.pem")
	one.Set(schema.OfProvider, []string{"tls"}, map[string]any{})
	one.Set(schema.OfProvider, []string{"sasl"}, map[string]any{})
	if text := string(one.YAML()); !strings.Contains(text, "    sasl: {}\n    tls: {caFile: ca.pem}\n") {
		t.Errorf("the connection is\n%s", text)
	}
}
