package view

import (
	"bytes"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/providers"
)

func TestDiagnosis(t *testing.T) {
	gone := int64(95)
	at := func(n int, kind plan.Ailment, low, now, high, heal int64) plan.Finding {
		f := plan.Finding{Kind: kind, Part: providers.Part{Topic: "orders", Number: n}, Low: providers.AtOffset(low), Committed: providers.AtOffset(now), High: providers.AtOffset(high)}
		if heal >= 0 {
			f.Heal = providers.AtOffset(heal)
		}
		if kind == plan.BelowLow {
			f.Gone = &gone
		}
		return f
	}
	var many []plan.Finding
	for n := range 20 {
		many = append(many, at(n, plan.BelowLow, 100, int64(5), 500, 100))
	}
	soon := at(3, plan.NearLow, 100, 120, 500, -1)
	soon.Why = "its next record is of 2026-11-20T03:00:00Z, and its log keeps 72h: it may be deleted in 2h"
	d := &plan.Diagnosis{Name: "p", Targets: 5000, Partitions: 15000, Unread: 1, Skipped: 2, Healable: 21,
		Found: map[plan.Ailment]int{plan.BelowLow: 20, plan.BeyondHigh: 1, plan.NearLow: 1, plan.NoCommit: 1},
		Patients: []plan.Patient{
			{ID: "all-kafka[many]", Address: "kafka:b:9092/many/*", Activity: "idle", Findings: many},
			{ID: "all-kafka[few]", Address: "kafka:b:9092/few/*", Activity: "active", Findings: []plan.Finding{at(0, plan.BeyondHigh, 0, 501, 500, 500), soon}},
			{ID: "all-kafka[\x1b[31m\u202e]", Address: "kafka:b:9092/\x1b[31m/*", Activity: "idle", Findings: []plan.Finding{{Kind: plan.NoCommit}}},
			{ID: "all-kafka[denied]", Address: "kafka:b:9092/denied/*", Activity: "unknown", Error: "kafka: read offsets of group denied: GROUP_AUTHORIZATION_FAILED"},
		}}
	var out bytes.Buffer
	if err := Diagnosis(&out, d, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "a-diagnosis.golden", out.String())
	out.Reset()
	if err := Diagnosis(&out, &plan.Diagnosis{Healthy: true, Targets: 3, Partitions: 9}, Options{}); err != nil || out.String() != "Doctor: 3 targets with 9 partitions looked at. All is well.\n" {
		t.Errorf("%v %q", err, &out)
	}
}
