package plan_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/resetplan/resetplan/"

// Everything that may be imported is written here; what is not written is
// refused. A pattern that ends in /... means a package and those below it.

// levels is the order of the core, the lowest first: a package may import those
// of lower levels, and those of its own pattern.
var levels = []string{
	"files plan/text providers",
	"providers/retry schema/...",
	"plan/lock/...",
	"plan",
	"plan/decide plan/operator",
	"plan/check",
	"plan/survey",
	"plan/impact",
	"plan/reconcile plan/draft",
	"plan/watch plan/doctor",
	"plan/exchange plan/view/...",
	"cmd/resetplan/...",
}

// less says which packages of a level may import less than all of the levels
// below, and which packages are outside of the levels. * is one element, and a
// provider may import what is below it.
var less = map[string]string{
	"schema":                     "plan/text schema/...",
	"schema/diag":                "plan/text",
	"schema/literal":             "plan/text schema/diag",
	"schema/yamltext":            "schema/diag",
	"schema/tree":                "schema/diag schema/literal schema/yamltext",
	"schema/...":                 "plan/text",
	"providers/retry":            "providers",
	"cmd/resetplan/...":          "files plan plan/... providers providers/all providers/retry providers/sandbox schema/...",
	"plan/plantest":              "plan plan/... providers providers/memory providers/retry schema/...",
	"plan/modelcheck":            "",
	"providers/all":              "providers providers/*",
	"providers/sandbox":          "providers/*/*fake",
	"providers/memory/...":       "plan/text providers",
	"providers/providertest/...": "plan/text providers",
	"providers/internal/...":     "files plan/text providers providers/retry",
	"providers/*/...":            "files plan/text providers providers/internal/... providers/retry",
}

// forTests are packages that only tests, and packages below them, import.
var forTests = []string{"plan/plantest", "plan/view/viewtest", "providers/providertest", "providers/kafka/kafkatest",
	"providers/internal/shell/shelltest"}

// foreign is the home of each module that is not ours, and of those packages of the
// standard library that have one. The home of those in evenTests holds for tests too.
var (
	foreign = map[string]string{
		"github.com/aliyun/alibaba-cloud-sdk-go":       "providers/aliyunkafka/internal/api",
		"github.com/aliyun/aliyun-log-go-sdk":          "providers/aliyunsls/internal/api",
		"github.com/aliyun/credentials-go":             "providers/internal/aliyun",
		"github.com/clipperhouse/displaywidth":         "plan/view",
		"github.com/gofrs/flock":                       "plan/lock",
		"github.com/google/renameio/v2":                "plan/lock",
		"github.com/huaweicloud/huaweicloud-sdk-go-v3": "providers/huaweirocketmq/internal/api",
		"github.com/mattn/go-isatty":                   "cmd/resetplan",
		"github.com/olekukonko/tablewriter":            "plan/view/term",
		"github.com/santhosh-tekuri/jsonschema/v5":     "schema",
		"github.com/tencentcloud/tencentcloud-sdk-go":  "providers/tencentdts/internal/api",
		"github.com/twmb/franz-go":                     "providers/kafka/... providers/*/*fake",
		"github.com/urfave/cli/v2":                     "cmd/resetplan/...",
		"github.com/vbauerster/mpb/v8":                 "plan/view/term",
		"golang.org/x/net":                             "plan/view/viewtest providers/*/...",
		"golang.org/x/sync":                            "providers/*/...",
		"golang.org/x/term":                            "cmd/resetplan",
		"golang.org/x/time":                            "providers/*/...",
		"gopkg.in/ini.v1":                              "providers/*/...",
		"gopkg.in/yaml.v3":                             "schema schema/tree schema/yamltext",
		"html/template":                                "plan/view/html",
	}
	evenTests = []string{"github.com/olekukonko/tablewriter", "github.com/santhosh-tekuri/jsonschema/v5", "github.com/urfave/cli/v2",
		"github.com/vbauerster/mpb/v8"}
)

// pure are packages that compute and do nothing else, and impure is what they
// may therefore not import of the standard library.
var (
	pure   = []string{"plan", "plan/decide", "plan/text"}
	impure = []string{"context", "io", "io/fs", "math/rand", "math/rand/v2", "net", "net/http", "os", "os/exec", "os/user", "sync"}
)

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestImportsRunOneWay holds the direction of imports.
func TestImportsRunOneWay(t *testing.T) {
	all := packages(t)
	for _, p := range all {
		for _, imported := range p.Imports {
			if why := refused(p.ImportPath, imported); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			home := homeOf(imported)
			if slices.Contains(evenTests, home) && !matches(foreign[home], p.ImportPath) {
				t.Errorf("a test of %s imports %s: its home is %s", p.ImportPath, imported, foreign[home])
			}
		}
	}
	if len(all) < 20 {
		t.Errorf("only %d packages were listed", len(all))
	}
}

// TestImportRulesRefuse shows for each kind of rule that it refuses.
func TestImportRulesRefuse(t *testing.T) {
	for _, c := range []struct {
		from, to string
		refused  bool
	}{
		{"plan/decide", "plan", false},
		{"plan", "plan/decide", true},
		{"plan/draft", "plan/reconcile", true},
		{"plan/decide", "os", true},
		{"plan/survey", "os", false},
		{"plan/new", "plan", true},
		{"plan/survey", "providers/kafka", true},
		{"schema", "providers", true},
		{"schema", "schema/diag", false},
		{"schema/diag", "schema/tree", true},
		{"schema/literal", "gopkg.in/yaml.v3", true},
		{"providers/kafka", "providers/aliyunsls", true},
		{"providers/kafka", "providers/internal/httpcall", false},
		{"providers/kafka", "plan", true},
		{"providers/kafka", "providers/kafka/kafkatest", true},
		{"providers/newkind", "providers", false},
		{"providers/newkind", "providers/newkind/internal/api", false},
		{"plan/view/html", "plan/reconcile", false},
		{"plan/view/html", "plan/view", false},
		{"plan/view/html", "html/template", false},
		{"plan/view/term", "html/template", true},
		{"plan/view/html", "plan/view/viewtest", true},
		{"plan/view/term", "github.com/vbauerster/mpb/v8/decor", false},
		{"plan/view/markdown", "github.com/olekukonko/tablewriter/tw", true},
		{"plan/watch", "plan/view", true},
		{"cmd/resetplan", "providers/kafka", true},
		{"cmd/resetplan", "github.com/twmb/franz-go/pkg/kgo", true},
		{"providers/kafka", "github.com/twmb/franz-go/pkg/kgo", false},
		{"plan/text", "github.com/new/module", true},
	} {
		to := c.to
		if strings.HasPrefix(to, "plan") || strings.HasPrefix(to, "providers") || strings.HasPrefix(to, "schema") {
			to = module + to
		}
		if why := refused(c.from, to); (why != "") != c.refused {
			t.Errorf("%s imports %s: %q", c.from, c.to, why)
		}
	}
}

// packages lists the packages of this module, without the module's path.
func packages(t *testing.T) (all []listed) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...")
	var failed bytes.Buffer
	list.Stderr = &failed
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, failed.String())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
}

// refused says why a package may not import another, or returns "".
func refused(from, imported string) string {
	to, ours := strings.CutPrefix(imported, module)
	switch first, _, _ := strings.Cut(imported, "/"); {
	case !ours && !strings.Contains(first, "."):
		if slices.Contains(pure, from) && slices.Contains(impure, imported) {
			return "this package computes and does nothing else"
		}
		if home, ok := foreign[imported]; ok && !matches(home, from) {
			return "its home is " + home
		}
		return ""
	case !ours:
		home, ok := foreign[homeOf(imported)]
		if !ok {
			return "this module has no home: write it into the table"
		}
		if !matches(home, from) {
			return "its home is " + home
		}
		return ""
	}
	for _, one := range forTests {
		if matches(one+"/...", to) && !matches(one+"/...", from) {
			return "it is for tests"
		}
	}
	allowed, ok := allowedFor(from)
	if !ok {
		return "the importing package has no place in the table: write it into levels or less"
	}
	if !matches(allowed, to) {
		return "it may import only " + allowed
	}
	return ""
}

// allowedFor returns the patterns of what a package may import of this module.
func allowedFor(from string) (string, bool) {
	var lower []string
	level := -1
	for i, l := range levels {
		if matches(l, from) {
			level = i
			break
		}
		lower = append(lower, strings.Fields(l)...)
	}
	best := ""
	for pattern := range less {
		if matches(pattern, from) && (best == "" || rank(pattern) > rank(best)) {
			best = pattern
		}
	}
	own := ""
	switch {
	case best != "":
		own = ownPattern(best, from)
		return strings.TrimSpace(less[best] + " " + own), true
	case level >= 0:
		for p := range strings.FieldsSeq(levels[level]) {
			if matches(p, from) {
				own = ownPattern(p, from)
			}
		}
		return strings.TrimSpace(strings.Join(lower, " ") + " " + own), true
	}
	return "", false
}

// rank orders patterns: one that names more is the closer one.
func rank(pattern string) int {
	r := 2 * len(pattern)
	if strings.Contains(pattern, "*") {
		r -= 100
	}
	return r
}

// ownPattern is the part of the tree that a package shares with those next to
// and below it.
func ownPattern(pattern, from string) string {
	stem, below := strings.CutSuffix(pattern, "/...")
	if !below {
		return ""
	}
	return strings.Join(strings.Split(from, "/")[:strings.Count(stem, "/")+1], "/") + "/..."
}

// matches reports whether one of several patterns means a package.
func matches(patterns, name string) bool {
	for p := range strings.FieldsSeq(patterns) {
		stem, below := strings.CutSuffix(p, "/...")
		want, got := strings.Split(stem, "/"), strings.Split(name, "/")
		if len(got) < len(want) || len(got) > len(want) && !below {
			continue
		}
		same := true
		for i, w := range want {
			head, tail, star := strings.Cut(w, "*")
			same = same && (got[i] == w || star && strings.HasPrefix(got[i], head) && strings.HasSuffix(got[i], tail))
		}
		if same {
			return true
		}
	}
	return false
}

// homeOf returns the row of a foreign import, or "".
func homeOf(imported string) string {
	for m := range foreign {
		if imported == m || strings.HasPrefix(imported, m+"/") {
			return m
		}
	}
	return ""
}
