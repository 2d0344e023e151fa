package view

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
	"github.com/resetplan/resetplan/plan/lock"
	"github.com/resetplan/resetplan/plan/reconcile"
	"github.com/resetplan/resetplan/providers"
)

// injection is a name that would break out of a page, a script, an attribute
// and a table, and speaks several languages.
const injection = "</script><script>alert(1)</script><img src=x onerror=alert(2)>|`\"'&amp;{{.}}\u2028\u2029\u202e\n<!-- 日本 עברית 🦊 -->"

// everything is a plan with one of each thing that the page can show.
func everything() *plan.Plan {
	blocked := stepOf("forward-payments", plan.Blocked, moved("payments", 0, 0, 300, 400, 500), moved("payments", 1, 1000, 20, 1000, 5000))
	blocked.Why = "it skips up to 100 records, which would never be delivered; guards.maxSkip allows 0. Write the number that may be lost, or unlimited."
	blocked.Warnings = []string{"payments/1 is committed at 20, but retention has removed everything before 1000."}
	oldest := time.Date(2026, 11, 18, 0, 0, 3, 0, time.UTC)
	rate := 1200.0
	rewind := stepOf("rewind-orders", plan.Reset, many()...)
	rewind.Impact = &plan.Impact{Bytes: num(1_288_490_188), Oldest: &oldest, Rate: &rate, CatchUp: num(912), Race: "retention removes the last of it 41 hours after they have read it"}
	shards := stepOf("reindex-access-log", plan.Reset, shard(0, 1447299010000000000, 900, 400, 1000), shard(1, 1447299020000000000, 700, 700, 700))
	shards.Address, shards.Type = "aliyun-sls:cn-hangzhou/sandbox/access-log/access-log-etl", "aliyun-sls"
	whole := stepOf("rerun-pipeline", plan.Reset, plan.Part{After: providers.At(providers.Default), Effect: plan.EffectUnknown})
	whole.Address, whole.To, whole.Activity = "enos-pipeline:127.0.0.1/o15sandbox/sandbox-pipeline", "default", "unknown"
	evil := stepOf("all["+injection+"]", plan.Reset, moved(injection, 0, 0, 3, 2, 5))
	evil.Address, evil.To, evil.Why, evil.Warnings = injection, injection, injection, []string{injection}
	evil.Parts[0].Note = injection
	keep, done := stepOf("keep-audit", plan.Keep, moved("audit", 0, 0, 100, 100, 500), moved("audit", 1, 7, 7, 7, 7)), stepOf("done-audit", plan.Done)
	keep.Why, done.Why = "it stands there already", "this run has done it: verified at 2026-11-20T03:00:05.000Z"
	p := planOf(plan.Summary{Reset: 5, Keep: 1, Done: 1, Blocked: 1, Partitions: 40, Replay: 48003932, Skip: 14, Unknown: 1, Bound: plan.BoundUpper},
		rewind, stepOf("rewind-ledger", plan.Reset, vast("ledger", math.MaxInt64-10_000_000)...), blocked, shards, whole, evil, keep, done)
	p.Params = map[string]any{"since": "2026-11-18T00:00:00Z", "evil": injection}
	return p
}

func shard(n int, low, before, after, high int64) plan.Part {
	p := moved("shard", n, low, low+before, low+after, low+high)
	for _, at := range []*providers.Position{&p.Low, &p.High, &p.Before, &p.After} {
		*at = cursor(*at)
	}
	return p
}

// cursor is the cursor of Log Service for an offset.
func cursor(p providers.Position) providers.Position {
	n, _ := p.Offset()
	text, _ := json.Marshal([]byte(fmt.Sprint(n)))
	return providers.AtCursor(strings.Trim(string(text), `"`))
}

func aStatus() *reconcile.Status {
	t0 := time.Date(2026, 11, 20, 3, 0, 5, 0, time.UTC)
	read := func(n int) []reconcile.StatusPart {
		parts := drifted(n)
		for i := range parts {
			if i != 1 { // which is gone
				parts[i].Low = at(10)
			}
		}
		return parts
	}
	back := read(1)
	back[0].Now, back[0].Moved, back[0].Lag, back[0].Drift = at(40), num(-60), num(460), "moved back by 60"
	unread := read(1)
	unread[0].Seen = providers.Position{}
	return &reconcile.Status{Name: "orders-replay", Run: "once", Outcome: lock.RunApplied, By: "alice@build-7" + injection, Started: &t0, Finished: &t0, Drifted: true, Steps: []reconcile.StatusStep{
		{ID: "rewind-orders", Address: "kafka:broker:9092/orders-billing/orders", Outcome: lock.Verified, At: t0, Activity: "active", Parts: read(3)},
		{ID: "rewind-many", Address: "kafka:broker:9092/orders-billing/many", Outcome: lock.Verified, At: t0, Activity: "idle", Parts: read(40)},
		{ID: "rewind-back", Address: "kafka:broker:9092/orders-billing/back", Outcome: lock.Overwritten, At: t0, Activity: "idle", Why: "somebody else committed", Parts: back},
		{ID: "rewind-late", Address: "huawei-rocketmq:cn-north-4/i/g/t", Outcome: lock.Applied, At: t0, Activity: "active", Parts: unread},
		{ID: "rewind-gone", Address: "kafka:broker:9092/gone/" + injection, Outcome: lock.Verified, At: t0, Activity: "unknown", Error: "kafka: read groups: " + injection, Parts: []reconcile.StatusPart{}},
	}}
}

func render(t testing.TB, p *plan.Plan, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := HTML(&out, p, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func renderStatus(t testing.TB, s *reconcile.Status) string {
	t.Helper()
	var out bytes.Buffer
	if err := StatusHTML(&out, s, Options{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)
	styles      = regexp.MustCompile(`(?s)<(style|script)>.*?</(style|script)>`)
)

// dataOf reads a page's data back.
func dataOf(t testing.TB, page string) pageData {
	t.Helper()
	found := dataElement.FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("the page has %d elements of data", len(found))
	}
	var d pageData
	if err := json.Unmarshal([]byte(found[0][1]), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// The golden files hold the page without its style and its script, and the
// data in lines.
func TestHTMLLooks(t *testing.T) {
	for name, page := range map[string]string{
		"a-plan-as-a-page": render(t, everything(), Options{}), "a-status-as-a-page": renderStatus(t, aStatus()),
		"a-run-that-is-not-there-as-a-page": renderStatus(t, &reconcile.Status{Name: "orders-replay", Run: "2026-11-21"}),
	} {
		t.Run(name, func(t *testing.T) {
			text := styles.ReplaceAllString(page, "<$1>…</$1>")
			text = regexp.MustCompile(`sha256-[^&]*`).ReplaceAllString(text, "sha256-…")
			var lines bytes.Buffer
			if err := json.Indent(&lines, []byte(dataElement.FindStringSubmatch(text)[1]), "", " "); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".golden", dataElement.ReplaceAllLiteralString(text, lines.String()))
		})
	}
}

func TestHTMLShowsForeignTextAsText(t *testing.T) {
	for name, page := range map[string]string{"plan": render(t, everything(), Options{}), "status": renderStatus(t, aStatus())} {
		if n := strings.Count(page, "<script"); n != 2 {
			t.Errorf("%s: %d scripts begin", name, n)
		}
		if i := strings.IndexFunc(page, func(r rune) bool { return r != '\n' && harmful(r) }); i >= 0 {
			t.Errorf("%s: %q is left", name, page[i:i+8])
		}
		for _, bad := range []string{"<img", " onerror=alert(2)>", "style=", "onclick=", "javascript:"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: it contains %s", name, bad)
			}
		}
	}
}

func TestHTMLNamesAllThatItMayRun(t *testing.T) {
	page := render(t, everything(), Options{})
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
	policy = strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(page)[1]
	script := regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindStringSubmatch(page)[1]
	for _, want := range []string{"default-src 'none'; ", "style-src '" + digested([]byte(style)) + "'", "script-src '" + digested([]byte(script)) + "'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy is %s, without %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy is %s", policy)
	}
}

func TestHTMLInventsNoBar(t *testing.T) {
	for name, c := range map[string]struct {
		part plan.Part
		want any
	}{
		"nothing is known":              {plan.Part{After: providers.At(providers.Default)}, "the service does not tell its log"},
		"no end is known":               {plan.Part{Low: at(0), Before: at(3), After: at(2)}, "the service does not tell its log"},
		"the log is empty":              {plan.Part{Low: at(7), High: at(7), Before: at(7), After: at(7)}, "the log is empty"},
		"the ends are of another kind":  {plan.Part{Low: at(0), High: cursor(at(7)), Before: at(3), After: at(2)}, "the service does not tell its log"},
		"the ends are the wrong way":    {plan.Part{Low: at(9), High: at(7), Before: at(3), After: at(2)}, "its end lies before its begin"},
		"the target is not known":       {plan.Part{Low: at(0), High: at(4), Before: at(3), After: providers.At(providers.Default)}, []any{750.0, nil}},
		"nothing was committed":         {plan.Part{Low: at(0), High: at(4), Before: providers.At(providers.Unset), After: at(1)}, []any{nil, 250.0}},
		"a commit lies before the log":  {plan.Part{Low: at(10), High: at(14), Before: at(3), After: at(10)}, []any{-1.0, 0.0}},
		"a commit lies after the log":   {plan.Part{Low: at(10), High: at(14), Before: at(15), After: at(14)}, []any{1001.0, 1000.0}},
		"the target is where it lands":  {plan.Part{Low: at(0), High: at(4), Before: at(3), After: providers.AtTime(time.Unix(1, 0)), Lands: at(2)}, []any{750.0, 500.0}},
		"the offsets are beyond 2^53":   {plan.Part{Low: at(math.MaxInt64 - 4), High: at(math.MaxInt64), Before: at(math.MaxInt64 - 1), After: at(math.MaxInt64 - 3)}, []any{750.0, 250.0}},
		"cursors are places of a log":   {shard(0, 1447299010000000000, 3, 1, 4), []any{750.0, 250.0}},
		"cursors without an order":      {plan.Part{Low: providers.AtCursor("%"), High: providers.AtCursor("!")}, "the service does not tell its log"},
		"the boundaries stand as words": {plan.Part{Low: providers.At(providers.Earliest), High: providers.At(providers.Latest)}, "the service does not tell its log"},
	} {
		t.Run(name, func(t *testing.T) {
			d := dataOf(t, render(t, planOf(plan.Summary{}, stepOf("a", plan.Reset, c.part)), Options{}))
			if got := d.Steps[0].Rows[0].Parts[0][2]; fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("the bar is %v, not %v", got, c.want)
			}
		})
	}
}

func TestHTMLKeepsOffsetsAsTheyAre(t *testing.T) {
	d := dataOf(t, render(t, planOf(plan.Summary{}, stepOf("a", plan.Reset, moved("t", 0, 1, math.MaxInt64-1, math.MaxInt64-3, math.MaxInt64))), Options{}))
	want := "[replay up to 2 9223372036854775806 9223372036854775804 1 → 3 1 9223372036854775807]"
	if got := fmt.Sprint(d.Steps[0].Rows[0].Parts[0][1]); got != want {
		t.Errorf("got %s", got)
	}
}

func TestHTMLFoldsAsTheTableDoes(t *testing.T) {
	p := planOf(plan.Summary{}, stepOf("a", plan.Reset, many()...))
	if folded, wide := len(dataOf(t, render(t, p, Options{})).Steps[0].Rows), len(dataOf(t, render(t, p, Options{Wide: true})).Steps[0].Rows); folded != len(foldsOf(many(), Options{})) || wide != 24 {
		t.Errorf("%d rows, and %d where it is wide", folded, wide)
	}
}

// steps of so many partitions in all.
func crowd(steps, parts int) *plan.Plan {
	p := planOf(plan.Summary{Reset: steps, Partitions: steps * parts, Replay: int64(steps*parts) * 400_000, Bound: plan.BoundUpper})
	for i := range steps {
		s := stepOf(fmt.Sprintf("rewind-orders[billing-%05d]", i), plan.Reset)
		s.Address = fmt.Sprintf("kafka:broker-1.example:9092/billing-%05d/orders", i)
		for n := range parts {
			low := 8_100_000_000 + int64(n)*977
			s.Parts = append(s.Parts, moved("orders", n, low, low+1_200_000+int64(n*7), low+800_000, low+1_500_000))
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func TestHTMLOfTwentyThousandPartitionsIsSmall(t *testing.T) {
	offsets := crowd(1, 20_000)
	for i := range offsets.Steps[0].Parts {
		offsets.Steps[0].Parts[i] = moved("orders-of-the-whole-company", i, math.MaxInt64-int64(30_000+i), math.MaxInt64-10_000, math.MaxInt64-20_000, math.MaxInt64)
	}
	for name, p := range map[string]*plan.Plan{"in one step": crowd(1, 20_000), "in 40 steps": crowd(40, 500), "in 2,000 steps": crowd(2000, 10), "in a step each": crowd(20_000, 1), "with offsets of 19 digits": offsets} {
		if n := len(render(t, p, Options{})); n > 5_000_000 {
			t.Errorf("%s: %d bytes", name, n)
		} else {
			t.Logf("%s: %d bytes", name, n)
		}
	}
}
