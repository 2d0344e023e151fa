package adhoc

import (
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/schema"
	"github.com/resetplan/resetplan/schema/diag"
)

func TestFlagsAreTheKeysInKebabCase(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Flags() {
		if seen[f.Name] || f.Name != strings.ToLower(f.Name) {
			t.Errorf("--%s is not a good name", f.Name)
		}
		seen[f.Name] = true
		for _, in := range f.Inputs {
			if in.Boolean != f.Inputs[0].Boolean || in.Mapping != f.Inputs[0].Mapping {
				t.Errorf("--%s has a value for some types only", f.Name)
			}
		}
	}
	for _, name := range []string{"bootstrap", "instance-id", "tls", "tls-ca-file", "sasl-mechanism", "credentials-profile", "groups", "pipeline-id",
		"max-skip",
		"idle-assume", "approximate", "timezone", "rate-limit", "start-kafka-rate"} {
		if !seen[name] {
			t.Errorf("--%s does not exist", name)
		}
	}
	for key, want := range map[string]string{"caFile": "ca-file", "tokenURL": "token-url", "useTLSNow": "use-tls-now", "group": "group"} {
		if got := kebab(key); got != want {
			t.Errorf("%s is written as %s, want %s", key, got, want)
		}
	}
}

func TestPositionAcceptsEveryForm(t *testing.T) {
	for given, want := range map[string]string{
		"earliest":                       "earliest",
		"now":                            "{timestamp: now}",
		"now-2h":                         "{timestamp: now-2h}",
		"2026-11-18T00:00:00Z":           `{timestamp: 2026-11-18T00:00:00Z}`,
		"1795231425782":                  "{timestamp: 1795231425782}",
		"timestamp:1":                    "{timestamp: 1}",
		"time:2026-11-18T00:00:00Z":      `{timestamp: 2026-11-18T00:00:00Z}`,
		"offset:42":                      "{offset: 42}",
		"offset:010":                     "{offset: 010}",
		"shift:-500":                     "{shift: -500}",
		"group:a:b":                      `{group: "a:b"}`,
		"group:10":                       `{group: "10"}`,
		"offsets:10=1,9=2":               "{offsets: {9: 2, 10: 1}}",
		"offsets:a/0=1, a/1=2,b-c/0=3":   "{offsets: {a: {0: 1, 1: 2}, b-c: {0: 3}}}",
		"checkpoints:0=MTUy==,1=x":       `{checkpoints: {0: "MTUy==", 1: x}}`,
		"lock:a,b.lock.yaml":             `{lock: "a,b.lock.yaml"}`,
		"lock:p.lock.yaml,run=r,step=s":  "{lock: p.lock.yaml, run: r, step: s}",
		"group:${x}":                     `{group: "$${x}"}`,
		"anything":                       "anything",
		"offset:x":                       "{offset: x}",
		"timestamp:2026-11-18T00:00:00Z": `{timestamp: 2026-11-18T00:00:00Z}`,
	} {
		to, reason, _ := position(given)
		one := &draft.OneStep{Type: "kafka", Name: "n", To: to}
		_, text, _ := strings.Cut(string(one.YAML()), "    to: ")
		if got := strings.ReplaceAll(strings.TrimSpace(text), `"2026-11-18T00:00:00Z"`, "2026-11-18T00:00:00Z"); reason != "" || got != want {
			t.Errorf("%s is %s, want %s; %s", given, got, want, reason)
		}
	}
	for _, wrong := range []string{"42", "-5", "1795231425", "nosuch:1", "offset:", "run:x", "timezone:UTC", "offsets:0", "offsets:0=1,0=2",
		"offsets:a/0=1,a/0=2",
		"1,000"} {
		if to, reason, remedy := position(wrong); reason == "" || remedy == "" {
			t.Errorf("%s is accepted as %v", wrong, to)
		}
	}
}

// TestPlansFromFlagsRoundTrip gives flags values that a YAML parser could misread.
func TestPlansFromFlagsRoundTrip(t *testing.T) {
	for _, name := range []string{"plain", "with space", "true", "~", "- x", "a: b", "#c", `q"\'`, "line\nbreak", "${x}", "10",
		"2026-01-01", "日本語", "!tag", "a,b"} {
		call := Call{Type: "kafka", Position: true, To: "earliest", Values: map[string][]string{
			"bootstrap": {"a:1, b:2", "c:3"}, "group": {name}, "topic": {name}, "partitions": {"0,2-3"}, "tls": {"true"}, "tls-ca-file": {name},
			"max-replay": {"2k"}, "max-skip": {"unlimited"}, "max-age": {"72h"}, "allow-gap": {"true"}, "rate-limit": {"2.5"}, "approximate": {"true"}}}
		one, errs := call.Plan()
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		doc, errs := schema.Parse("p", one.YAML(), nil)
		if len(errs) > 0 {
			t.Errorf("%q: %v\n%s", name, errs, one.YAML())
			continue
		}
		s, p := doc.Steps[0], doc.Providers[0]
		tls, _ := p.Config["tls"].(map[string]any)
		if s.Target["group"] != name || s.Target["topic"] != name || tls["caFile"] != name || len(p.Config["bootstrapServers"].([]any)) != 3 ||
			s.Guards.MaxReplay.N != 2000 || !s.Guards.MaxSkip.Unlimited || !s.Guards.AllowGap || p.RateLimit != 2.5 || !s.Approximate {
			t.Errorf("%q is read back as %+v", name, s)
		}
	}
}

func TestErrorsNameTheFlag(t *testing.T) {
	one := &draft.OneStep{Type: "aliyun-sls"}
	for name, c := range map[string]struct{ fault, want diag.Error }{
		"a key": {diag.Error{Path: "steps[0].target.shards[1]", Reason: "wrong"}, diag.Error{File: "--shards", Reason: "wrong"}},
		"a missing key": {diag.Error{Path: "steps[0].target", Reason: "the key consumerGroup is missing", Missing: "consumerGroup",
			Remedy: "add it"},
			diag.Error{File: "--consumer-group", Reason: "the flag is missing", Remedy: "add it"}},
		"two keys": {diag.Error{Path: "providers.aliyun-sls", Reason: "the key region is missing", Missing: "region",
			Remedy: "write region or endpoint"},
			diag.Error{File: "--region", Reason: "the flag is missing", Remedy: "write --region or --endpoint"}},
		"a number of --to": {diag.Error{Path: "steps[0].to.offsets.0", Reason: "wrong", Remedy: "write 5"},
			diag.Error{File: "--to", Reason: "wrong", Remedy: "write 5"}},
		"a part of the plan": {diag.Error{Path: "providers.aliyun-sls", Reason: "wrong"}, diag.Error{File: "the connection", Reason: "wrong"}},
		"another place":      {diag.Error{Path: "name", Reason: "wrong"}, diag.Error{File: "the plan", Reason: "wrong"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Translate(one, diag.Errors{c.fault}); len(got) != 1 || got[0] != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	for sentence, want := range map[string]string{
		"guards.maxSkip allows 0. Set guards.maxSkip to 6, or to unlimited.": "--max-skip allows 0. Set --max-skip to 6, or to unlimited.",
		"Stop them, then set idle: {assume: true}.":                          "Stop them, then set --idle-assume.",
		"add idle: {wait: 5m}":                                               "add --wait 5m",
		"write guards: {maxSkip: 6}":                                         "write --max-skip 6",
		"add approximate: true":                                              "add --approximate",
		"the topic orders has no group":                                      "the topic orders has no group",
		"write region or endpoint":                                           "write --region or --endpoint",
		"only with one topic: add logstore: NAME":                            "only with one topic: add --logstore NAME",
		"add the project's region, such as region: cn-hangzhou":              "add the project's region, such as --region cn-hangzhou",
		"consumerGroup and somethingElse":                                    "--consumer-group and somethingElse",
	} {
		if got := allWords("aliyun-sls", sentence); got != want {
			t.Errorf("%q becomes %q", sentence, got)
		}
	}
}

func TestAFlagOfAnotherTypeNamesTheTypesThatHaveIt(t *testing.T) {
	_, errs := Call{Type: "kafka", Position: true, To: "latest", Values: map[string][]string{"project": {"p"}, "bootstrap": {"b:1"}}}.Plan()
	if len(errs) != 1 || errs[0].File != "--project" || !strings.Contains(errs[0].Reason, "belongs to aliyun-sls") {
		t.Errorf("%v", errs)
	}
	if f, _ := named("project"); !slices.Equal(f.Types(), []string{"aliyun-sls"}) || !Foreign("project", "kafka") || Foreign("project", "aliyun-sls") {
		t.Errorf("--project belongs to %v", f.Types())
	}
}
