package tencentdts

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/resetplan/resetplan/providers/internal/fanout"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// The service cannot be reset to an offset. But a later time never leads to an earlier
// checkpoint, so that the last checkpoint at an offset or before it can be searched
// for. The time that is sent is the first second that leads to this checkpoint: every
// search finds the same one, so that a plan and its apply agree.
//
// One look-up answers for all partitions at once, and partitions are usually at offsets
// of about the same time: their searches share look-ups.

// Limits of a search. In a log of one day it needs about thirty look-ups, less than two
// seconds at the service's rate; the first go back by an hour, two hours, four hours and
// so on. Places of several groups need more.
const (
	fewestLookUps = 100
	eachLookUps   = 20
	mostLookUps   = 500
	firstStep     = 60 * 60
	usual         = 10                 // seconds between two checkpoints
	oldest        = 400 * 24 * 60 * 60 // before the start of every log
)

// A place is an offset of a partition.
type place struct {
	partition int
	offset    int64
}

// nearby is what the look-ups of a search have found.
type nearby struct {
	now     int64
	start   map[int]int64 // the oldest offset of each partition
	seconds []int64       // sorted
	known   map[int64]map[int]int64
	err     error
}

// nearTo searches for times near some places in logs with these oldest offsets. It stops
// when all are found to the second, or when it has used all look-ups; then a time may
// lead to an earlier checkpoint than necessary.
func (c *connection) nearTo(ctx context.Context, start map[int]int64, all []place) *nearby {
	s := &nearby{now: c.now().Unix(), start: start, known: map[int64]map[int]int64{}}
	if len(all) == 0 {
		return s
	}
	limit := min(fewestLookUps+eachLookUps*len(all), mostLookUps)
	next := []int64{s.now}
	for round := 0; len(next) > 0 && s.err == nil; round++ {
		s.lookUp(next, func(second int64) (map[int]int64, error) { return c.offsetsAt(ctx, second) })
		probes := map[int64]bool{}
		for _, w := range all {
			for _, second := range s.probes(w, round%2 == 0) {
				if s.known[second] == nil {
					probes[second] = true
				}
			}
		}
		next = slices.Sorted(maps.Keys(probes))
		next = next[:min(len(next), limit-len(s.known))]
	}
	return s
}

// A lookUp is what one look-up has returned, and when.
type lookUp struct {
	offsets map[int]int64
	at      time.Time
}

// fresh is how long a look-up is used again: an apply reads several times in a row, and
// retention removes checkpoints meanwhile. The checkpoints of a younger second may not be
// complete yet.
const fresh = time.Minute

// offsetsAt returns the offsets to which a second leads.
func (c *connection) offsetsAt(ctx context.Context, second int64) (map[int]int64, error) {
	now := c.now()
	c.mu.Lock()
	known, ok := c.lookUps[second]
	c.mu.Unlock()
	if ok && now.Sub(known.at) < fresh {
		return known.offsets, nil
	}
	offsets, err := c.api.DescribeOffsetByTime(ctx, c.SubscribeID, api.Second(second))
	if err == nil && second < now.Add(-fresh).Unix() {
		c.mu.Lock()
		defer c.mu.Unlock()
		maps.DeleteFunc(c.lookUps, func(_ int64, old lookUp) bool { return now.Sub(old.at) >= fresh })
		c.lookUps[second] = lookUp{offsets, now}
	}
	return offsets, err
}

// lookUp requests the offsets at some seconds.
func (s *nearby) lookUp(seconds []int64, request func(int64) (map[int]int64, error)) {
	var mu sync.Mutex
	fanout.Each(len(seconds), func(i int) {
		found, err := request(seconds[i])
		mu.Lock()
		defer mu.Unlock()
		if s.known[seconds[i]] = found; err != nil && s.err == nil {
			s.err = err
		}
	})
	s.seconds = slices.Sorted(maps.Keys(s.known))
}

// bracket returns the last known second that leads to a place or before it, and the
// first one after it that leads beyond; -1 = not known.
func (s *nearby) bracket(w place) (low, high int64) {
	low, high = -1, -1
	for _, second := range s.seconds {
		at, ok := s.known[second][w.partition]
		switch {
		case ok && at <= w.offset:
			low, high = second, -1
		case ok && high < 0:
			high = second
		}
	}
	return low, high
}

// before returns the first second that leads to the last checkpoint at a place or before
// it, as far as the search has found them, and that checkpoint.
func (s *nearby) before(w place) (second, leads int64, ok bool) {
	low, _ := s.bracket(w)
	if low < 0 {
		return 0, 0, false
	}
	leads = s.known[low][w.partition]
	if leads <= s.start[w.partition] {
		return 0, leads, true // every time before the log leads to its start
	}
	_, first := s.bracket(place{w.partition, leads - 1})
	return first, leads, first >= 0
}

// probes returns the seconds to look up next for a place; none if it is found. It first
// searches for the last second that leads to the place or before it, then for the first
// one that leads to the same checkpoint.
func (s *nearby) probes(w place, estimate bool) []int64 {
	low, high := s.bracket(w)
	switch {
	case high < 0 && low < 0:
		return nil // the service reports nothing about this partition
	case low < 0:
		return s.back()
	case high-low > 1 && s.known[low][w.partition] < w.offset:
		return s.between(w, low, high, estimate)
	}
	leads := s.known[low][w.partition]
	if leads <= s.start[w.partition] {
		return nil
	}
	switch low, high = s.bracket(place{w.partition, leads - 1}); {
	case low < 0:
		return s.back()
	case high-low <= 1:
		return nil
	}
	return []int64{max(low+1, high-usual), low + (high-low)/2}
}

// back returns the next second before all that are known.
func (s *nearby) back() []int64 {
	back := max(firstStep, 2*(s.now-s.seconds[0]))
	if back > oldest {
		return nil
	}
	return []int64{s.now - back}
}

// between returns seconds between two that are known. It estimates the wanted one from
// the offsets, and brackets the estimate, or halves, for logs that grow unevenly.
func (s *nearby) between(w place, low, high int64, estimate bool) []int64 {
	if !estimate {
		return []int64{low + (high-low)/2}
	}
	from, to := s.known[low][w.partition], s.known[high][w.partition]
	share := float64(w.offset-from) / float64(to-from)
	margin := (high-low)/32 + 1
	grid := margin/2 + 1 // nearly the same estimates share a look-up
	middle := low + int64(share*float64(high-low))
	middle -= middle % grid
	return []int64{min(max(middle-margin, low+1), high-1), min(max(middle+margin, low+1), high-1)}
}
