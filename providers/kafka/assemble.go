package kafka

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// logs are the questions of one Read about logs, each asked once per part.
type logs struct {
	low, high *question
	stable    *question                        // the end for a consumer that reads only committed records
	first     *question                        // the first record of any time
	times     map[providers.Position]*question // by the requested time
	bytes     map[providers.Part]*int64        // nil value: requested, and not reported
	unsized   []providers.Part                 // whose bytes are still to be requested
}

func newLogs() *logs {
	return &logs{low: ask(askEarliest), high: ask(askLatest), first: ask(0), stable: &question{timestamp: askLatest, committed: true},
		times: map[providers.Position]*question{}, bytes: map[providers.Part]*int64{}}
}

// about adds what a query asks about its parts.
func (l *logs) about(q *query) {
	l.low.about(q.parts)
	l.high.about(q.parts)
	if q.LowTime {
		l.first.about(q.parts)
	}
	if q.Risks {
		l.stable.about(q.parts)
	}
	for _, pos := range q.Resolve {
		at, ok := pos.Time()
		if !ok {
			continue
		}
		if l.times[pos] == nil {
			l.times[pos] = ask(at.UnixMilli())
		}
		l.times[pos].about(q.parts)
	}
	if !q.Bytes {
		return
	}
	for _, p := range q.parts {
		if _, known := l.bytes[p]; !known {
			l.bytes[p], l.unsized = nil, append(l.unsized, p)
		}
	}
}

// read asks everything that has not been answered yet.
func (l *logs) read(ctx context.Context, c *connection, topics *catalogue) {
	parts := l.unsized
	l.unsized = nil
	var sizes map[providers.Part]int64
	var wg sync.WaitGroup
	wg.Go(func() { sizes = c.bytes(ctx, topics, parts) })
	c.answerAll(ctx, append(slices.Collect(maps.Values(l.times)), l.low, l.high, l.first, l.stable))
	wg.Wait()
	for p, n := range sizes {
		l.bytes[p] = &n
	}
}

// fill fills in what the brokers report of one log.
func (l *logs) fill(q *query, pr *providers.PartReading) error {
	if q.Bytes {
		pr.Bytes = l.bytes[pr.Part]
	}
	low, high := l.low.answer(pr.Part), l.high.answer(pr.Part)
	if err := cmp.Or(low.err, high.err); err != nil {
		return err
	}
	pr.Low, pr.High = providers.AtOffset(low.offset), providers.AtOffset(high.offset)
	if at := l.stable.get(pr.Part); q.Risks && at.known && at.err == nil {
		pr.Stable = providers.AtOffset(at.offset)
	}
	if q.LowTime {
		pr.LowTime = l.first.get(pr.Part).at()
	}
	return nil
}

// assemble builds a query's snapshot. A log that cannot be read at present leaves
// only its own boundaries unknown.
func (r *reading) assemble(ctx context.Context, q *query) {
	s := &q.out
	if s.Err != nil {
		return
	}
	own := r.commits[q.target.group]
	s.Parts = slices.Grow(s.Parts, len(q.parts))
	known := r.translated.of(q)
	var away unread
	for i, p := range q.parts {
		pr := own.reading(p, r.kept)
		pr.LogID = r.topics.topics[p.Topic].logID
		err := r.logs.fill(q, &pr)
		err = cmp.Or(r.resolve(q, &pr, known, i), err)
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

// translations holds what times resolve to, which is the same for all groups on a list of
// parts.
type translations map[translationKey][][]providers.Resolution

type translationKey struct {
	first *providers.Part // of a list that targets share
	asked providers.Position
}

// of returns the resolutions of a query's parts so far, one for each; nil if they
// depend on another group or on several positions.
func (all translations) of(q *query) [][]providers.Resolution {
	if len(q.Resolve) != 1 || len(q.parts) == 0 || q.Resolve[0].Kind() != providers.Time {
		return nil
	}
	key := translationKey{&q.parts[0], q.Resolve[0]}
	if all[key] == nil {
		all[key] = make([][]providers.Resolution, len(q.parts))
	}
	return all[key]
}

// resolve translates the requested positions on the part with an index, unless that is
// known.
func (r *reading) resolve(q *query, pr *providers.PartReading, known [][]providers.Resolution, i int) error {
	if known == nil {
		return r.translate(q, pr)
	}
	if known[i] == nil {
		if err := r.translate(q, pr); err != nil {
			return err
		}
		known[i] = pr.Resolved
	}
	if pr.Resolved = known[i]; len(known[i]) > 0 && known[i][0].Found == pr.Low {
		pr.LowTime = known[i][0].Time
	}
	return nil
}

// translate translates the requested positions on one part.
func (r *reading) translate(q *query, pr *providers.PartReading) error {
	for _, pos := range q.Resolve {
		at := providers.Resolution{Asked: pos}
		other, isGroup := pos.Group()
		times := r.logs.times[pos]
		switch {
		case isGroup:
			at.Found = r.commits[other].reading(pr.Part, r.kept).Committed
		case pos.Kind() == providers.Earliest:
			at.Found = pr.Low
		case pos.Kind() == providers.Latest:
			at.Found = pr.High
		case times != nil:
			f := times.answer(pr.Part)
			if f.err != nil {
				return f.err
			}
			if at.Found, at.Time = providers.AtOffset(f.offset), f.at(); f.offset < 0 {
				at.Found, at.Time = providers.At(providers.Latest), time.Time{}
			}
			if at.Found == pr.Low {
				pr.LowTime = at.Time
			}
		default:
			continue
		}
		pr.Resolved = append(pr.Resolved, at)
	}
	return nil
}
