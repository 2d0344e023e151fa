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
	"github.com/resetplan/resetplan/providers/cores"
)

// logs are the questions of one Read about logs, each asked once per part.
type logs struct {
	low, high *question
	stable    *question                        // the end for a consumer that reads only committed records
	first     *question                        // the first record of any time
	times     map[providers.Position]*question // by the requested time
	bytes     map[providers.Part]*int64        // nil value: requested, and not reported
	unsized   []providers.Part                 // whose bytes are still to be requested
	sized     []providers.Part                 // the parts of the last query that requested bytes
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
			l.times[pos] = ask(max(0, at.UnixMilli())) // to brokers, negative times are special values
		}
		l.times[pos].about(q.parts)
	}
	if !q.Bytes || sameList(q.parts, l.sized) {
		return
	}
	l.sized = q.parts
	for _, p := range q.parts {
		if _, known := l.bytes[p]; !known {
			l.bytes[p], l.unsized = nil, append(l.unsized, p)
		}
	}
}

// sameList reports whether two lists of parts are one list in memory.
func sameList(a, b []providers.Part) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
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

// facts is what a query's parts have in common for all groups on them, each part without
// its commit.
type facts struct {
	parts  []providers.PartReading
	errs   []error // of the parts; nil if there is none
	shared bool    // other queries have the same
}

// factsKey identifies facts that queries share.
type factsKey struct {
	first                 *providers.Part // of a list that targets share
	asked                 providers.Position
	bytes, lowTime, risks bool
}

// facts returns the facts of a query. Those of one list of parts are worked out once,
// unless queries ask for several positions or for those of another group.
func (r *reading) facts(q *query) *facts {
	if len(q.parts) == 0 {
		return &facts{}
	}
	key := factsKey{first: &q.parts[0], bytes: q.Bytes, lowTime: q.LowTime, risks: q.Risks}
	if len(q.Resolve) == 1 {
		key.asked = q.Resolve[0]
	}
	if len(q.Resolve) > 1 || key.asked.Kind() == providers.Group {
		return r.factsOf(q)
	}
	if r.common[key] == nil {
		r.common[key] = r.factsOf(q)
		r.common[key].shared = true
	}
	return r.common[key]
}

func (r *reading) factsOf(q *query) *facts {
	out := &facts{parts: make([]providers.PartReading, len(q.parts))}
	for i, p := range q.parts {
		pr := &out.parts[i]
		pr.Part, pr.LogID = p, r.topics.topics[p.Topic].logID
		err := r.logs.fill(q, pr)
		if err = cmp.Or(r.translate(q, pr), err); err == nil {
			continue
		}
		if out.errs == nil {
			out.errs = make([]error, len(q.parts))
		}
		out.errs[i] = err
	}
	return out
}

// assembleAll builds the snapshots of all queries.
func (r *reading) assembleAll(ctx context.Context) {
	all := make([]*facts, len(r.all))
	for i, q := range r.all {
		if q.out.Err == nil {
			all[i] = r.facts(q)
		}
	}
	cores.Runs(len(all), func(from, to int) {
		stored := kept{}
		for i := from; i < to; i++ {
			if all[i] != nil {
				r.assemble(ctx, r.all[i], all[i], stored)
			}
		}
	})
}

// assemble builds a query's snapshot. A log that cannot be read at present leaves
// only its own boundaries unknown.
func (r *reading) assemble(ctx context.Context, q *query, f *facts, stored kept) {
	s := &q.out
	if q.Later && f.errs == nil {
		r.assembleLater(q, f)
		return
	}
	s.Parts = f.parts
	if f.shared {
		s.Parts = slices.Clone(f.parts)
	}
	own := finder{commits: r.commits[q.target.group]}
	var away unread
	for i := range s.Parts {
		pr := &s.Parts[i]
		own.fill(pr, stored)
		if f.errs != nil && f.errs[i] != nil && !away.add(ctx, pr.Part, f.errs[i]) {
			s.Err, s.Parts = f.errs[i], nil
			return
		}
		if note := oddity(pr.Part, pr.Committed, pr.High); note != "" {
			s.Notes = append(s.Notes, note)
		}
	}
	s.Notes = append(s.Notes, away.notes()...)
}

// assembleLater builds a query's snapshot, except for the parts, which are loaded when they
// are needed.
func (r *reading) assembleLater(q *query, f *facts) {
	own := r.commits[q.target.group]
	found := finder{commits: own}
	for i := range f.parts {
		p := &f.parts[i]
		if note := oddity(p.Part, position(found.on(p.Part)), p.High); note != "" {
			q.out.Notes = append(q.out.Notes, note)
		}
	}
	q.out.Load = func(to []providers.PartReading) []providers.PartReading {
		at := len(to)
		to = append(to, f.parts...)
		found, stored := finder{commits: own}, kept{}
		for i := range to[at:] {
			found.fill(&to[at+i], stored)
		}
		return to
	}
}

// oddity describes a commit that no consumer writes.
func oddity(p providers.Part, committed, end providers.Position) string {
	high, known := end.Offset()
	switch n, ok := committed.Offset(); {
	case ok && n < 0:
		return fmt.Sprintf("%s is committed at %d, which is not a valid offset; it was probably written by a faulty tool.", p, n)
	case ok && known && n > high:
		return fmt.Sprintf("%s is committed at %d, past the end of its log, %d: a faulty tool wrote it, or the log was re-created.", p, n, high)
	}
	return ""
}

// translate translates the requested positions on one part.
func (r *reading) translate(q *query, pr *providers.PartReading) error {
	for _, pos := range q.Resolve {
		at := providers.Resolution{Asked: pos}
		other, isGroup := pos.Group()
		times := r.logs.times[pos]
		switch {
		case isGroup:
			at.Found = r.commits[other].committed(pr.Part)
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
