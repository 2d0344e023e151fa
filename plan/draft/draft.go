// Package draft writes plans: a Draft is a document that the program makes of
// what it has read, and Snapshot makes one that restores the present positions.
//
// The invariant: a draft round-trips, whatever characters its names contain, and
// passes the same checks as a document that a person wrote. A position that no plan
// could restore is listed, never dropped silently. The package changes nothing on a
// service.
package draft

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/plan/check"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// A Draft is a plan that the program writes for people to review, keep and apply.
// Its text is sorted and valid. Names and messages are escaped so that they
// round-trip and cannot inject terminal control sequences.
type Draft struct {
	Head        []string // comment lines at the top
	Name        string
	Description string
	Labels      map[string]string
	// Providers are those of the steps. Only those that a step uses are written, and of
	// the operator's connections only their names.
	Providers []schema.Provider
	Guards    schema.Guards // for all steps
	Steps     []Step
}

// A Step is one step of a Draft. Of its Step, only the target, `to` (offsets,
// checkpoints or a single word), the guards and idle.wait are written.
type Step struct {
	schema.Step
	Comment []string
}

// A Placed is one part with its position in a draft.
type Placed struct {
	Part providers.Part
	At   providers.Position
}

// Place adds the steps that move parts of one target to exact positions, one step
// per topic. keys is the target as a document writes it; ids start with the id of
// the step.
func (d *Draft) Place(step schema.Step, keys map[string]any, parts []Placed, comment []string) {
	byTopic := map[string][]Placed{}
	for _, p := range parts {
		byTopic[p.Part.Topic] = append(byTopic[p.Part.Topic], p)
	}
	for _, topic := range slices.Sorted(maps.Keys(byTopic)) {
		s := Step{Step: step, Comment: comment}
		s.Target = maps.Clone(keys)
		name := step.ID
		if len(byTopic) > 1 {
			name += "-" + topic
		}
		s.ID = d.NewID(name)
		s.To = placing(byTopic[topic])
		if s.To.Form == schema.ToOffsets {
			delete(s.Target, "topics")
			s.Target["topic"] = topic
		}
		d.Steps, comment = append(d.Steps, s), nil
	}
}

// placing returns a `to` that names each part's position. The parts belong to one
// topic and have the same kind of position.
func placing(parts []Placed) schema.To {
	to := schema.To{Form: schema.ToOffsets, Offsets: map[string]map[int]int64{"": {}}}
	for _, p := range parts {
		if c, ok := p.At.Cursor(); ok {
			if to.Form = schema.ToCheckpoints; to.Checkpoints == nil {
				to.Checkpoints, to.Offsets = map[int]string{}, nil
			}
			to.Checkpoints[p.Part.Number] = c
			continue
		}
		n, _ := p.At.Offset()
		to.Offsets[""][p.Part.Number] = n
	}
	return to
}

// Narrow limits the steps from the first one on to the partitions that they move,
// so that they do not select other partitions of their topic.
func (d *Draft) Narrow(first int) {
	for _, s := range d.Steps[first:] {
		if s.To.Form == schema.ToOffsets {
			s.Target["partitions"] = numbers(slices.Sorted(maps.Keys(s.To.Offsets[""])))
		}
	}
}

// numbers converts numbers to a JSON list.
func numbers(ns []int) []any {
	out := make([]any, len(ns))
	for i, n := range ns {
		out[i] = n
	}
	return out
}

// NewID derives a unique step id from a text.
func (d *Draft) NewID(text string) string {
	const most = maxNameLength
	stem := Slug(text)
	for n := 1; ; n++ {
		id, tail := stem, ""
		if n > 1 {
			tail = "-" + strconv.Itoa(n)
		}
		id = strings.TrimRight(id[:min(len(id), most-len(tail))], "-") + tail
		if !slices.ContainsFunc(d.Steps, func(s Step) bool { return s.ID == id }) {
			return id
		}
	}
}

// maxNameLength is the longest valid name of a plan or step.
const maxNameLength = 63

// Slug turns a text into a valid name of a plan or step.
func Slug(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	out := strings.Join(words, "-")
	if out == "" {
		return "step"
	}
	return strings.TrimRight(out[:min(len(out), maxNameLength)], "-")
}

// Parse reads the draft back as a document, under a name for messages, and checks
// it like any other document. The error is diag.Errors.
func (d *Draft) Parse(name string, all []providers.Provider) (*schema.Document, error) {
	shared := slices.DeleteFunc(slices.Clone(d.Providers), func(p schema.Provider) bool { return !p.Shared })
	doc, errs := schema.Read(name, d.YAML(), nil, shared)
	if len(errs) == 0 {
		errs = check.Document(doc, all)
	}
	if len(errs) > 0 {
		return nil, errs
	}
	for i := range doc.Providers {
		own := &doc.Providers[i]
		own.Operator = slices.ContainsFunc(d.Providers, func(p schema.Provider) bool { return p.Name == own.Name && p.Operator })
	}
	return doc, nil
}
