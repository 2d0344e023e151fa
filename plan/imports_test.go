package plan_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/resetplan/resetplan/"

type listed struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
}

// TestImportsRunOneWay holds the direction of imports.
func TestImportsRunOneWay(t *testing.T) {
	var all []listed
	for _, system := range []string{"linux", "darwin", "windows"} { // each has files of its own
		all = append(all, packages(t, system)...)
	}
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
	if len(all) < 60 {
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
		{"providers/sandbox/cloudbench", "providers/internal/figures", false},
		{"providers/sandbox/cloudbench", "providers/internal/httpcall", true},
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

// packages lists the packages of this module on an operating system, without the
// module's path.
func packages(t *testing.T, system string) (all []listed) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...")
	list.Env = append(os.Environ(), "GOOS="+system)
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
