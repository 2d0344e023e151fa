package lock

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/plan/text"
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
	w.line(0, "plan", text.Scalar(f.Plan))
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
		w.line(indent, key, text.Scalar(value))
	}
}

// number writes a line unless the value is 0.
func (w *writer) number(indent int, key string, value int) {
	if value != 0 {
		w.line(indent, key, strconv.Itoa(value))
	}
}

func (w *writer) run(key string, r *Run) {
	w.line(2, text.Scalar(key), "")
	w.line(4, "document", text.Scalar(r.Document))
	if len(r.Params) > 0 {
		w.line(4, "params", flow(r.Params))
	}
	w.line(4, "by", text.Scalar(r.By))
	w.line(4, "started", instant(r.Started))
	if r.Finished != nil {
		w.line(4, "finished", instant(*r.Finished))
	}
	w.line(4, "outcome", text.Scalar(string(r.Outcome)))
	w.number(4, "sequence", r.Sequence)
	if len(r.Approvals) > 0 {
		w.line(4, "approvals", "")
		for _, a := range r.Approvals {
			pairs := []string{"digest: " + text.Scalar(a.Digest), "inputs: " + text.Scalar(a.Inputs)}
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
	w.line(6, "- id", text.Scalar(s.ID))
	w.line(8, "digest", text.Scalar(s.Digest))
	w.line(8, "address", text.Scalar(s.Address))
	w.optional(8, "identity", s.Identity)
	w.number(8, "sequence", s.Sequence)
	w.number(8, "undone", s.Undone)
	w.line(8, "outcome", text.Scalar(string(s.Outcome)))
	w.optional(8, "requestId", s.RequestID)
	w.line(8, "at", instant(s.At))
	w.optional(8, "why", s.Why)
	if s.Promise {
		w.line(8, "promise", "true")
	}
	w.parts(8, s.Parts)
	if p := s.Paused; p != nil {
		pairs := []string{"doing: " + text.Scalar(string(p.Doing)), "by: " + text.Scalar(p.By), "since: " + instant(p.Since)}
		w.line(8, "paused", mapping(present(pairs, "why", p.Why)))
	}
	if s.Undo == nil {
		return
	}
	w.line(8, "undo", "")
	w.line(10, "outcome", text.Scalar(string(s.Undo.Outcome)))
	w.line(10, "by", text.Scalar(s.Undo.By))
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
		pairs := []string{"part: " + text.Scalar(p.Part.String()), "before: " + text.Scalar(p.Before.String()), "after: " + text.Scalar(p.After.String())}
		if !p.Seen.IsZero() {
			pairs = append(pairs, "seen: "+text.Scalar(p.Seen.String()))
		}
		if !p.High.IsZero() {
			pairs = append(pairs, "high: "+text.Scalar(p.High.String()))
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
	return append(pairs, key+": "+text.Scalar(value))
}

func mapping(pairs []string) string { return "{" + strings.Join(pairs, ", ") + "}" }

// flow formats a mapping on one line.
func flow[K cmp.Ordered, V any](m map[K]V) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		value := fmt.Sprint(m[k])
		if s, ok := any(m[k]).(string); ok {
			value = text.Scalar(s)
		}
		pairs = append(pairs, text.Scalar(fmt.Sprint(k))+": "+value)
	}
	return mapping(pairs)
}

func instant(t time.Time) string {
	if s := moment(t).String(); s[0] != '@' {
		return s
	}
	return `"` + moment(t).String() + `"`
}
