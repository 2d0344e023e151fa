package view

import (
	"bytes"
	"testing"

	"github.com/resetplan/resetplan/plan/doctor"
	"github.com/resetplan/resetplan/providers"
)

func TestDiagnosis(t *testing.T) {
	gone := int64(95)
	at := func(n int, kind doctor.Ailment, low, now, high, heal int64) doctor.Finding {
		f := doctor.Finding{Kind: kind, Part: providers.Part{Topic: "orders", Number: n}, Low: providers.AtOffset(low), Committed: providers.AtOffset(now), High: providers.AtOffset(high)}
		if heal >= 0 {
			f.Heal = providers.AtOffset(heal)
		}
		if kind == doctor.BelowLow {
			f.Gone = &gone
		}
		return f
	}
	var many []doctor.Finding
	for n := range 20 {
		many = append(many, at(n, doctor.BelowLow, 100, int64(5), 500, 100))
	}
	soon := at(3, doctor.NearLow, 100, 120, 500, -1)
	soon.Why = "its next record is of 2026-11-20T03:00:00Z, and its log keeps 72h: it may be deleted in 2h"
	d := &doctor.Diagnosis{Name: "p", Targets: 5000, Partitions: 15000, Unread: 1, Skipped: 2, Healable: 21,
		Found: map[doctor.Ailment]int{doctor.BelowLow: 20, doctor.BeyondHigh: 1, doctor.NearLow: 1, doctor.NoCommit: 1},
		Patients: []doctor.Patient{
			{ID: "all-kafka[many]", Address: "kafka:b:9092/many/*", Activity: "idle", Findings: many},
			{ID: "all-kafka[few]", Address: "kafka:b:9092/few/*", Activity: "active", Findings: []doctor.Finding{at(0, doctor.BeyondHigh, 0, 501, 500, 500), soon}},
			{ID: "all-kafka[\x1b[31m\u202e]", Address: "kafka:b:9092/\x1b[31m/*", Activity: "idle", Findings: []doctor.Finding{{Kind: doctor.NoCommit}}},
			{ID: "all-kafka[denied]", Address: "kafka:b:9092/denied/*", Activity: "unknown", Error: "kafka: read offsets of group denied: GROUP_AUTHORIZATION_FAILED"},
		}}
	var out bytes.Buffer
	if err := Diagnosis(&out, d, Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "a-diagnosis.golden", out.String())
	out.Reset()
	if err := Diagnosis(&out, &doctor.Diagnosis{Healthy: true, Targets: 3, Partitions: 9}, Options{}); err != nil || out.String() != "Doctor: 3 targets with 9 partitions looked at. All is well.\n" {
		t.Errorf("%v %q", err, &out)
	}
}
