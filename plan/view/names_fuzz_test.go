package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	safe "github.com/resetplan/resetplan/plan/text"
	"golang.org/x/net/html"
	"mvdan.cc/sh/v3/syntax"
)

// harmless is a name that means nothing in any format. A view of a plan with
// another name must be the view of this one with the name replaced.
const harmless = "Zq0"

// fuzzNames runs a check on names that hold anything. Long names are shortened
// in the views; other tests cover that.
func fuzzNames(f *testing.F, check func(t *testing.T, name string)) {
	for _, name := range append(names(), "a\nb", "a\r\nb", "\x1b[2J", "\u202ex", "or\u200bders", "\xff\xfe", "$(id)", "`id`", "'", `"`, "\\", "a\x00b", "|\n|-|\n", "\u2028", "-x", "<!-->", "%s", "#1 @a", "{{.}}", "</script>", "]]>", "&#x41;", "*b*", "_i_", "~~x~~", "[x](y)", "<b>", "![i](x)") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if strings.TrimSpace(safe.Safe(name)) == "" || len(name) > 24 || utf8.RuneCountInString(name) > 12 {
			return
		}
		check(t, name)
	})
}

// planNamed is a plan that shows a name in each place that shows one.
func planNamed(name string) *plan.Plan {
	one := func(action plan.Action) plan.Step {
		s := stepOf(name, action, moved(name, 0, 0, 3, 2, 5))
		s.Address, s.To, s.Why, s.Warnings = name, "group "+name, "Why "+name+" end.", []string{"beware " + name + " end"}
		s.Parts[0].Note = "note " + name + " end"
		return s
	}
	p := planOf(plan.Summary{Reset: 1, Blocked: 1}, one(plan.Reset), one(plan.Blocked))
	p.Name, p.Run, p.Params = name, name, map[string]any{"since": name}
	return p
}

func statusNamed(name string) *reconcile.Status {
	started := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	return &reconcile.Status{Name: name, Run: name, Outcome: lock.RunApplied, By: name, Started: &started, Steps: []reconcile.StatusStep{{
		ID: name, Address: name, Outcome: lock.InDoubt, Why: "Why " + name + " end.", Activity: "unknown", Error: "error " + name + " end",
	}}}
}

func shown(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSuffix(line, "\n"); safe.Safe(line) != line {
			t.Fatalf("a terminal would act on %q", line)
		}
	}
	return out.String()
}

func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

// renamed is the harmless text with the name in place, spaces made equal.
func renamed(text, name string) string {
	return spaced(strings.ReplaceAll(text, harmless, safe.Safe(name)))
}

func FuzzNamesInText(f *testing.F) {
	fuzzNames(f, func(t *testing.T, name string) {
		for what, write := range map[string]func(io.Writer, string) error{
			"plan":   func(w io.Writer, name string) error { return Plan(w, planNamed(name), Options{Wide: true}) },
			"status": func(w io.Writer, name string) error { return Status(w, statusNamed(name), Options{Wide: true}) },
		} {
			got := shown(t, func(w io.Writer) error { return write(w, name) })
			want := shown(t, func(w io.Writer) error { return write(w, harmless) })
			if spaced(got) != renamed(want, name) {
				t.Errorf("%s: got\n%s\nwant\n%s", what, spaced(got), renamed(want, name))
			}
		}
	})
}

// blocks are a page's elements, with the text of those that hold a paragraph.
func blocks(t *testing.T, page *html.Node) (tags, texts []string) {
	t.Helper()
	holds := map[string]bool{"p": true, "h1": true, "h2": true, "h3": true, "td": true, "th": true, "summary": true, "title": true, "dt": true, "dd": true, "li": true, "pre": true}
	for n := range page.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "span" && len(n.Attr) == 0 && words(n) == "$": // how Markdown keeps a dollar from formulas
		default:
			tags = append(tags, n.Data+fmt.Sprint(n.Attr))
			if holds[n.Data] {
				texts = append(texts, spaced(words(n)))
			}
		}
	}
	return tags, texts
}

// samePage checks that a page has the elements and the texts of the harmless one.
func samePage(t *testing.T, name string, got, want *html.Node) {
	t.Helper()
	tags, texts := blocks(t, got)
	wantTags, wantTexts := blocks(t, want)
	for i := range wantTexts {
		wantTexts[i] = renamed(wantTexts[i], name)
	}
	if !reflect.DeepEqual(tags, wantTags) {
		t.Errorf("%q: got elements\n%q\nwant\n%q", name, tags, wantTags)
	}
	if !reflect.DeepEqual(texts, wantTexts) {
		t.Errorf("%q: got texts\n%q\nwant\n%q", name, texts, wantTexts)
	}
}

func FuzzNamesInMarkdown(f *testing.F) {
	fuzzNames(f, func(t *testing.T, name string) {
		for _, write := range []func(io.Writer, string) error{
			func(w io.Writer, name string) error { return Markdown(w, planNamed(name), Options{}) },
			func(w io.Writer, name string) error { return StatusMarkdown(w, statusNamed(name), Options{}) },
		} {
			got := shown(t, func(w io.Writer) error { return write(w, name) })
			want := shown(t, func(w io.Writer) error { return write(w, harmless) })
			samePage(t, name, rendered(t, got), rendered(t, want))
		}
	})
}

// pageOf reads a page as a browser without scripts does, and the data that its
// script would show.
func pageOf(t *testing.T, text string) (*html.Node, any) {
	t.Helper()
	page, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var data any
	for _, s := range all(page, "script") {
		if len(s.Attr) == 2 {
			if err := json.Unmarshal([]byte(words(s)), &data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if data == nil {
		t.Fatal("the page has no data")
	}
	return page, data
}

// replaced is the harmless data with the name in place.
func replaced(v any, name string) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, harmless, safe.Safe(name))
	case []any:
		for i := range v {
			v[i] = replaced(v[i], name)
		}
	case map[string]any:
		for k := range v {
			v[k] = replaced(v[k], name)
		}
	}
	return v
}

func FuzzNamesInHTML(f *testing.F) {
	fuzzNames(f, func(t *testing.T, name string) {
		if columns(safe.Safe(name)+"/0") > nameRoom {
			return // the text for readers without scripts shortens it
		}
		for _, write := range []func(io.Writer, string) error{
			func(w io.Writer, name string) error { return HTML(w, planNamed(name), Options{}) },
			func(w io.Writer, name string) error { return StatusHTML(w, statusNamed(name), Options{}) },
		} {
			got, data := pageOf(t, shown(t, func(w io.Writer) error { return write(w, name) }))
			want, wantData := pageOf(t, shown(t, func(w io.Writer) error { return write(w, harmless) }))
			samePage(t, name, got, want)
			if wantData = replaced(wantData, name); !reflect.DeepEqual(data, wantData) {
				t.Errorf("%q: got data\n%q\nwant\n%q", name, data, wantData)
			}
		}
	})
}

// calls are the words of each command of a script, counted.
func calls(t *testing.T, script string) (counts []int) {
	t.Helper()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(script), "")
	if err != nil {
		t.Fatalf("%v in\n%s", err, script)
	}
	for _, s := range file.Stmts {
		call, ok := s.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Assigns)+len(s.Redirs) > 0 {
			t.Fatalf("not a plain command in\n%s", script)
		}
		counts = append(counts, len(call.Args))
	}
	return counts
}

func FuzzNamesInCommands(f *testing.F) {
	script := func(w io.Writer, name string) error {
		p := planNamed(name)
		return Commands(w, p, []reconcile.Script{
			{Step: &p.Steps[0], First: []string{"First " + name + " end"}, Commands: []string{"tool --group " + safe.ShellWord(name) + " --topic=" + safe.ShellWord(name) + " end"}},
			{Step: &p.Steps[1], Why: "no client for " + name},
		}, Options{Wide: true})
	}
	fuzzNames(f, func(t *testing.T, name string) {
		if strings.Contains(name, "\x00") {
			return // package plan refuses the command
		}
		var out, plain bytes.Buffer
		if script(&out, name) != nil || script(&plain, harmless) != nil {
			t.Fatal("not written")
		}
		if got, want := calls(t, out.String()), calls(t, plain.String()); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %v words, want %v in\n%s", name, got, want, out.String())
		}
		comments := func(script string) string {
			var text strings.Builder
			for line := range strings.Lines(script) {
				if after, ok := strings.CutPrefix(line, "#"); ok {
					text.WriteString(after)
				}
			}
			return text.String()
		}
		if got, want := spaced(comments(out.String())), renamed(comments(plain.String()), name); got != want {
			t.Errorf("got comments\n%s\nwant\n%s", got, want)
		}
	})
}

func FuzzNamesInJSON(f *testing.F) {
	fuzzNames(f, func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // JSON holds only UTF-8
		}
		text := shown(t, func(w io.Writer) error { return JSON(w, planNamed(name)) })
		var back, want any
		raw, err := json.Marshal(planNamed(name))
		if err != nil || json.Unmarshal(raw, &want) != nil || json.Unmarshal([]byte(text), &back) != nil {
			t.Fatalf("%q: %v in\n%s", name, err, text)
		}
		if step := back.(map[string]any)["steps"].([]any)[0].(map[string]any); !reflect.DeepEqual(back, want) || step["id"] != name {
			t.Errorf("%q: got %q", name, text)
		}
	})
}
