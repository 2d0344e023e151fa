package schema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNoProviderTypeIsNamedInCode keeps what is special about a provider's type in
// the JSON Schema, where an editor and a new provider find it.
func TestNoProviderTypeIsNamedInCode(t *testing.T) {
	named := regexp.MustCompile(`(?:^|[^A-Za-z0-9-])(?:` + strings.Join(providerTypes(), "|") + `)(?:$|[^A-Za-z0-9-])`)
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && named.MatchString(text.Value) {
				t.Errorf("%s names a provider's type: %s", set.Position(text.Pos()), text.Value)
			}
			return true
		})
		return nil
	})
	if err != nil || files < 20 || len(providerTypes()) < 6 {
		t.Errorf("%d files and %d types were read: %v", files, len(providerTypes()), err)
	}
}

// TestRulesOfOneProviderType checks what the JSON Schema requires of some types only.
func TestRulesOfOneProviderType(t *testing.T) {
	plan := func(provider, target, more string) string {
		return "version: 1\nname: p\nproviders:\n  k: {" + provider + "}\nsteps:\n  - {id: a, provider: k, target: {" + target + "}, " + more + "}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"a region or an endpoint": {plan("type: aliyun-sls, project: p", "logstore: l, consumerGroup: g", "to: latest"),
			"p.yaml:4:3: providers.k: the key region is missing; write region or endpoint"},
		"only a region": {plan("type: aliyun-sls, project: p, region: r", "logstore: l, consumerGroup: g", "to: latest"), ""},
		"only an endpoint": {plan("type: aliyun-sls, project: p, endpoint: 'https://h/'", "logstore: l, consumerGroup: g", "to: latest"),
			""},
		"a region under another name": {plan("type: aliyun-sls, project: p, Region: r", "logstore: l, consumerGroup: g", "to: latest"),
			`p.yaml:4:37: providers.k.Region: unknown key "Region"; did you mean region?`},
		"an endpoint with a path": {plan("type: aliyun-sls, project: p, endpoint: 'https://h/x'", "logstore: l, consumerGroup: g", "to: latest"),
			"p.yaml:4:47: providers.k.endpoint: the endpoint has a path, /x; write only the scheme and the host"},
		"an endpoint with a password": {plan("type: aliyun-sls, project: p, endpoint: 'https://me:S3CR3T@h'", "logstore: l, consumerGroup: g", "to: latest"),
			"p.yaml:4:47: providers.k.endpoint: the URL contains a user or a password; write only the scheme and the host, and rotate the password if it was shared"},
		"a path where it is allowed": {plan("type: enos-pipeline, orgId: o, endpoint: 'https://h/x'", "pipelineId: i", "to: latest"), ""},
		"start where it is allowed": {plan("type: enos-pipeline, orgId: o, endpoint: 'https://h'", "pipelineId: i",
			"to: latest, idle: {pause: true}, start: {executionMode: 1}"), ""},
		"partitions of its only topic": {plan("type: tencent-dts, region: r, subscribeId: subs-1a", "group: g, topic: t, partitions: [1]",
			"to: latest"), ""},
		"partitions and offsets of the only topic, without its name": {plan("type: tencent-dts, region: r, subscribeId: subs-1a",
			"group: g, partitions: [1]", "approximate: true, to: {offsets: {1: 5}}"), ""},
		"partitions of several topics": {plan("type: aliyun-kafka, region: r, instanceId: i", "group: g, partitions: [1]", "to: latest"),
			"p.yaml:6:45: steps[0].target.partitions: partitions requires exactly one topic, without globs; add topic: NAME"},
		"topics on a service with one topic": {plan("type: aliyun-kafka, region: r, instanceId: i", "group: g, topics: t", "to: latest"),
			`p.yaml:6:45: steps[0].target.topics: unknown key "topics"; did you mean topic?`},
		"offsets without a topic": {plan("type: aliyun-kafka, region: r, instanceId: i", "group: g", "to: {offsets: {0: 1}}"),
			"p.yaml:6:51: steps[0].to.offsets: offsets without a topic, and the step selects every topic of the group; write {offsets: {TOPIC: {0: " +
				"100}}}, or select one topic"},
		"offsets of a target without it": {plan("type: aliyun-sls, project: p, region: r", "logstore: l, consumerGroup: g", "to: {offsets: {0: 1}}"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, errs := parse(t, c.text, nil); errs.Error() != c.want {
				t.Errorf("got  %s\nwant %s", errs.Error(), c.want)
			}
		})
	}
	if slices.Contains(startTypes(), "kafka") || len(startTypes()) == 0 {
		t.Errorf("the types with start are %q", startTypes())
	}
}
