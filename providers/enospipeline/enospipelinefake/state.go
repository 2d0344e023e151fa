package enospipelinefake

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// A Status is a pipeline's status. A draft was never released and has none.
type Status string

// The statuses of the manual.
const (
	Published Status = "PUBLISHED"
	Started   Status = "RUNNING"
	Paused    Status = "PAUSED"
	Stopped   Status = "STOPPED"
	Draft     Status = ""
)

// A pipeline reads a topic with partitions, each of which ends at seedEnd.
type pipeline struct {
	id      string
	name    string
	status  Status
	shown   Status // what lists still show
	behind  int    // in how many more lists
	offsets []int64
	rate    int64     // records a second, over all partitions
	since   time.Time // when the offsets were computed
}

const (
	seedTopic     = "MEASURE_POINT_INTERNAL_" + Org
	seedParts     = 2
	seedEnd       = 1500
	seedCommitted = 1200
	seedRate      = 1000
)

// Add adds a pipeline, with a name that contains its id.
func (f *Fake) Add(id string, s Status) {
	f.locked(func() {
		f.pipelines[id] = &pipeline{id: id, name: "The pipeline " + id, status: s, offsets: slices.Repeat([]int64{seedCommitted}, seedParts),
			rate: seedRate, since: f.options.Now()}
	})
}

// Rename gives a pipeline another name. Several may have the same.
func (f *Fake) Rename(id, name string) { f.locked(func() { f.pipelines[id].name = name }) }

// Set changes a pipeline's status, as a user of the console would.
func (f *Fake) Set(id string, s Status) {
	f.locked(func() { f.pipelines[id].become(s, 0, f.options.Now()) })
}

// StatusOf returns a pipeline's status.
func (f *Fake) StatusOf(id string) (s Status) {
	f.locked(func() { s = f.pipelines[id].status })
	return s
}

// Committed returns a pipeline's committed offsets by partition, as the Kafka
// behind it would report them.
func (f *Fake) Committed(id string) (offsets []int64) {
	f.locked(func() { offsets = slices.Clone(f.pipelines[id].offsets) })
	return offsets
}

// sorted returns the pipelines in the order in which they are listed.
func (f *Fake) sorted() []*pipeline {
	return slices.SortedFunc(maps.Values(f.pipelines), func(a, b *pipeline) int { return strings.Compare(a.id, b.id) })
}

// become changes a status; lists show the old one Options.Slow more times.
func (p *pipeline) become(s Status, behind int, now time.Time) {
	p.read(now)
	p.shown, p.behind, p.status, p.since = p.status, behind, s, now
}

// look returns the status that a list shows.
func (p *pipeline) look() Status {
	if p.behind > 0 {
		p.behind--
		return p.shown
	}
	return p.status
}

// read advances a running pipeline to the present time.
func (p *pipeline) read(now time.Time) {
	n := p.rate * now.Sub(p.since).Milliseconds() / 1000 / seedParts
	if p.status == Started && n <= 0 {
		return // not a whole record yet
	}
	if p.status == Started {
		for i := range p.offsets {
			p.offsets[i] = min(p.offsets[i]+n, seedEnd)
		}
	}
	p.since = now
}

// reset moves a pipeline to the start of its topic. Invented: the manual does not
// document the target of a reset.
func (p *pipeline) reset() { clear(p.offsets) }

// sums returns the one offset and the one lag that the API reports.
func (p *pipeline) sums() (offset, lag int64) {
	for _, n := range p.offsets {
		offset, lag = offset+n, lag+seedEnd-n
	}
	return offset, lag
}
