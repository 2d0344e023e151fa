package view_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
)

func TestPlanAsJSON(t *testing.T) {
	reset := viewtest.Step("rewind<&>orders", plan.Reset, viewtest.Moved("orders", 0, 0, 1200, 800, 1500))
	done := viewtest.Step("none", plan.Done)
	done.Parts = []plan.Part{}
	p := viewtest.Plan(plan.Summary{Reset: 1, Partitions: 1, Replay: 400, Bound: plan.BoundUpper}, reset, done)
	viewtest.Golden(t, "a-plan-as-JSON.golden", viewtest.Render(t, func(w io.Writer) error { return view.JSON(w, p) }))
}

func TestJSONIsOneDocument(t *testing.T) {
	var out bytes.Buffer
	if err := view.JSON(&out, viewtest.Sample()); err != nil {
		t.Fatal(err)
	}
	var back plan.Plan
	d := json.NewDecoder(&out)
	if err := d.Decode(&back); err != nil || d.More() {
		t.Fatal(err)
	}
	p, last := back.Steps[2].Parts[0], back.Steps[0].Parts[39]
	if p.Count != nil || p.After != providers.At(providers.Unset) || last.Before != providers.AtOffset(1239) {
		t.Errorf("got %+v", p)
	}
}

func TestJSONRoundTrips(t *testing.T) {
	want := map[string]any{"name": viewtest.Hostile, "beyond": "\U000E0041 & <b>", "plain": "日本語 ü"}
	var out bytes.Buffer
	if err := view.JSON(&out, want); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(strings.ReplaceAll(out.String(), "\n", ""), func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 {
		t.Errorf("text that controls a terminal is left in %q", out.String())
	}
	if strings.Contains(out.String(), `\u003c`) {
		t.Errorf("HTML is escaped in %s", out.String())
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back as %q", got)
	}
}

func FuzzNamesInJSON(f *testing.F) {
	viewtest.FuzzNames(f, func(t *testing.T, name string) {
		if !utf8.ValidString(name) {
			return // JSON holds only UTF-8
		}
		p := viewtest.PlanNamed(name)
		text := viewtest.Render(t, func(w io.Writer) error { return view.JSON(w, p) })
		var back, want any
		raw, err := json.Marshal(p)
		if err != nil || json.Unmarshal(raw, &want) != nil || json.Unmarshal([]byte(text), &back) != nil {
			t.Fatalf("%q: %v in\n%s", name, err, text)
		}
		if step := back.(map[string]any)["steps"].([]any)[0].(map[string]any); !reflect.DeepEqual(back, want) || step["id"] != name {
			t.Errorf("%q: got %q", name, text)
		}
	})
}

func TestImpactInOneLine(t *testing.T) {
	rate := func(n float64) *float64 { return &n }
	oldest := time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC)
	for want, i := range map[string]*plan.Impact{
		"":               nil,
		"About 1.2 GiB.": {Bytes: viewtest.Number(1288490189)},
		"Oldest record from 2026-11-18T00:00:00Z.": {Oldest: &oldest},
		"About 1.2 GiB, oldest record from 2026-11-18T00:00:00Z; caught up in about 14m at 2,000/s; retention deletes nothing; " +
			"within 5s no records were written.": {
			Bytes: viewtest.Number(1288490189), Oldest: &oldest, Rate: rate(2000), CatchUp: viewtest.Number(840),
			Race: "retention deletes nothing", Sample: "within 5s no records were written",
		},
		"Nothing to catch up with.": {Rate: rate(5), CatchUp: viewtest.Number(0)},
	} {
		if got := view.Impact(i); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestABacktickInANameKeepsNoLineTogether(t *testing.T) {
	sentence := "group \"no`tick\" not found (did you mean \"a`tick\"?); a reset would create it. Run `resetplan lock show FILE` (or `x y`), please."
	got := view.Wrap(sentence, "  ", 40)
	for line := range strings.Lines(got) {
		if n := view.Columns(strings.TrimSuffix(line, "\n")); n > 40 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if !strings.Contains(got, "`resetplan lock show FILE`") || strings.Join(strings.Fields(got), " ") != sentence {
		t.Errorf("got\n%s", got)
	}
	if got := view.Wrap("name `open is never closed and goes on and on", "", 20); !strings.Contains(got, "never\n") {
		t.Errorf("got\n%s", got)
	}
}
