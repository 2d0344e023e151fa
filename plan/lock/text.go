package lock

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const head = "# Written by resetplan; `resetplan lock` reads and settles it.\n"

// marshal returns the lock's text: sorted YAML with one part per line; the same
// content always gives the same bytes. With the YAML library, encoding would
// dominate an apply on a lock of ten thousand parts. Tests check that the library
// reads the same content back.
func marshal(f *File) []byte {
	out := bytes.NewBufferString(preamble(f, measure(f).checksum()))
	f.emit(func(chunk []byte) bool { out.Write(chunk); return true })
	return out.Bytes()
}

// preamble returns the lines before the content that the checksum covers.
func preamble(f *File, checksum string) string {
	out := head + "version: " + strconv.Itoa(f.Version) + "\n"
	if checksum != "" {
		out += "checksum: " + checksum + "\n"
	}
	return out
}

// A measured is the size and the hash of a lock's text.
type measured struct {
	size int64
	sum  hash.Hash
}

func measure(f *File) measured {
	m := measured{size: int64(len(preamble(f, checksumOf(nil)))), sum: sha256.New()}
	f.emit(func(chunk []byte) bool {
		m.size += int64(len(chunk))
		m.sum.Write(chunk)
		return true
	})
	return m
}

func (m measured) checksum() string { return "sha256:" + hex.EncodeToString(m.sum.Sum(nil)) }

// emit passes the content below the checksum to a function, one run at a time,
// until the function returns false. The text of a lock of a hundred thousand runs
// is never in memory as a whole.
func (f *File) emit(to func(chunk []byte) bool) {
	w := &writer{}
	w.line(0, "plan", text(f.Plan))
	if len(f.Runs) == 0 {
		w.line(0, "runs", "{}")
		to(w.out)
		return
	}
	w.line(0, "runs", "")
	for _, key := range slices.Sorted(maps.Keys(f.Runs)) {
		w.run(key, f.Runs[key])
		if !to(w.out) {
			return
		}
		w.out = w.out[:0]
	}
}

// A writer appends lines of keys and values.
type writer struct{ out []byte }

const spaces = "                "

func (w *writer) line(indent int, key, value string) {
	w.out = append(append(append(w.out, spaces[:indent]...), key...), ':')
	if value != "" {
		w.out = append(append(w.out, ' '), value...)
	}
	w.out = append(w.out, '\n')
}

// optional writes a line unless the value is empty.
func (w *writer) optional(indent int, key, value string) {
	if value != "" {
		w.line(indent, key, text(value))
	}
}

// number writes a line unless the value is 0.
func (w *writer) number(indent int, key string, value int) {
	if value != 0 {
		w.line(indent, key, strconv.Itoa(value))
	}
}

func (w *writer) run(key string, r *Run) {
	w.line(2, text(key), "")
	w.line(4, "document", text(r.Document))
	if len(r.Params) > 0 {
		w.line(4, "params", flow(r.Params))
	}
	w.line(4, "by", text(r.By))
	w.line(4, "started", instant(r.Started))
	if r.Finished != nil {
		w.line(4, "finished", instant(*r.Finished))
	}
	w.line(4, "outcome", text(string(r.Outcome)))
	w.number(4, "sequence", r.Sequence)
	if len(r.Approvals) > 0 {
		w.line(4, "approvals", "")
		for _, a := range r.Approvals {
			pairs := []string{"digest: " + text(a.Digest), "inputs: " + text(a.Inputs)}
			if len(a.Steps) > 0 {
				pairs = append(pairs, "steps: "+flow(a.Steps))
			}
			w.item(6, pairs)
		}
	}
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
	w.optional(8, "identity", s.Identity)
	w.number(8, "sequence", s.Sequence)
	w.number(8, "undone", s.Undone)
	w.line(8, "outcome", text(string(s.Outcome)))
	w.optional(8, "requestId", s.RequestID)
	w.line(8, "at", instant(s.At))
	w.optional(8, "why", s.Why)
	if s.Promise {
		w.line(8, "promise", "true")
	}
	w.parts(8, s.Parts)
	if p := s.Paused; p != nil {
		pairs := []string{"doing: " + text(string(p.Doing)), "by: " + text(p.By), "since: " + instant(p.Since)}
		w.line(8, "paused", mapping(present(pairs, "why", p.Why)))
	}
	if s.Undo == nil {
		return
	}
	w.line(8, "undo", "")
	w.line(10, "outcome", text(string(s.Undo.Outcome)))
	w.line(10, "by", text(s.Undo.By))
	w.optional(10, "requestId", s.Undo.RequestID)
	w.line(10, "at", instant(s.Undo.At))
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
		if !p.High.IsZero() {
			pairs = append(pairs, "high: "+text(p.High.String()))
		}
		if !p.ReadUpTo.IsZero() {
			pairs = append(pairs, "readUpTo: "+instant(p.ReadUpTo))
		}
		if len(p.Metadata) > 0 {
			pairs = append(pairs, "kept: "+flow(p.Metadata))
		}
		pairs = present(pairs, "log", p.LogID)
		pairs = present(pairs, "error", p.Error)
		w.item(indent+2, present(pairs, "settled", p.Settled))
	}
}

func (w *writer) item(indent int, pairs []string) {
	w.out = append(append(append(append(w.out, spaces[:indent]...), "- "...), mapping(pairs)...), '\n')
}

// present adds a pair unless the value is empty.
func present(pairs []string, key, value string) []string {
	if value == "" {
		return pairs
	}
	return append(pairs, key+": "+text(value))
}

func mapping(pairs []string) string { return "{" + strings.Join(pairs, ", ") + "}" }

// flow formats a mapping on one line.
func flow[K cmp.Ordered, V any](m map[K]V) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		value := fmt.Sprint(m[k])
		if s, ok := any(m[k]).(string); ok {
			value = text(s)
		}
		pairs = append(pairs, text(fmt.Sprint(k))+": "+value)
	}
	return mapping(pairs)
}

func instant(t time.Time) string {
	if s := moment(t).String(); s[0] != '@' {
		return s
	}
	return `"` + moment(t).String() + `"`
}

// plain reports whether a text needs no quotes: it starts with a letter, has no
// character with a meaning in YAML, and is not a word that YAML reads as a value.
// A lock has tens of thousands of such texts.
func plain(s string) bool {
	s, isDigest := strings.CutPrefix(s, "sha256:")
	for i, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		digit := c >= '0' && c <= '9'
		if !letter && (i == 0 && (!digit || !isDigest) || !digit && !strings.ContainsRune("_./@+-", rune(c))) {
			return false
		}
	}
	switch len(s) {
	case 0:
		return false
	case 1, 2, 3, 4, 5:
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
			return false
		}
	}
	return true
}

// text formats a scalar, in double quotes if YAML could read it as another value.
// JSON's quoting is valid in YAML.
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

// escaped writes characters as numbers that JSON allows verbatim and YAML does
// not.
func escaped(quoted string) string {
	foreign := func(r rune) bool { return r >= 0x7f && r < 0xa0 || r == 0xfeff || r&0xfffe == 0xfffe }
	if strings.IndexFunc(quoted, foreign) < 0 {
		return quoted
	}
	var out strings.Builder
	for _, r := range quoted {
		if foreign(r) {
			fmt.Fprintf(&out, "\\U%08x", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
