package diag

import (
	"fmt"

	safe "github.com/resetplan/resetplan/plan/text"
)

// MostShown is the maximum number of errors of one file that are shown.
const MostShown = 100

// MostCollected is the maximum number of errors of one kind that are collected, in
// the order of the document; the rest is only counted.
const MostCollected = 500

// Report sorts errors, drops repetitions and hidden lines, and ends a list that
// grows too long with the number of those left out.
func (es Errors) Report() Errors {
	es.Sort()
	hidden := es.hiddenLines()
	var out Errors
	more := 0
	seen := map[string]bool{}
	for _, e := range es {
		more += e.Omitted
		e.Omitted = 0
		if e.total || e.Follows || e.Reason == "" {
			continue
		}
		if hidden[place{e.File, e.Line}] {
			e.Source = ""
		}
		if key := e.Error(); !seen[key] {
			seen[key] = true
			out = append(out, e)
		}
	}
	if over := len(out) - MostShown; over > 0 {
		more, out = more+over, out[:MostShown]
	}
	if more > 0 {
		last := Error{Reason: fmt.Sprintf("and %d more %s", more, safe.Noun(int64(more), "error")), Remedy: "fix these first", Omitted: more, total: true}
		if len(out) > 0 {
			last.File = out[0].File
		}
		out = append(out, last)
	}
	return out
}

// place is a line of a file.
type place struct {
	file string
	line int
}

// hiddenLines returns the lines that hold a secret.
func (es Errors) hiddenLines() map[place]bool {
	out := map[place]bool{}
	for _, e := range es {
		if e.Secret {
			out[place{e.File, e.Line}] = true
		}
	}
	return out
}
