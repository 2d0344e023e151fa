package exchange

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/resetplan/resetplan/providers/all"
	"github.com/resetplan/resetplan/schema"
)

// FuzzParse checks the invariant: rows that were read round-trip through every
// format that can express them and become a valid plan with the same positions;
// a file that is not read has errors with lines.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"orders,0,1\n", "g,orders,0,1\n", "\"a\"\"b\",orders,0,1", described, "orders 0 1", kclDescribed,
		`[{"topic": "t", "partition": 0, "offset": 1}]`, describedByKafka, "\ufefforders,0,1\n", "\xff\xfeo\x00r\x00",
		"[{\"topic\": 1}, {}] x", "${n},orders,0,1\n", "\"a\nb\",orders,0,1\n\"c\r\nd\",a.b,1,2\n",
		"\xff,orders,0,1\n", "\u2028\u200b\x85,orders,0,1\n", " ,orders,0,1\n", "GROUP *?[\nTOPIC PARTITION CURRENT-OFFSET\nt 0 1\n", "g,..,0,1\n",
		strings.Repeat("g", 300) + ",orders,0,1\n", "null,null,0,1\n", "g,on,0,9223372036854775807\nG,on,2147483647,0\n", "\x00,t,0,1",
		`{"groups": [{"group": "\u0000\ud800", "lag": [{"topic": "t", "partition": 0, "current_offset": 1}]}]}`} {
		for n := range Formats() {
			f.Add(n, []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, n int, raw []byte) {
		format := Formats()[((n%4)+4)%4]
		file, errs := Parse(format, "f", raw)
		if len(errs) > 0 {
			lines := 1 + strings.Count(string(raw), "\n")
			for _, one := range errs {
				if one.File != "f" || one.Line < 1 || one.Line > lines || one.Column < 1 || one.Reason == "" {
					t.Errorf("an error without a valid position in %d lines: %+v", lines, one)
				}
			}
			return
		}
		writtenAsRead(t, file.Rows)
		draftedAsRead(t, file)
	})
}

// writtenAsRead checks that rows round-trip through every format that can express
// them.
func writtenAsRead(t *testing.T, rows []Row) {
	t.Helper()
	for _, format := range Written() {
		text, err := Write(format, rows)
		if err != nil {
			continue // rows of several groups, which the format cannot express
		}
		want := slices.Clone(rows)
		if len(groupsOf(want)) == 1 {
			for i := range want {
				want[i].Group = ""
			}
		}
		again, errs := Parse(format, "f", []byte(text))
		if len(errs) > 0 || !slices.Equal(again.Rows, want) {
			t.Errorf("%s: %v %v of %q", format, again, errs, text)
		}
	}
}

// draftedAsRead checks that a file becomes a valid plan with the same positions.
func draftedAsRead(t *testing.T, file *File) {
	t.Helper()
	at := schema.Provider{Name: "kafka", Type: "kafka", Config: map[string]any{"bootstrapServers": []any{"b:1"}}}
	group := ""
	if slices.ContainsFunc(file.Rows, func(r Row) bool { return r.Group == "" }) {
		group = "given"
	}
	draft, err := file.Draft(at, "imported", group)
	if err != nil {
		return // some rows name their group, and some do not
	}
	doc, err := draft.Parse("imported.yaml", all.Providers())
	if err != nil {
		t.Fatalf("%+v becomes a plan that is not valid: %v\n%s", file.Rows, err, draft.YAML())
	}
	var got []Row
	for _, s := range doc.Steps {
		topic := fmt.Sprint(s.Target["topic"])
		for n, offset := range s.To.Offsets[""] {
			got = append(got, Row{Group: fmt.Sprint(s.Target["group"]), Topic: topic, Partition: int32(n), Offset: offset})
		}
	}
	want := slices.Clone(file.Rows)
	for i := range want {
		if want[i].Group == "" {
			want[i].Group = group
		}
	}
	slices.SortFunc(got, Row.compare)
	slices.SortFunc(want, Row.compare)
	if !slices.Equal(got, want) {
		t.Errorf("%+v becomes a plan with %+v\n%s", want, got, draft.YAML())
	}
}
