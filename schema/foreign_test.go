package schema

import (
	"fmt"
	"strings"
	"testing"
)

// TestForeignFormsAreReadInOnePass has plans in the forms of other tools: each message
// has the lines to write, and the errors in their values are reported with it.
func TestForeignFormsAreReadInOnePass(t *testing.T) {
	kind := "kafka"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a manifest": {"apiVersion: v1\nmetadata: {name: P}\nspec:\n  provider: " + kind + "\n  brokers: b\n  group: g\n  to: now-1x\n", []string{
			`unknown key "apiVersion"; write version: 1`, `unknown key "spec"`, "move its keys to the top of the document", `invalid name "P"`,
			"write in their place steps: [{id: reset, provider: " + kind + ", target: {group: g}, to: now-1x}]",
			"write providers: {" + kind + ": {type: " + kind + ", bootstrapServers: b}}", "write b:9092", `"now-1x" is not a target; write for example to: {timestamp: now-24h}`}},
		"a list of connections": {"version: 1\nname: p\nproviders: [{name: a, type: " + kind + ", brokers: b}]\nsteps: [{id: x, target: {group: g}, to: end}]\n",
			[]string{"write each name as a key: providers: {a: {type: " + kind + ", brokers: b}}", "did you mean bootstrapServers?", "write b:9092",
				"the key provider is missing; add provider: a", "write to: latest"}},
		"a connection without a name": {"version: 1\nname: p\nproviders: {type: " + kind + ", bootstrapServers: 'b:1'}\n" +
			"steps: [{id: x, target: {group: g}, to: end}]\n", []string{"write it under a name: providers: {" + kind + ": {type: " + kind +
			", bootstrapServers: b:1}}", "add provider: " + kind, "write to: latest"}},
		"steps by name": {"version: 1\nname: p\nproviders: {k: {type: " + kind + ", bootstrapServers: 'b:1'}}\n" +
			"steps:\n  a: {provider: k, target: {group: g}, to: latest}\n  b: {provider: k, target: {grup: g}, to: latest, needs: a}\n", []string{
			"write a list, each name as an id: steps: [{id: a, provider: k, target: {group: g}, to: latest}, {id: b,", "did you mean group?"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := parse(t, c.text, nil)
			for _, want := range c.want {
				if !strings.Contains(errs.Error(), want) {
					t.Errorf("%s is not in\n%s", want, errs)
				}
			}
			if len(errs) != len(c.want) {
				t.Errorf("%d errors, want %d:\n%s", len(errs), len(c.want), errs)
			}
		})
	}
}

// TestARemedyContainsNoSecretOfAnotherLine has flat plans in which a value that the
// remedy would repeat may be a secret.
func TestARemedyContainsNoSecretOfAnotherLine(t *testing.T) {
	for _, line := range []string{"group: S3CR3Tvalue # the password", "topic: 'Bearer S3CR3Tvalue'", "sasl_password: S3CR3Tvalue",
		"topic: [a, {password: S3CR3Tvalue}]", "topic: AKIAS3CR3Tvalue00000", "consumer:\n  password:\n    S3CR3Tvalue"} {
		text := "version: 1\nname: p\nprovider: kafka\nbrokers: b:1\ngroupId: x\n" + line + "\nto: latest\n"
		if said := rendered(t, text); said == "" || strings.Contains(said, "S3CR3T") {
			t.Errorf("%s:\n%s", line, said)
		}
	}
}

// TestAHostilePlanInAForeignFormIsReadQuickly has more of what is rewritten than is
// ever rewritten.
func TestAHostilePlanInAForeignFormIsReadQuickly(t *testing.T) {
	var steps, connections, keys strings.Builder
	for i := range 9_000 {
		fmt.Fprintf(&steps, "  s%d: {group: g, topic: t, to: latest, name: x}\n", i)
		fmt.Fprintf(&connections, "  - {name: c%d, brokers: b}\n", i)
		fmt.Fprintf(&keys, "  k%d: {}\n", i)
	}
	for _, text := range []string{"version: 1\nname: p\nproviders:\n" + connections.String() + "steps:\n" + steps.String(),
		"spec:\n" + keys.String(), "metadata:\n" + keys.String() + "steps:\n" + steps.String()} {
		if _, errs := parse(t, text, nil); len(errs) == 0 {
			t.Error("it is valid")
		}
	}
}

func TestMoreLeftovers(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"offsets of an excluded topic": {in("group: g, topic: t}, to: latest", "group: g, topics: 't*', excludeTopics: tx}, to: {offsets: {tx: {0: 5}}}"),
			`topic "tx" is excluded from the step's target; remove it here, or from excludeTopics`},
		"offsets of a topic excluded by a glob": {in("group: g, topic: t}, to: latest", "group: g, excludeTopics: 't*'}, to: {offsets: {tx: {0: 5}}}"),
			`topic "tx" is excluded`},
		"a topic with its partitions": {in("topic: t", "topic: 't:0,12'"), "write topic: t, partitions: [0, 12]"},
		"a wrong key next to an unknown provider": {in("provider: k, target: {group: g", "provider: nosuch, target: {grup: g"),
			"did you mean group?"},
		"a date with a timezone":    {in("to: latest", "to: {timestamp: 2026-11-18, timezone: Asia/Shanghai}"), "write 2026-11-18T00:00:00"},
		"a date without a timezone": {in("to: latest", "to: {timestamp: 2026-11-18}"), "write 2026-11-18T00:00:00Z, or add timezone: Asia/Shanghai"},
		"a German date":             {in("to: latest", "to: {timestamp: 18.11.2026 10:30}"), "write 2026-11-18T10:30:00Z, or add timezone: Asia/Shanghai"},
		"a time without a zone":     {in("to: latest", "to: '2026-11-18 00:00'"), "{timestamp: 2026-11-18T00:00:00Z} for UTC, or to: {timestamp: 2026-11-18T00:00:00, timezone: "},
		"hours ago":                 {in("to: latest", "to: {timestamp: 2 hours ago}"), "write now-2h"},
		"a million":                 {in("to: latest", "to: latest, guards: {maxSkip: 5 million}"), "write 5M"},
		"several brokers":           {in(`["b:1"]`, "'a:1,b:2'"), "write a list: [a:1, b:2]"},
		"offsets as a list":         {in("to: latest", "to: {offsets: [{partition: 0, offset: 5}, {partition: 3, offset: 7}]}"), "write {0: 5, 3: 7}"},
		"partitions in a text":      {in("topic: t", "topic: t, partitions: '0,1 3-5'"), "write a list: [0, 1, 3-5]"},
		"a range with dots":         {in("topic: t", "topic: t, partitions: 0..11"), "write 0-11"},
		"all partitions":            {in("topic: t", "topic: t, partitions: all"), "remove the key"},
		"seconds":                   {in("to: latest", "to: 1763424000"), "write to: {timestamp: 1763424000000} for a time, or to: {offset: 1763424000}"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, c.text, nil); !strings.Contains(errs.Error(), c.want) {
				t.Errorf("got %v, want %s", errs, c.want)
			}
		})
	}
}

func TestAValueWithTheShapeOfACredentialIsNotShown(t *testing.T) {
	for _, value := range []string{"Bearer S3CR3T", "https://u:S3CR3T@h/", "ghp_S3CR3T00000000000000", "AKIAS3CR3T000000"} {
		if _, errs := parse(t, declaring("type: integer"), map[string]string{"n": value}); len(errs) != 1 || strings.Contains(errs.Error(), "S3CR3T") {
			t.Errorf("given: %v", errs)
		}
		if said := rendered(t, declaring("type: integer, default: '"+value+"'")); said == "" || strings.Contains(said, "S3CR3T") {
			t.Errorf("default: %s", said)
		}
	}
}

// TestEveryListTakesASingleValue reads the rules of all keys that take a list.
func TestEveryListTakesASingleValue(t *testing.T) {
	var walk func(rule any, at string)
	walk = func(rule any, at string) {
		for i, item := range list(rule) {
			walk(item, fmt.Sprintf("%s/%d", at, i))
		}
		o := object(rule)
		if kinds := fmt.Sprint(o["type"]); at != "/properties/steps" && (kinds == "array" || kinds == "[array]") {
			t.Errorf("%s takes only a list", at)
		}
		for key, inner := range o {
			walk(inner, at+"/"+key)
		}
	}
	walk(planText(), "")
}
