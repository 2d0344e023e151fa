package memory

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/resetplan/resetplan/providers"
)

// snapshot reports what the capabilities claim, and no more.
func (c *connection) snapshot(q providers.ReadRequest) (out providers.Snapshot) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.ripen()
	c.s.reads++
	t := q.Target.(*target)
	g, exists := c.s.groups[t.group]
	if !exists {
		out.Missing = append(out.Missing, c.s.missingGroup(t.group))
		g = &group{}
	}
	out.GroupState = c.standing(g, exists)
	out.Activity = c.activity(g)
	for _, p := range q.Resolve {
		if other, ok := p.Group(); ok && c.s.groups[other] == nil {
			out.Missing = append(out.Missing, c.s.missingGroup(other))
		}
	}
	parts, missing := c.s.selected(t, g)
	out.Missing = append(out.Missing, missing...)
	for _, p := range parts {
		if c.caps.Reads == providers.No && c.caps.Bounds == providers.No || len(q.Only) > 0 && !slices.Contains(q.Only, p) {
			continue
		}
		out.Parts = append(out.Parts, c.part(p, g, q))
	}
	if g.hidden != nil {
		if c.s.hide--; c.s.hide <= 0 {
			g.hidden = nil
		}
	}
	return out
}

func (c *connection) standing(g *group, exists bool) providers.GroupState {
	switch {
	case !exists:
		return providers.Absent
	case c.caps.Reads == providers.No:
		return providers.GroupUnknown
	case len(g.commits) == 0:
		return providers.Blank
	}
	return providers.Committed
}

func (c *connection) activity(g *group) providers.Activity {
	switch {
	case c.caps.Activity == providers.No:
		return providers.Activity{Why: "the service does not report it"}
	case len(g.members) > 0:
		return providers.Activity{State: providers.Active, Why: "Stable", Members: g.members}
	}
	return providers.Activity{State: providers.Idle, Why: "Empty"}
}

func (s *Service) missingGroup(name string) providers.Missing {
	return providers.Missing{What: providers.GroupName, Name: name, Known: slices.Sorted(maps.Keys(s.groups))}
}

// selected returns the parts that a target means, sorted, and what it names
// that is not there.
func (s *Service) selected(t *target, g *group) (parts []providers.Part, missing []providers.Missing) {
	topics := map[string]bool{}
	for p := range s.logs {
		topics[p.Topic] = true
		_, committed := g.commits[p]
		if (p.Topic == t.topic || t.topic == "" && committed) && (t.partitions == nil || slices.Contains(t.partitions, p.Number)) {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, providers.Part.Compare)
	if t.topic != "" && !topics[t.topic] {
		return nil, []providers.Missing{{What: providers.TopicName, Name: t.topic, Known: slices.Sorted(maps.Keys(topics))}}
	}
	for _, n := range t.partitions {
		if p := (providers.Part{Topic: t.topic, Number: n}); s.logs[p] == nil {
			missing = append(missing, providers.Missing{What: providers.PartitionName, Name: p.String()})
		}
	}
	return parts, missing
}

// recordBytes is the size of one record.
const recordBytes = 100

func (c *connection) part(p providers.Part, g *group, q providers.ReadRequest) providers.PartReading {
	l := c.s.logs[p]
	r := providers.PartReading{Part: p, LogID: l.id}
	if c.caps.Bounds != providers.No {
		r.Low, r.High = c.place(l.low), c.place(l.high())
	}
	if c.caps.Reads != providers.No {
		r.Committed, r.Metadata = c.committed(g, p)
		if at := g.commits[p].offset; g.hidden == nil && at > l.low && at <= l.high() {
			r.ReadUpTo = l.times[at-1]
		}
	}
	if q.Bytes {
		bytes := (l.high() - l.low) * recordBytes
		r.Bytes = &bytes
	}
	if q.LowTime && l.low < l.high() {
		r.LowTime = l.times[l.low]
	}
	r.Resolved = append(r.Resolved, c.approach(l, p, q)...)
	for _, pos := range q.Resolve {
		if !c.caps.Resolves[pos.Kind()] {
			continue
		}
		at := c.vague(l, pos, providers.Resolution{Asked: pos, Found: c.resolve(l, p, pos)})
		if pos.Kind() == providers.Time && l.low < l.high() && at.Found == r.Low {
			r.LowTime = l.times[l.low]
		}
		if t, ok := pos.Time(); ok && l.after(t) < l.high() {
			at.Time = l.times[l.after(t)]
		}
		r.Resolved = append(r.Resolved, at)
	}
	return r
}

func (c *connection) resolve(l *log, p providers.Part, pos providers.Position) providers.Position {
	if other, ok := pos.Group(); ok {
		g := c.s.groups[other]
		if g == nil {
			return providers.At(providers.Unset)
		}
		at, _ := c.committed(g, p)
		return at
	}
	if t, ok := pos.Time(); ok && l.after(t) == l.high() {
		return providers.At(providers.Latest)
	}
	return c.place(l.find(pos))
}

func (c *connection) committed(g *group, p providers.Part) (providers.Position, map[string]string) {
	from := g.commits
	if g.hidden != nil {
		from = g.hidden
	}
	if at, ok := from[p]; ok {
		return c.place(at.offset), at.kept
	}
	return providers.At(providers.Unset), nil
}

// place writes an offset in the form in which the service is reset: as a
// cursor if it accepts cursors.
func (c *connection) place(n int64) providers.Position {
	if c.caps.Moves[providers.Cursor] != providers.NoGrain {
		return providers.AtCursor(cursorOf(n))
	}
	return providers.AtOffset(n)
}

func (l *log) high() int64 { return int64(len(l.times)) }

// after returns the offset of the first record at or after t, or high.
func (l *log) after(t time.Time) int64 {
	for n := l.low; n < l.high(); n++ {
		if !l.times[n].Before(t) {
			return n
		}
	}
	return l.high()
}

// find returns the offset that a position means; the service's own rule,
// Default, is its oldest record.
func (l *log) find(pos providers.Position) int64 {
	switch pos.Kind() {
	case providers.Earliest, providers.Default:
		return l.low
	case providers.Latest:
		return l.high()
	case providers.Time:
		t, _ := pos.Time()
		return l.after(t)
	}
	return number(pos)
}

// number returns the offset that is written in an exact position, or -1.
func number(pos providers.Position) int64 {
	if n, ok := pos.Offset(); ok {
		return n
	}
	cursor, _ := pos.Cursor()
	if n, ok := cursorNumber(cursor); ok {
		return n
	}
	return -1
}

// cursorOf encodes an offset as a cursor.
func cursorOf(n int64) string {
	return base64.StdEncoding.EncodeToString(strconv.AppendInt(nil, n, 10))
}

// cursorNumber decodes a cursor of cursorOf.
func cursorNumber(cursor string) (int64, bool) {
	raw, err := base64.StdEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	return n, err == nil
}

// sizes reports what was requested of each part.
func (c *connection) sizes(q providers.SizeRequest) []providers.PartSize {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	var out []providers.PartSize
	for _, p := range q.Move.To {
		l := c.s.logs[p.Part]
		if l == nil {
			continue
		}
		size := providers.PartSize{Part: p.Part}
		if n := l.find(p.Position); q.Oldest && n >= l.low && n < l.high() {
			size.Oldest = l.times[n]
		}
		if q.Retention {
			size.Retention = c.s.retention
		}
		if size != (providers.PartSize{Part: p.Part}) {
			out = append(out, size)
		}
	}
	return out
}
