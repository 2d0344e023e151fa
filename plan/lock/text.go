package lock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const head = "# Written by resetplan; `resetplan lock` reads and settles it.\n"

// marshal returns the lock's text: YAML, sorted, a part a line, the same bytes
// for the same content. It is written here and not by the YAML library, which
// takes most of an apply's time for a lock of ten thousand parts; what it
// writes is read by that library, and the tests hold both together.
func marshal(f *File) []byte {
	w := &writer{}
	w.out.Grow(partText * f.parts())
	w.out.WriteString(head)
	w.line(0, "version", fmt.Sprint(f.Version))
	w.line(0, "plan", text(f.Plan))
	if len(f.Runs) == 0 {
		w.line(0, "runs", "{}")
		return w.out.Bytes()
	}
	w.line(0, "runs", "")
	for _, key := range slices.Sorted(maps.Keys(f.Runs)) {
		w.run(key, f.Runs[key])
	}
	return w.out.Bytes()
}

// partText is about how many bytes a part takes.
const partText = 160

// parts counts the parts of all runs.
func (f *File) parts() (n int) {
	for _, r := range f.Runs {
		for _, s := range r.Steps {
			n += len(s.Parts)
		}
	}
	return n
}

// A writer writes lines of keys and values.
type writer struct{ out bytes.Buffer }

func (w *writer) line(indent int, key, value string) {
	w.out.WriteString(strings.Repeat(" ", indent) + key + ":")
	if value != "" {
		w.out.WriteString(" " + value)
	}
	w.out.WriteByte('\n')
}

// optional writes a line unless the value is the empty text.
func (w *writer) optional(indent int, key, value string) {
	if value != "" {
		w.line(indent, key, text(value))
	}
}

func (w *writer) run(key string, r *Run) {
	w.line(2, text(key), "")
	w.line(4, "document", text(r.Document))
	if len(r.Params) > 0 {
		w.line(4, "params", flow(r.Params))
	}
	w.line(4, "by", text(r.By))
	w.line(4, "started", moment(r.Started))
	if r.Finished != nil {
		w.line(4, "finished", moment(*r.Finished))
	}
	w.line(4, "outcome", text(string(r.Outcome)))
	if len(r.Steps) == 0 {
		w.line(4, "steps", "[]")
		return
	}
	w.line(4, "steps", "")
	for _, s := range r.Steps {
		w.step(s)
	}
}

func (w *writer) step(s *Step) {
	w.line(6, "- id", text(s.ID))
	w.line(8, "digest", text(s.Digest))
	w.line(8, "address", text(s.Address))
	w.line(8, "outcome", text(string(s.Outcome)))
	w.optional(8, "requestId", s.RequestID)
	w.line(8, "at", moment(s.At))
	w.optional(8, "why", s.Why)
	if s.Promise {
		w.line(8, "promise", "true")
	}
	w.parts(8, s.Parts)
	if s.Undo == nil {
		return
	}
	w.line(8, "undo", "")
	w.line(10, "outcome", text(string(s.Undo.Outcome)))
	w.line(10, "by", text(s.Undo.By))
	w.optional(10, "requestId", s.Undo.RequestID)
	w.line(10, "at", moment(s.Undo.At))
	w.optional(10, "why", s.Undo.Why)
	w.parts(10, s.Undo.Parts)
}

func (w *writer) parts(indent int, parts []Part) {
	if len(parts) == 0 {
		return
	}
	w.line(indent, "parts", "")
	for _, p := range parts {
		pairs := []string{"part: " + text(p.Part.String()), "before: " + text(p.Before.String()), "after: " + text(p.After.String())}
		if !p.Seen.IsZero() {
			pairs = append(pairs, "seen: "+text(p.Seen.String()))
		}
		if !p.ReadUpTo.IsZero() {
			pairs = append(pairs, "readUpTo: "+moment(p.ReadUpTo))
		}
		if len(p.Kept) > 0 {
			pairs = append(pairs, "kept: "+flow(p.Kept))
		}
		if p.LogID != "" {
			pairs = append(pairs, "log: "+text(p.LogID))
		}
		if p.Error != "" {
			pairs = append(pairs, "error: "+text(p.Error))
		}
		w.out.WriteString(strings.Repeat(" ", indent+2) + "- {" + strings.Join(pairs, ", ") + "}\n")
	}
}

// flow writes a mapping in one line.
func flow[K cmp.Ordered, V any](m map[K]V) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		value := fmt.Sprint(m[k])
		if s, ok := any(m[k]).(string); ok {
			value = text(s)
		}
		pairs = append(pairs, text(fmt.Sprint(k))+": "+value)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// plain reports whether a text needs no quotes: it begins with a letter, holds
// nothing that YAML reads as a mark, and is none of the words that it reads as
// values. A lock has tens of thousands of them.
func plain(s string) bool {
	s, isDigest := strings.CutPrefix(s, "sha256:")
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9'
		if !letter && (i == 0 && (!digit || !isDigest) || !digit && !strings.ContainsRune("_./@+-", rune(c))) {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	return true
}

// text writes a scalar, in double quotes where it could be read as anything
// but itself. JSON's quotes are YAML's.
func text(s string) string {
	if plain(s) {
		return s
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	return escaped(strings.TrimSuffix(out.String(), "\n"))
}

// escaped writes by number what JSON leaves as it is and YAML does not read.
func escaped(quoted string) string {
	var out strings.Builder
	for _, r := range quoted {
		if r >= 0x7f && r < 0xa0 || r == 0xfeff || r&0xfffe == 0xfffe {
			fmt.Fprintf(&out, "\\U%08x", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
