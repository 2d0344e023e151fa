package huaweirocketmq

import (
	"fmt"
	"time"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/huaweirocketmq/internal/api"
)

// followed translates the positions of other groups into times, and adds the groups
// that do not exist to the snapshot.
func (r *reading) followed(resolve []providers.Position, out *providers.Snapshot) error {
	for _, pos := range resolve {
		name, ok := pos.Group()
		if !ok {
			continue
		}
		_, err := r.group(name)
		if m := missing(err, providers.GroupName, name, r.groups); m != nil {
			out.Missing = append(out.Missing, *m)
			continue
		}
		if err != nil {
			return err
		}
		var from, to time.Time
		for i := range out.Parts {
			p := &out.Parts[i]
			commits, err := r.commits(groupTopic{name, p.Part.Topic})
			if err != nil {
				return err
			}
			at := commits[api.Queue{Broker: p.Part.Broker, Number: p.Part.Number}]
			if one, known := near(pos, *p, at, r.now); known {
				p.Resolved = append(p.Resolved, one)
			}
			if t := at.LastRead; !t.IsZero() && (from.IsZero() || t.Before(from)) {
				from = t
			}
			if to.Before(at.LastRead) {
				to = at.LastRead
			}
		}
		if !from.IsZero() {
			note := fmt.Sprintf("Group %s has consumed up to messages of %s", name, text.Stamp(from))
			if !to.Equal(from) {
				note += " on its slowest queue, and of " + text.Stamp(to) + " on its fastest"
			}
			out.Notes = append(out.Notes, note+".")
		}
	}
	return nil
}

// near translates a group's offset on a queue into a time, if that is possible: the
// time when its last consumed message was stored. The first message of that time or a
// later one is at most this message. How many messages before it were stored in the
// same millisecond is unknown.
//
// An offset of 0 on a queue with messages is ambiguous: the service also reports it for
// queues without a commit.
func near(asked providers.Position, p providers.PartReading, other api.Status, now time.Time) (providers.Resolution, bool) {
	at := committed(other.Committed)
	n, ok := at.Offset()
	low, lowKnown := p.Low.Offset()
	switch {
	case !ok:
		return providers.Resolution{Asked: asked, Found: at}, true
	case !lowKnown || p.High.IsZero():
	case p.Low == p.High: // an empty queue: every time leads to its end
		return providers.Resolution{Asked: asked, Send: providers.AtTime(now), Found: p.High}, true
	case n == 0:
	case n <= low:
		return providers.Resolution{Asked: asked, Send: providers.AtTime(time.UnixMilli(0)), Found: p.Low}, true
	case other.LastRead.IsZero():
	default:
		from, last := p.Low, providers.AtOffset(n-1)
		ahead, ordered := providers.Order{}.Distance(last, p.Committed)
		if ordered && ahead >= 0 && !p.ReadUpTo.IsZero() && other.LastRead.After(p.ReadUpTo) {
			from = p.Committed // every message before it was stored earlier
		}
		return providers.Resolution{Asked: asked, Send: providers.AtTime(other.LastRead), Found: from, UpTo: last}, true
	}
	return providers.Resolution{}, false
}
