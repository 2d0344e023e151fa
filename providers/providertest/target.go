package providertest

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers"
)

func target(t *testing.T, h Harness) {
	b := open(t, h)
	other := b.target(t, b.Other)
	if b.goal.Group() != b.Group {
		t.Errorf("%s moves the group %q, not %q", b.goal.Address(), b.goal.Group(), b.Group)
	}
	if !strings.HasPrefix(b.goal.Address(), b.kind.Type()+":") {
		t.Errorf("the address %s does not start with the type", b.goal.Address())
	}
	if other.Address() == b.goal.Address() || other.Overlaps(b.goal) || b.goal.Overlaps(other) {
		t.Errorf("%s and %s overlap", b.goal.Address(), other.Address())
	}
	for _, words := range append(b.Spelled, b.Target) {
		again := b.target(t, words)
		if again.Address() != b.goal.Address() {
			t.Errorf("%v has the address %s and %v has %s", b.Target, b.goal.Address(), words, again.Address())
		}
		if !b.goal.Overlaps(again) || !again.Overlaps(b.goal) || !b.goal.SameGroup(again) || !again.SameGroup(b.goal) {
			t.Errorf("%v and %v do not overlap", b.Target, words)
		}
	}
}

func unknownKey(t *testing.T, h Harness) {
	b := open(t, h)
	wrong := maps.Clone(b.Target)
	wrong["grup"] = "x"
	if _, err := b.kind.Target(b.config(), Keys(wrong)); err == nil || !strings.Contains(err.Error(), "grup") {
		t.Errorf("got %v", err)
	}
}

// refusedTargets shows that a wrong value of a target's key is an error that names the
// key, for the message to point at it.
func refusedTargets(t *testing.T, h Harness) {
	b := open(t, h)
	refused := 0
	for key, value := range b.Target {
		wrong := []any{nil}
		switch reflect.ValueOf(value).Kind() {
		case reflect.String:
			wrong = append(wrong, "")
		case reflect.Slice:
			wrong = append(wrong, []int{}, []int{-1})
		}
		for _, w := range wrong {
			keys := maps.Clone(b.Target)
			keys[key] = w
			_, err := b.kind.Target(b.config(), Keys(keys))
			if err == nil {
				continue
			}
			refused++
			var named *providers.KeyError
			if !errors.As(err, &named) || named.Key == "" || named.InProvider || named.Reason == "" {
				t.Errorf("%s: %v is refused without a key: %v", key, w, err)
				continue
			}
			b.oneLine(t, err)
		}
	}
	if refused == 0 {
		t.Errorf("nothing in %v is required", b.Target)
	}
}
