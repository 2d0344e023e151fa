package lock

import (
	"strconv"
	"strings"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/schema"
)

// quick reads the content below the checksum if it has the layout that emit
// writes, and reports whether it does. The YAML library needs seconds and
// gigabytes for the record of a few years of scheduled replays. The result must
// re-encode byte for byte, with valid digests and outcomes; otherwise the library
// and the schema read the lock, and report its errors.
func quick(body string) (*File, bool) {
	r := &reader{file: &File{Version: Version, Runs: map[string]*Run{}}}
	for rest := body; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		content := strings.TrimLeft(line, " ")
		if !r.line(len(line)-len(content), content) {
			return nil, false
		}
	}
	same := true
	r.file.emit(func(chunk []byte) bool {
		same = same && len(chunk) <= len(body) && body[:len(chunk)] == string(chunk)
		if same {
			body = body[len(chunk):]
		}
		return same
	})
	return r.file, same && body == "" && r.file.valid()
}

// A reader reads a lock line by line. It holds the current run and step.
type reader struct {
	file *File
	run  *Run
	step *Step
}

func (r *reader) line(indent int, s string) bool {
	if flow, ok := strings.CutPrefix(s, "- {"); ok {
		return r.item(indent, "{"+flow)
	}
	key, value, ok := readPair(strings.TrimPrefix(s, "- "))
	switch {
	case !ok:
		return false
	case indent == 0:
		r.file.Plan = merely(key == "plan", value, r.file.Plan)
		return key == "plan" || key == "runs"
	case indent == 2:
		r.run, r.step = &Run{}, nil
		r.file.Runs[key] = r.run
		return true
	case r.run == nil:
		return false
	case indent == 4:
		return r.runLine(key, value)
	case indent == 6:
		r.step = &Step{ID: value}
		r.run.Steps = append(r.run.Steps, r.step)
		return true
	case r.step == nil:
		return false
	case indent == 8:
		return r.stepLine(key, value)
	}
	return r.step.Undo != nil && r.undoLine(key, value)
}

func merely(use bool, value, otherwise string) string {
	if use {
		return value
	}
	return otherwise
}

func (r *reader) runLine(key, value string) (ok bool) {
	ok = true
	switch key {
	case "document":
		r.run.Document = value
	case "params":
		r.run.Params, ok = readParams(value)
	case "by":
		r.run.By = value
	case "started":
		r.run.Started, ok = parsed(parseMoment, value)
	case "finished":
		var t time.Time
		t, ok = parsed(parseMoment, value)
		r.run.Finished = &t
	case "outcome":
		r.run.Outcome = RunOutcome(value)
	case "sequence":
		r.run.Sequence, ok = parsed(strconv.Atoi, value)
	case "steps":
		if value == "[]" {
			r.run.Steps = []*Step{}
		}
	}
	return ok
}

func (r *reader) stepLine(key, value string) (ok bool) {
	ok = true
	s := r.step
	switch key {
	case "digest":
		s.Digest = value
	case "address":
		s.Address = value
	case "identity":
		s.Identity = value
	case "sequence":
		s.Sequence, ok = parsed(strconv.Atoi, value)
	case "undone":
		s.Undone, ok = parsed(strconv.Atoi, value)
	case "outcome":
		s.Outcome = Outcome(value)
	case "requestId":
		s.RequestID = value
	case "at":
		s.At, ok = parsed(parseMoment, value)
	case "why":
		s.Why = value
	case "promise":
		s.Promise = true
	case "paused":
		s.Paused, ok = readPaused(value)
	case "undo":
		s.Undo = &Undo{}
	}
	return ok
}

func (r *reader) undoLine(key, value string) (ok bool) {
	ok = true
	u := r.step.Undo
	switch key {
	case "outcome":
		u.Outcome = Outcome(value)
	case "by":
		u.By = value
	case "requestId":
		u.RequestID = value
	case "at":
		u.At, ok = parsed(parseMoment, value)
	case "why":
		u.Why = value
	}
	return ok
}

// item reads a mapping in one line: an approval or a part.
func (r *reader) item(indent int, s string) bool {
	pairs, rest, ok := readPairs(s)
	switch {
	case !ok || rest != "" || r.run == nil:
		return false
	case indent == 6:
		a := Approval{}
		for _, kv := range pairs {
			switch kv.key {
			case "digest":
				a.Digest = kv.value
			case "inputs":
				a.Inputs = kv.value
			case "steps":
				a.Steps = texts(kv.inner)
			}
		}
		r.run.Approvals = append(r.run.Approvals, a)
		return true
	case r.step == nil:
		return false
	}
	p, ok := readPart(pairs)
	switch {
	case indent == 10:
		r.step.Parts = append(r.step.Parts, p)
	case indent == 12 && r.step.Undo != nil:
		r.step.Undo.Parts = append(r.step.Undo.Parts, p)
	}
	return ok
}

func readPart(pairs []pair) (p Part, ok bool) {
	ok = true
	for _, kv := range pairs {
		switch kv.key {
		case "part":
			p.Part, ok = parsed(providers.ParsePart, kv.value)
		case "before":
			p.Before, ok = parsed(providers.ParsePosition, kv.value)
		case "after":
			p.After, ok = parsed(providers.ParsePosition, kv.value)
		case "high":
			p.High, ok = parsed(providers.ParsePosition, kv.value)
		case "seen":
			p.Seen, ok = parsed(providers.ParsePosition, kv.value)
		case "readUpTo":
			p.ReadUpTo, ok = parsed(parseMoment, kv.value)
		case "kept":
			p.Metadata = texts(kv.inner)
		case "log":
			p.LogID = kv.value
		case "error":
			p.Error = kv.value
		case "settled":
			p.Settled = kv.value
		}
		if !ok {
			return p, false
		}
	}
	return p, true
}

func readPaused(s string) (p *Paused, ok bool) {
	pairs, _, ok := readPairs(s)
	p = &Paused{}
	for _, kv := range pairs {
		switch kv.key {
		case "doing":
			p.Doing = PauseIntent(kv.value)
		case "by":
			p.By = kv.value
		case "since":
			p.Since, ok = parsed(parseMoment, kv.value)
		case "why":
			p.Why = kv.value
		}
	}
	return p, ok
}

func readParams(s string) (schema.Values, bool) {
	pairs, _, ok := readPairs(s)
	out := schema.Values{}
	for _, kv := range pairs {
		out[kv.key] = kv.value
		if kv.quoted {
			continue
		}
		if n, err := strconv.ParseInt(kv.value, 10, 64); err == nil {
			out[kv.key] = n
		} else if kv.value == "true" || kv.value == "false" {
			out[kv.key] = kv.value == "true"
		}
	}
	return out, ok
}
