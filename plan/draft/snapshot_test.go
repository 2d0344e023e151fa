package draft

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/plantest"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

func TestSnapshotReportsPartitionsItCannotRestore(t *testing.T) {
	r := plantest.New(t)
	r.Service.Commit("b", plantest.Orders(1), 99, nil)
	s, err := Snapshot(t.Context(), r.Open("s a 1\nt b 1"), nil)
	if err != nil || len(s.Steps) != 2 || len(s.Left) != 1 {
		t.Fatalf("%+v %v", s, err)
	}
	if want := "step t: orders/1 cannot be restored: the commit at offset:99 is outside the log, which starts at offset:0 and ends at offset:6. Nearest: offset:6; `resetplan " +
		"doctor` finds such commits."; s.Left[0].String() != want {
		t.Errorf("%s", s.Left[0])
	}
	text := string(s.YAML())
	for _, want := range []string{"offsets: {0: 4, 1: 4}", "offsets: {0: 4}\n", "maxSkip: unlimited", "# Not restored: step t: orders/1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestSnapshotOfAServiceResetByTimeNamesTheNearestTime(t *testing.T) {
	r := plantest.New(t)
	r.Caps.Notes["undo"] = providers.Note{Fact: "it accepts a time, not an offset"}
	reader := r.OpenByTime("s a 1")
	s, err := Snapshot(t.Context(), reader, nil)
	var refused *plan.Refusal
	if !errors.As(err, &refused) || len(s.Steps) > 0 {
		t.Fatalf("%+v %v", s, err)
	}
	if got := s.Left[0].Why; !strings.Contains(got, "cannot restore positions exactly. Nearest: to: {timestamp: 2026-11-20T00:00:00Z}, up to "+
		"which every part had been read. It accepts a time") {
		t.Error(got)
	}
}

// TestDraftRoundTrips writes names that a YAML parser could misread.
func TestDraftRoundTrips(t *testing.T) {
	for _, name := range []string{"plain", "with space", "true", "~", "- x", "a: b", "#c", `q"\'`, "line\nbreak", "\x1b\u202e", "${x}", "$${x}",
		"10", "2026-01-01", "日本語", "!tag", "&a", "{a}", "|", "\u2028", "😀"} {
		d := &Draft{Name: "p", Head: []string{name + "\nsteps: []"}, Description: "${no} " + name, Labels: map[string]string{"k": name},
			Providers: []schema.Provider{{Name: "k", Type: "kafka",
				Config: map[string]any{"bootstrapServers": []any{"b:1"}, "tls": map[string]any{"caFile": name}}}}}
		d.Place(schema.Step{ID: name, Provider: "k"}, map[string]any{"group": name}, []Placed{{plantest.Orders(3), providers.AtOffset(1)}},
			[]string{name})
		doc, errs := schema.Parse("d", d.YAML(), nil)
		if len(errs) > 0 {
			t.Errorf("%q: %v\n%s", name, errs, d.YAML())
			continue
		}
		tls, _ := doc.Providers[0].Config["tls"].(map[string]any)
		if doc.Steps[0].Target["group"] != name || doc.Labels["k"] != name || tls["caFile"] != name || doc.Description != "${no} "+name ||
			doc.Steps[0].To.Offsets[""][3] != 1 {
			t.Errorf("%q is read back as %+v", name, doc)
		}
		if strings.ContainsAny(string(d.YAML()), "\x1b\u202e\u2028") {
			t.Errorf("%q contains a terminal control character", name)
		}
	}
}

func TestDraftStepIDsAreUnique(t *testing.T) {
	d := &Draft{}
	long := strings.Repeat("x", 80)
	for _, name := range []string{"A b", "a/b", "日本語", long, long} {
		d.Steps = append(d.Steps, Step{Step: schema.Step{ID: d.NewID(name)}})
	}
	var got []string
	for _, s := range d.Steps {
		got = append(got, s.ID)
	}
	if want := []string{"a-b", "a-b-2", "step", long[:63], long[:61] + "-2"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
