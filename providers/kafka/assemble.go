package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// assemble makes a request's snapshot of what was read. A log that cannot be
// read at present leaves its own boundaries unknown, and nothing else.
func (r *reading) assemble(ctx context.Context, i int) {
	s := &r.out[i]
	if s.Err != nil {
		return
	}
	own := r.commits[r.target(i).group]
	if s.Activity.State == providers.Active {
		s.Activity.Members = r.busy[r.target(i).group].members
	}
	s.Parts = slices.Grow(s.Parts, len(r.parts[i]))
	var away unread
	for _, p := range r.parts[i] {
		pr := own.reading(p)
		pr.LogID = r.topics.topics[p.Topic].logID()
		err := r.bounds(i, &pr)
		if away.add(ctx, p, err) {
			err = nil
		}
		if err != nil {
			s.Err, s.Parts = err, nil
			return
		}
		if note := oddity(pr); note != "" {
			s.Notes = append(s.Notes, note)
		}
		s.Parts = append(s.Parts, pr)
	}
	s.Notes = append(s.Notes, away.notes()...)
}

// bounds fills in what the brokers report of one log.
func (r *reading) bounds(i int, pr *providers.PartReading) error {
	if r.reqs[i].Bytes {
		pr.Bytes = r.bytes[pr.Part]
	}
	low, high := r.low.answer(pr.Part), r.high.answer(pr.Part)
	if err := cmp.Or(low.err, high.err); err != nil {
		return cmp.Or(r.resolve(i, pr), err)
	}
	pr.Low, pr.High = providers.AtOffset(low.offset), providers.AtOffset(high.offset)
	if r.reqs[i].LowTime {
		pr.LowTime = r.first.answers[pr.Part].at
	}
	return r.resolve(i, pr)
}

// oddity describes a commit that no consumer writes.
func oddity(pr providers.PartReading) string {
	high, known := pr.High.Offset()
	switch n, ok := pr.Committed.Offset(); {
	case ok && n < 0:
		return fmt.Sprintf("%s is committed at %d, which is not a valid offset; it was probably written by a faulty tool.", pr.Part, n)
	case ok && known && n > high:
		return fmt.Sprintf("%s is committed at %d, past the end of its log, %d: a faulty tool wrote it, or the log was re-created.", pr.Part, n, high)
	}
	return ""
}

// resolve translates what the request asked for on one part.
func (r *reading) resolve(i int, pr *providers.PartReading) error {
	for _, pos := range r.reqs[i].Resolve {
		at := providers.Resolution{Asked: pos}
		other, isGroup := pos.Group()
		switch {
		case isGroup:
			at.Found = r.commits[other].reading(pr.Part).Committed
		case pos.Kind() == providers.Earliest:
			at.Found = pr.Low
		case pos.Kind() == providers.Latest:
			at.Found = pr.High
		case r.times[pos] != nil:
			f := r.times[pos].answer(pr.Part)
			if f.err != nil {
				return f.err
			}
			if at.Found, at.Time = providers.AtOffset(f.offset), f.at; f.offset < 0 {
				at.Found, at.Time = providers.At(providers.Latest), time.Time{}
			}
			if at.Found == pr.Low {
				pr.LowTime = f.at
			}
		default:
			continue
		}
		pr.Resolved = append(pr.Resolved, at)
	}
	return nil
}
