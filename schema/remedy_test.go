package schema_test

import (
	"fmt"
	"testing"

	"github.com/resetplan/resetplan/schema"
)

// TestReasonAndRemedyAreKeptApart writes values with a semicolon, which an error quotes.
func TestReasonAndRemedyAreKeptApart(t *testing.T) {
	const param = "version: 1\nname: p\nparams: {p: %s}\nproviders: {k: {type: kafka, bootstrapServers: [\"b:9092\"]}}\n" +
		"steps: [{id: s, provider: k, target: {group: g, topic: t}, to: latest}]\n"
	const target = "version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"b:9092\"]}}\n" +
		"steps: [{id: s, provider: k, target: {group: g, topic: t}, to: %s}]\n"
	for _, c := range []struct{ text, reason, remedy string }{
		{fmt.Sprintf(target, `{timestamp: "a; b"}`), `"a; b" is not a time`, "write 2026-11-18T00:00:00Z, epoch milliseconds, now or now-24h"},
		{fmt.Sprintf(target, `{timestamp: "2026-11-18T00:00:00", timezone: "a; b"}`), `"a; b" is not a time zone`,
			"write an IANA name such as Asia/Shanghai"},
		{fmt.Sprintf(param, `{type: duration, default: "a; b"}`), `the default does not match its declaration: invalid duration "a; b"`,
			"write for example 30s, 5m, 72h or 7d"},
		{fmt.Sprintf(param, `{type: string, pattern: "a; b", default: c}`), `the default does not match its declaration: "c" does not match the pattern a; b`,
			"correct the default or the declaration"},
		{fmt.Sprintf(param, `{type: string, enum: ["a; b"], default: c}`), `the default does not match its declaration: "c" is not one of a; b`,
			"correct the default or the declaration"},
		{fmt.Sprintf(param, `{type: timestamp, default: "2026-11-18T00:00:00"}`),
			`the default does not match its declaration: "2026-11-18T00:00:00" has no time zone and is ambiguous`, "write 2026-11-18T00:00:00Z"},
	} {
		_, errs := schema.Parse("p.yaml", []byte(c.text), nil)
		if len(errs) != 1 || errs[0].Reason != c.reason || errs[0].Remedy != c.remedy {
			t.Errorf("%s\ngot %q\nwant %q; %q", c.text, errs, c.reason, c.remedy)
		}
	}
}

// TestATimeWithoutItsKeyIsCorrectedOnlyIfItsMeaningIsKnown writes times as whole targets.
func TestATimeWithoutItsKeyIsCorrectedOnlyIfItsMeaningIsKnown(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-18 10:00":    "write to: {timestamp: 2026-11-18T10:00:00Z} for UTC, or to: {timestamp: 2026-11-18T10:00:00, timezone: Asia/Shanghai}",
		"2026-11-18T99:00:00": "write for example to: {timestamp: now-24h}",
		"now foo":             "write for example to: {timestamp: now-24h}",
		"now+3h":              "write to: {timestamp: now}",
		"time:soon":           "write for example to: {timestamp: now-24h}",
		"time:1763424000":     "write to: {timestamp: 1763424000000}",
		"time:yesterday":      "write to: {timestamp: now-24h}",
	} {
		_, errs := schema.Parse("p.yaml", fmt.Appendf(nil, "version: 1\nname: p\nproviders: {k: {type: kafka, bootstrapServers: [\"b:9092\"]}}\n"+
			"steps: [{id: s, provider: k, target: {group: g, topic: t}, to: %q}]\n", text), nil)
		if len(errs) != 1 || errs[0].Remedy != want {
			t.Errorf("%s: got %q, want %q", text, errs, want)
		}
	}
}
