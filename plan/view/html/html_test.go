package html

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/plan/view"
	"github.com/resetplan/resetplan/plan/view/viewtest"
	"github.com/resetplan/resetplan/providers"
)

func render(t testing.TB, p *plan.Plan, o view.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Plan(&out, p, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func renderStatus(t testing.TB, s *reconcile.Status) string {
	t.Helper()
	var out bytes.Buffer
	if err := Status(&out, s, view.Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	styles      = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`)
)

// dataOf reads a page's data back.
func dataOf(t testing.TB, page string) data {
	t.Helper()
	found := dataElement.FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("the page has %d elements of data", len(found))
	}
	var d data
	if err := json.Unmarshal([]byte(found[0][1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The golden files are the page without its style and its script, and with the
// data indented.
func TestLooks(t *testing.T) {
	for name, page := range map[string]string{
		"plan.html": render(t, everything(), reviewed), "status.html": renderStatus(t, everyOutcome()),
		"status-of-an-unknown-run.html": renderStatus(t, &reconcile.Status{Name: "orders-replay", Run: "2026-11-21"}),
	} {
		t.Run(name, func(t *testing.T) {
			brief := styles.ReplaceAllString(page, "<$1>…</$1>")
			brief = regexp.MustCompile(`sha256-([^&]|&#43;)*`).ReplaceAllString(brief, "sha256-…")
			var lines bytes.Buffer
			if err := json.Indent(&lines, []byte(dataElement.FindStringSubmatch(brief)[1]), "", " "); err != nil {
				t.Fatal(err)
			}
			viewtest.Golden(t, name, dataElement.ReplaceAllLiteralString(brief, lines.String()))
		})
	}
}

func TestForeignTextIsShownAsText(t *testing.T) {
	for name, page := range map[string]string{"plan": render(t, everything(), view.Options{}), "status": renderStatus(t, everyOutcome())} {
		if n := strings.Count(page, "<script"); n != 2 {
			t.Errorf("%s: %d scripts start", name, n)
		}
		if i := strings.IndexFunc(page, func(r rune) bool { return r != '\n' && text.Hidden(r) }); i >= 0 {
			t.Errorf("%s: %q is left", name, page[i:i+8])
		}
		for _, bad := range []string{"<img", " onerror=alert(2)>", "style=", "onclick=", "javascript:"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: it contains %s", name, bad)
			}
		}
	}
}

func TestPolicyNamesStyleAndScript(t *testing.T) {
	page := render(t, everything(), view.Options{})
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
	policy = strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)[1]
	script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(page)[1]
	for _, want := range []string{"default-src 'none'; ", "style-src '" + digest([]byte(style)) + "'", "script-src '" + digest([]byte(script)) + "'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %s, without %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %s", policy)
	}
}

func TestBarShowsOnlyReportedPositions(t *testing.T) {
	for name, c := range map[string]struct {
		part plan.Part
		want any
	}{
		"nothing is known": {plan.Part{After: providers.At(providers.Default)}, "the service does not report the log's range"},
		"the high end is unknown": {
			plan.Part{Low: viewtest.At(0), Before: viewtest.At(3), After: viewtest.At(2)},
			"the service does not report the log's range",
		},
		"the log is empty": {plan.Part{Low: viewtest.At(7), High: viewtest.At(7), Before: viewtest.At(7), After: viewtest.At(7)}, "the log is empty"},
		"the ends are of different kinds": {
			plan.Part{Low: viewtest.At(0), High: cursor(viewtest.At(7)), Before: viewtest.At(3), After: viewtest.At(2)},
			"the service does not report the log's range",
		},
		"the ends are swapped": {
			plan.Part{Low: viewtest.At(9), High: viewtest.At(7), Before: viewtest.At(3), After: viewtest.At(2)},
			"the log's end is before its start",
		},
		"the target is unknown": {
			plan.Part{Low: viewtest.At(0), High: viewtest.At(4), Before: viewtest.At(3), After: providers.At(providers.Default)},
			[]any{750.0, nil},
		},
		"no commit": {
			plan.Part{Low: viewtest.At(0), High: viewtest.At(4), Before: providers.At(providers.Unset), After: viewtest.At(1)},
			[]any{nil, 250.0},
		},
		"a commit is before the log": {
			plan.Part{Low: viewtest.At(10), High: viewtest.At(14), Before: viewtest.At(3), After: viewtest.At(10)},
			[]any{-1.0, 0.0},
		},
		"a commit is after the log": {
			plan.Part{Low: viewtest.At(10), High: viewtest.At(14), Before: viewtest.At(15), After: viewtest.At(14)},
			[]any{1001.0, 1000.0},
		},
		"the target is an estimate": {
			plan.Part{Low: viewtest.At(0), High: viewtest.At(4), Before: viewtest.At(3), After: providers.AtTime(time.Unix(1, 0)), Lands: viewtest.At(2)},
			[]any{750.0, 500.0},
		},
		"the offsets are beyond 2^53": {
			viewtest.Moved("t", 0, math.MaxInt64-4, math.MaxInt64-1, math.MaxInt64-3, math.MaxInt64),
			[]any{750.0, 250.0},
		},
		"cursors are positions in a log": {shard(0, 1447299010000000000, 3, 1, 4), []any{750.0, 250.0}},
		"cursors without an order": {
			plan.Part{Low: providers.AtCursor("%"), High: providers.AtCursor("!")},
			"the service does not report the log's range",
		},
		"the boundaries are words": {
			plan.Part{Low: providers.At(providers.Earliest), High: providers.At(providers.Latest)},
			"the service does not report the log's range",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := dataOf(t, render(t, viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, c.part)), view.Options{}))
			if got := d.Steps[0].Rows[0].Parts[0][2]; fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("the bar is %v, not %v", got, c.want)
			}
		})
	}
}

func TestWideShowsCursorsAndTheirPlaceInTheLog(t *testing.T) {
	one := shard(0, 1447299010000000000, 3, 1, 4)
	d := dataOf(t, render(t, viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, one)), view.Options{Wide: true}))
	row := d.Steps[0].Rows[0].Parts[0]
	if got := fmt.Sprint(row[2]); got != "[750 250]" {
		t.Errorf("the bar is %s", got)
	}
	if got := fmt.Sprint(row[1]); !strings.Contains(got, one.Before.String()) {
		t.Errorf("%s is not shown: %s", one.Before, got)
	}
}

func TestOffsetsKeepAllTheirDigits(t *testing.T) {
	moved := viewtest.Moved("t", 0, 1, math.MaxInt64-1, math.MaxInt64-3, math.MaxInt64)
	d := dataOf(t, render(t, viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, moved)), view.Options{}))
	want := "[replay up to 2 9,223,372,036,854,775,806 9,223,372,036,854,775,804 1 → 3 1 9,223,372,036,854,775,807]"
	if got := fmt.Sprint(d.Steps[0].Rows[0].Parts[0][1]); got != want {
		t.Errorf("got %s", got)
	}
}

func TestRowsAreFoldedAsInTheTable(t *testing.T) {
	p := viewtest.Plan(plan.Summary{}, viewtest.Step("a", plan.Reset, viewtest.Many()...))
	for _, o := range []view.Options{{}, {Wide: true}} {
		want := len(view.Fold(view.PlanParts(viewtest.Many(), o), o))
		if got := len(dataOf(t, render(t, p, o)).Steps[0].Rows); got != want || o.Wide && got != 24 {
			t.Errorf("wide: %v: %d rows, want %d", o.Wide, got, want)
		}
	}
}

// crowd is a plan of so many steps with so many partitions each.
func crowd(steps, parts int) *plan.Plan {
	p := viewtest.Plan(plan.Summary{Reset: steps, Partitions: steps * parts, Replay: int64(steps*parts) * 400_000, Bound: plan.BoundUpper})
	for i := range steps {
		s := viewtest.Step(fmt.Sprintf("rewind-orders[billing-%05d]", i), plan.Reset)
		s.Address = fmt.Sprintf("kafka:broker-1.example:9092/billing-%05d/orders", i)
		for n := range parts {
			low := 8_100_000_000 + int64(n)*977
			s.Parts = append(s.Parts, viewtest.Moved("orders", n, low, low+1_200_000+int64(n*7), low+800_000, low+1_500_000))
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// lossy is a crowd that moves forward, with known times.
func lossy(steps, parts int) *plan.Plan {
	p := crowd(steps, parts)
	for i := range p.Steps {
		s := &p.Steps[i]
		at := p.CreatedAt.Add(-time.Duration(i+2) * time.Minute)
		s.At, s.Impact = &at, &plan.Impact{Oldest: new(at.Add(time.Minute)), LogStart: new(at.Add(-time.Hour)), Retention: viewtest.Number(86400)}
		for n, part := range s.Parts {
			low, _ := part.Low.Offset()
			s.Parts[n] = viewtest.Moved("orders", n, low, low+1, low+800_000+int64(i), low+1_500_000)
		}
	}
	return p
}

func TestPageOfTwentyThousandPartitionsIsSmall(t *testing.T) {
	offsets := crowd(1, 20_000)
	for i := range offsets.Steps[0].Parts {
		low := math.MaxInt64 - int64(30_000+i)
		offsets.Steps[0].Parts[i] = viewtest.Moved("orders-of-the-whole-company", i, low, math.MaxInt64-10_000, math.MaxInt64-20_000, math.MaxInt64)
	}
	for name, p := range map[string]*plan.Plan{
		"with times and losses in one step each": lossy(20_000, 1), "with times and losses in 2,000 steps": lossy(2000, 10),
		"in one step": crowd(1, 20_000), "in 40 steps": crowd(40, 500), "in 2,000 steps": crowd(2000, 10),
		"in one step each": crowd(20_000, 1), "with offsets of 19 digits": offsets,
	} {
		if n := len(render(t, p, view.Options{})); n > 5_000_000 {
			t.Errorf("%s: %d bytes", name, n)
		} else {
			t.Logf("%s: %d bytes", name, n)
		}
	}
}
