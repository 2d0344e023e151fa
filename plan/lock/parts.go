package lock

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/cores"
	"github.com/resetplan/resetplan/schema/diag"
)

// The parts of a recorded step are in Parts, or packed: as the lines that the lock has
// or will have of them. A lock keeps the positions of many runs, an apply needs those
// of one, so the lines of the others are copied from the old text into the new one and
// never parsed. The checksum covers them.

const (
	// blocksFrom is the number of parts from which a step is written in blocks. Smaller
	// steps have one line per part.
	blocksFrom = 65
	// maxBlock is the number of parts of a block.
	maxBlock = 1000
	// maxParts limits the parts of a lock: in blocks, a small text can have many.
	maxParts = 1 << 20
)

// The indents of the lists of parts in the text.
const (
	stepIndent = "\n        "
	undoIndent = "\n          "
)

// blockItem is how each block of a step begins.
var blockItem = item(stepIndent) + "s: "

// item is how each line of a list of parts begins, before ": " or "s: ".
func item(indent string) string { return indent + "  - {part" }

// settled reports whether neither an apply nor a person will need the parts of a step,
// unless the step is to be compared or rolled back.
func (s *Step) settled() bool {
	return !s.Undecided() && s.Outcome != Failed && !anyRefused(s.packed) && !anyPart(s.Parts, func(p *Part) bool { return p.Error != "" })
}

// anyRefused reports whether one of the packed parts of a step may have an error. Parts in
// a block have none.
func anyRefused(lines string) bool {
	for line := range packedLines(lines) {
		if !strings.HasPrefix(line, blockItem) && strings.Contains(line, ", error: ") {
			return true
		}
	}
	return false
}

// packedLines returns the lines of packed parts, each with the line break before it.
func packedLines(lines string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for lines != "" {
			line := lines
			if end := strings.IndexByte(lines[1:], '\n'); end >= 0 {
				line = lines[:end+1]
			}
			lines = lines[len(line):]
			if !yield(line) {
				return
			}
		}
	}
}

// MarshalJSON writes a step with its parts, loaded or not.
func (s Step) MarshalJSON() ([]byte, error) {
	s.Load()
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // the caller may escape
	err := e.Encode(plainStep(s))
	return out.Bytes(), err //nolint:wrapcheck // the caller names the lock
}

// inBlocks reports whether a list of parts is written in blocks. What was only kept
// never has a line per part.
func inBlocks(count int, o Outcome) bool { return count >= blocksFrom || o == Keep }

// lines returns the text of the step's parts.
func (s *Step) lines() string {
	if s.packed != "" || len(s.Parts) == 0 {
		return s.packed
	}
	return partLines(stepIndent, s.Parts, inBlocks(len(s.Parts), s.Outcome))
}

func (u *Undo) lines() string {
	if u.packed != "" || len(u.Parts) == 0 {
		return u.packed
	}
	return partLines(undoIndent, u.Parts, inBlocks(len(u.Parts), u.Outcome))
}

// pack replaces the parts of a step by their text.
func (s *Step) pack() {
	s.Parts, s.packed = nil, s.lines()
	for _, u := range s.attempts() {
		if *u != nil {
			undo := **u
			undo.Parts, undo.packed = nil, undo.lines()
			*u = &undo
		}
	}
}

// Load reads the parts of a step that are packed. A text that is not what this program
// writes counts as dropped; Read and Open return an error for those that they load.
func (s *Step) Load() {
	if !s.load(false) {
		s.packed = ""
	}
}

// load reads packed parts, and reports whether their text is what this program writes;
// exact = byte for byte, for a text that may have been edited.
func (s *Step) load(exact bool) bool {
	if s.packed != "" {
		parts, ok := readParts(s.packed, stepIndent, exact)
		if !ok {
			return false
		}
		s.Parts, s.packed = parts, ""
	}
	for _, u := range s.attempts() {
		if *u == nil || (*u).packed == "" {
			continue
		}
		undo := **u
		parts, ok := readParts(undo.packed, undoIndent, exact)
		if !ok {
			return false
		}
		undo.Parts, undo.packed = parts, ""
		*u = &undo
	}
	return true
}

// partLines returns the lines of a list of parts.
func partLines(indent string, all []Part, blocks bool) string {
	each := 140 // bytes of a line with offsets
	if blocks {
		each = 20
	}
	l := &layout{text: make([]byte, 0, 200+each*len(all))}
	l.writeParts(item(indent), all, blocks)
	return string(l.text)
}

// readParts reads the lines of a list of parts, and reports whether each is what is
// written for its parts: byte for byte, if exact.
func readParts(lines, indent string, exact bool) (out []Part, ok bool) {
	l := &layout{reading: true, rest: lines}
	begin := item(indent)
	read := l.exactly
	if !exact {
		read = func(record func()) bool { record(); return !l.failed }
	}
	for l.rest != "" {
		var one Part
		var many []Part
		if strings.HasPrefix(l.rest, begin+": ") {
			ok = read(func() { l.literal(begin + ": "); l.part(&one) })
			many = []Part{one}
		} else {
			ok = read(func() { l.literal(begin + "s: "); l.block(&many) })
		}
		if !ok {
			return nil, false
		}
		switch {
		case out == nil && l.rest == "":
			return many, true // the only line
		case out == nil:
			out = slices.Grow(out, countParts(lines, indent))
		}
		out = append(out, many...)
	}
	return out, true
}

// countParts returns the number of parts that lines have, without parsing more of them
// than their names.
func countParts(lines, indent string) (n int) {
	begin := item(indent) + "s: "
	for line := range packedLines(lines) {
		name, isBlock := strings.CutPrefix(line, begin)
		if !isBlock {
			n++
			continue
		}
		l := &layout{reading: true, rest: name}
		if decoded, err := unquoted(l.token()); err == nil {
			_, _ = eachName(decoded, func(first providers.Part, last int) { n += last - first.Number + 1 })
		}
	}
	return n
}

// A selection is the steps of a lock whose parts are read.
type selection func(run string, s *Step) bool

func everything(string, *Step) bool { return true }
func nothing(string, *Step) bool    { return false }

// only selects the steps of one run.
func only(key string) selection { return func(run string, _ *Step) bool { return run == key } }

// each passes the selected steps, and those that are not settled, to a function.
func (f *File) each(selected selection, to func(*Step)) {
	for key, r := range f.Runs {
		for _, s := range r.Steps {
			if !s.settled() || selected(key, s) {
				to(s)
			}
		}
	}
}

// load reads the packed parts of selected steps, and reports whether their lines are
// what this program writes: byte for byte, if exact.
func (f *File) load(selected selection, exact bool) bool {
	var all []*Step
	f.each(selected, func(s *Step) { all = append(all, s) })
	var failed atomic.Bool
	cores.Each(len(all), func(i int) {
		if !failed.Load() && !all[i].load(exact) {
			failed.Store(true)
		}
	})
	return !failed.Load()
}

// count returns the number of parts of selected steps.
func (f *File) count(selected selection) (n int) {
	f.each(selected, func(s *Step) { n += s.countParts() })
	return n
}

func (s *Step) countParts() int {
	n := len(s.Parts) + countParts(s.packed, stepIndent)
	for _, u := range s.attempts() {
		if *u != nil {
			n += len((*u).Parts) + countParts((*u).packed, undoIndent)
		}
	}
	return n
}

// checkParts returns an error if selected steps have too many parts to be loaded.
func (f *File) checkParts(name string, selected selection) error {
	if f.count(selected) > maxParts {
		return tooManyParts(name)
	}
	return nil
}

func tooManyParts(name string) error {
	return diag.Errors{{File: name, Reason: fmt.Sprintf("this lock has positions of more than %d partitions", maxParts),
		Remedy: "drop old runs with `resetplan lock prune " + text.ShellWord(name) + "`"}}
}
