package exchange

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/resetplan/resetplan/plan"
	"github.com/resetplan/resetplan/plan/draft"
	"github.com/resetplan/resetplan/plan/survey"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// Draft makes a plan from a file: a step for each group and topic. connection
// is the cluster of the groups; group is the group of the offsets if the file
// names none.
func (f *File) Draft(connection schema.Provider, name, group string) (*draft.Draft, error) {
	if !utf8.ValidString(group) {
		return nil, fmt.Errorf("the group %s is not UTF-8, and a plan would name another one: correct --group", quoted(group))
	}
	d := &draft.Draft{Name: name, Providers: []schema.Provider{connection}}
	for _, g := range groupsOf(f.Rows) {
		whose := g
		switch {
		case g == "" && group == "":
			return nil, fmt.Errorf("the file does not name the group: name it with --group")
		case g == "":
			whose = group
		case group != "" && g != group:
			return nil, fmt.Errorf("the file has offsets of group %s, but --group is %s: remove --group to import every group of the file",
				quoted(g), quoted(group))
		}
		var parts []draft.Placed
		for _, r := range f.Rows {
			if r.Group == g {
				parts = append(parts, draft.Placed{Part: providers.Part{Topic: r.Topic, Number: int(r.Partition)}, At: providers.AtOffset(r.Offset)})
			}
		}
		d.Place(schema.Step{ID: whose, Provider: connection.Name}, map[string]any{"group": whose}, parts, nil)
	}
	return d, nil
}

// Rows returns the target positions of a plan's selected steps or, with before,
// their positions before the plan. doc is the plan's document, nil if the plan
// was only printed. The notes list partitions without a row. The error is about
// a position that no row can express.
func Rows(p *plan.Plan, doc *schema.Document, selected survey.Steps, before bool) (rows []Row, notes []string, err error) {
	var ids []string
	for _, s := range p.Steps {
		ids = append(ids, s.ID)
	}
	if err := selected.Within(ids); err != nil {
		return nil, nil, err
	}
	for _, s := range p.Steps {
		if !selected.Include(s.ID) {
			continue
		}
		if s.Action == plan.Blocked {
			return nil, nil, &plan.Refusal{Reason: fmt.Sprintf("step %s is blocked: %s", s.ID, s.Why), Remedy: "choose other steps with --step"}
		}
		group, ok := groupOf(s, doc)
		if !ok {
			return nil, nil, fmt.Errorf("step %s: its consumer group is unknown: export a plan saved by `resetplan plan --out`", s.ID)
		}
		for _, part := range s.Parts {
			at := part.After
			if before {
				at = part.Before
			}
			n, isOffset := at.Offset()
			switch {
			case before && at.Kind() == providers.Unset:
				notes = append(notes, fmt.Sprintf("step %s: %s had no commit, which the format cannot express: remove the commit with "+
					"`kafka-consumer-groups --delete-offsets`", s.ID, part.Part))
				continue
			case !isOffset:
				return nil, nil, fmt.Errorf("step %s: %s is at %s, but the format can only express offsets: choose other steps with --step", s.ID,
					part.Part, at)
			case n < 0:
				return nil, nil, fmt.Errorf("step %s: %s is committed at %d, which is not a valid offset: choose other steps with --step", s.ID,
					part.Part, n)
			}
			rows = append(rows, Row{Group: group, Topic: part.Part.Topic, Partition: int32(part.Part.Number), Offset: n})
		}
	}
	return rows, notes, nil
}

// groupOf returns the consumer group of a step. Saved plans of earlier versions do
// not record it: it is then in the step's id if the step has several groups, or in
// the document.
func groupOf(s plan.Step, doc *schema.Document) (string, bool) {
	if s.Group != "" {
		return s.Group, true
	}
	stem, group, one := strings.Cut(s.ID, "[")
	if one {
		return strings.TrimSuffix(group, "]"), true
	}
	if doc == nil {
		return "", false
	}
	for _, step := range doc.Steps {
		if name, ok := step.Target["group"].(string); step.ID == stem && ok {
			return name, true
		}
	}
	return "", false
}
