package lock

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/resetplan/resetplan/providers"
)

// This file is the format of a lock: each record is described once, for writing
// and for reading.

const firstLine = "# Written by resetplan; `resetplan lock` reads and settles it.\n"

// preamble returns the lines before the content that the checksum covers.
func preamble(f *File, checksum string) string {
	out := firstLine + "version: " + strconv.Itoa(f.Version) + "\n"
	if checksum != "" {
		out += "checksum: " + checksum + "\n"
	}
	return out
}

func (l *layout) plan(f *File) {
	l.value("plan: ", (*str)(&f.Plan))
	l.literal("\nruns:")
}

func (l *layout) run(key *string, r *Run) {
	l.value("\n  ", (*str)(key))
	l.value(":\n    document: ", (*str)(&r.Document))
	l.require(isDigest(r.Document))
	mapping(l, "\n    params: ", (*map[string]any)(&r.Params), func(v *any) scalar { return param{v} })
	l.value("\n    by: ", (*str)(&r.By))
	l.value("\n    started: ", &r.Started)
	if l.has("\n    finished: ", r.Finished != nil) {
		if l.reading {
			r.Finished = &Time{}
		}
		l.value("", r.Finished)
	}
	l.value("\n    outcome: ", (*str)(&r.Outcome))
	l.require(slices.Contains(runOutcomes, r.Outcome))
	l.optional("\n    sequence: ", (*number)(&r.Sequence))
	if l.has("\n    approvals:", len(r.Approvals) > 0) {
		each(l, "\n      - {digest: ", &r.Approvals, l.approval)
	}
	if !l.has("\n    steps: []", len(r.Steps) == 0) {
		l.literal("\n    steps:")
		each(l, "\n      - id: ", &r.Steps, l.step)
	} else if l.reading {
		r.Steps = []*Step{}
	}
}

func (l *layout) approval(a *Approval) {
	l.value("", (*str)(&a.Digest))
	l.value(", inputs: ", (*str)(&a.Inputs))
	l.require(isDigest(a.Digest) && isDigest(a.Inputs))
	mapping(l, ", steps: ", &a.Steps, func(digest *string) scalar { return (*str)(digest) })
	for _, digest := range a.Steps {
		l.require(isDigest(digest))
	}
	l.literal("}")
}

func (l *layout) step(to **Step) {
	if *to == nil {
		*to = &Step{}
	}
	s := *to
	l.value("", (*str)(&s.ID))
	l.value("\n        digest: ", (*str)(&s.Digest))
	l.require(isDigest(s.Digest))
	l.value("\n        address: ", (*str)(&s.Address))
	l.optional("\n        identity: ", (*str)(&s.Identity))
	l.optional("\n        sequence: ", (*number)(&s.Sequence))
	l.optional("\n        undone: ", (*number)(&s.Undone))
	l.value("\n        outcome: ", (*str)(&s.Outcome))
	l.require(slices.Contains(stepOutcomes, s.Outcome))
	l.optional("\n        requestId: ", (*str)(&s.RequestID))
	l.value("\n        at: ", &s.At)
	l.optional("\n        why: ", (*str)(&s.Why))
	l.optional("\n        promise: ", (*flag)(&s.Promise))
	l.parts(stepIndent, &s.packed, s.lines)
	if l.has("\n        paused: {doing: ", s.Paused != nil) {
		l.paused(&s.Paused)
	}
	if l.has("\n        evidence: {before: ", s.Evidence != nil) {
		l.evidence(&s.Evidence)
	}
	if l.has("\n        undo:", s.Undo != nil) {
		l.undo(&s.Undo)
	}
	if l.has("\n        replay: {doing: ", s.Replay != nil) {
		l.replay(&s.Replay)
	}
	if l.has("\n        return:", s.Return != nil) {
		l.undo(&s.Return)
	}
}

func (l *layout) replay(to **Replay) {
	if *to == nil {
		*to = &Replay{}
	}
	r := *to
	l.value("", (*str)(&r.Doing))
	l.require(slices.Contains(replayPhases, r.Doing))
	l.value(", until: ", (*str)(&r.Until))
	l.value(", then: ", (*str)(&r.Then))
	l.require(slices.Contains(replayThens, r.Then))
	l.value(", by: ", (*str)(&r.By))
	l.value(", since: ", &r.Since)
	l.optional(", why: ", (*str)(&r.Why))
	mapping(l, ", bounds: ", &r.Bounds, func(p *providers.Position) scalar { return (*position)(p) })
	l.literal("}")
}

func (l *layout) evidence(to **Evidence) {
	if *to == nil {
		*to = &Evidence{}
	}
	e := *to
	l.sum(&e.Before)
	if l.has(", after: ", e.After != nil) {
		if l.reading {
			e.After = &Sum{}
		}
		l.sum(e.After)
	}
	l.literal("}")
}

func (l *layout) sum(s *Sum) {
	l.value("{offset: ", (*integer)(&s.Offset))
	if l.has(", lag: ", s.Lag != nil) {
		if l.reading {
			s.Lag = new(int64)
		}
		l.value("", (*integer)(s.Lag))
	}
	l.value(", at: ", &s.At)
	l.optional(", topic: ", (*str)(&s.Topic))
	l.literal("}")
}

func (l *layout) paused(to **Paused) {
	if *to == nil {
		*to = &Paused{}
	}
	p := *to
	l.value("", (*str)(&p.Doing))
	l.require(p.Doing == Pausing || p.Doing == Starting || p.Doing == Stopped)
	l.value(", by: ", (*str)(&p.By))
	l.value(", since: ", &p.Since)
	l.optional(", workload: ", (*str)(&p.Workload))
	l.optional(", why: ", (*str)(&p.Why))
	l.literal("}")
}

func (l *layout) undo(to **Undo) {
	if *to == nil {
		*to = &Undo{}
	}
	u := *to
	l.value("\n          outcome: ", (*str)(&u.Outcome))
	l.require(slices.Contains(stepOutcomes, u.Outcome))
	l.value("\n          by: ", (*str)(&u.By))
	l.optional("\n          requestId: ", (*str)(&u.RequestID))
	l.value("\n          at: ", &u.At)
	l.optional("\n          why: ", (*str)(&u.Why))
	l.parts(undoIndent, &u.packed, u.lines)
}

// parts writes a list of parts, or reads its lines without parsing them.
func (l *layout) parts(indent string, packed *string, lines func() string) {
	if !l.reading {
		if lines := lines(); lines != "" {
			l.text = append(append(append(l.text, indent...), "parts:"...), lines...)
		}
		return
	}
	if !l.has(indent+"parts:", false) {
		return
	}
	begin, end := item(indent), 0
	for strings.HasPrefix(l.rest[end:], begin) {
		next := strings.IndexByte(l.rest[end+1:], '\n')
		if next < 0 {
			break // the last line of a lock is empty
		}
		end += 1 + next
	}
	l.require(end > 0)
	*packed, l.rest = l.rest[:end], l.rest[end:]
}

func (l *layout) part(p *Part) {
	l.value("", (*part)(&p.Part))
	l.value(", before: ", (*position)(&p.Before))
	l.value(", after: ", (*position)(&p.After))
	l.optional(", seen: ", (*position)(&p.Seen))
	l.optional(", high: ", (*position)(&p.High))
	l.optional(", readUpTo: ", &p.ReadUpTo)
	mapping(l, ", kept: ", &p.Metadata, func(v *string) scalar { return (*str)(v) })
	l.optional(", log: ", (*str)(&p.LogID))
	l.optional(", error: ", (*str)(&p.Error))
	l.optional(", settled: ", (*str)(&p.DecidedBy))
	l.literal("}")
}

var (
	runOutcomes  = []RunOutcome{RunApplied, RunFailed, RunInDoubt, RunInterrupted, RunUndone}
	stepOutcomes = []Outcome{Verified, Applied, Keep, Refused, Failed, Overwritten, Undone, InDoubt, NotRun}
)

func isDigest(s string) bool {
	hexadecimal, ok := strings.CutPrefix(s, "sha256:")
	if !ok || len(hexadecimal) != 64 {
		return false
	}
	for _, c := range []byte(hexadecimal) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// emit passes the content below the checksum to a function, one run at a time,
// until the function returns false. The text of a lock of a hundred thousand runs
// is never in memory as a whole.
func (f *File) emit(to func(chunk []byte) bool) {
	l := &layout{}
	l.plan(f)
	l.has(" {}", len(f.Runs) == 0)
	for _, key := range slices.Sorted(maps.Keys(f.Runs)) {
		if text, unchanged := f.texts[key]; unchanged {
			l.text = append(l.text, text...)
		} else {
			l.run(&key, f.Runs[key])
		}
		if !to(l.text) {
			return
		}
		l.text = l.text[:0]
	}
	to(append(l.text, '\n'))
}

// readOwn reads the content below the checksum if it is what emit writes, and reports
// whether it is: byte for byte, unless the checksum was correct (intact). The parts stay
// packed. Any other lock is left to the YAML library and the schema, which report its
// errors.
func readOwn(body string, intact bool) (*File, bool) {
	f := &File{Version: Version, Runs: map[string]*Run{}, texts: map[string]string{}}
	l := &layout{reading: true, rest: body}
	own := l.exactly(func() { l.plan(f) })
	if l.has(" {}\n", false) {
		return f, own && l.rest == ""
	}
	for last := ""; own && (l.rest != "\n" || last == ""); {
		var key string
		var r Run
		before := l.rest
		if intact {
			l.run(&key, &r)
			own = !l.failed && key > last
		} else {
			own = l.exactly(func() { l.run(&key, &r) }) && key > last
		}
		f.Runs[key], f.texts[key], last = &r, before[:len(before)-len(l.rest)], key
	}
	return f, own
}

// writeTo writes the lock's text: sorted YAML with a line for each part, or for the
// parts of a topic; the same content always gives the same bytes.
func (f *File) writeTo(w io.Writer, checksum string) error {
	_, err := io.WriteString(w, preamble(f, checksum))
	f.emit(func(chunk []byte) bool {
		if err == nil {
			_, err = w.Write(chunk)
		}
		return err == nil
	})
	return err
}

// A textSum is the size and the hash of a lock's text.
type textSum struct {
	size int64
	hash hash.Hash
}

func measure(f *File) textSum {
	m := textSum{size: int64(len(preamble(f, checksumOf(nil)))), hash: sha256.New()}
	f.emit(func(chunk []byte) bool {
		m.size += int64(len(chunk))
		m.hash.Write(chunk)
		return true
	})
	return m
}

func (m textSum) checksum() string { return "sha256:" + hex.EncodeToString(m.hash.Sum(nil)) }
