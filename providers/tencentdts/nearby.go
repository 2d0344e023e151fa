package tencentdts

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/resetplan/resetplan/providers/internal/fanout"
	"github.com/resetplan/resetplan/providers/tencentdts/internal/api"
)

// The service cannot be reset to an offset. But a later time never leads to an earlier
// checkpoint, so that the last second that leads to an offset or before it can be
// searched for. One look-up answers for all partitions at once, and partitions are
// usually at offsets of about the same time: their searches share look-ups.

// Limits of a search. In a log of one day it needs about twenty look-ups, a second or
// two at the service's rate; the first go back by an hour, two hours, four hours and
// so on.
const (
	mostLookUps = 120
	firstStep   = 60 * 60
	oldest      = 400 * 24 * 60 * 60 // before the start of every log
)

// A place is an offset of a partition.
type place struct {
	partition int
	offset    int64
}

// nearby is what the look-ups of a search have found.
type nearby struct {
	now     int64
	seconds []int64 // sorted
	known   map[int64]map[int]int64
	err     error
}

// nearTo searches for times near some places. It stops when all are found to the
// second, or when it has used all look-ups; then the times are earlier than necessary.
func (c *connection) nearTo(ctx context.Context, all []place) *nearby {
	s := &nearby{now: c.now().Unix(), known: map[int64]map[int]int64{}}
	if len(all) == 0 {
		return s
	}
	next := []int64{s.now}
	for round := 0; len(next) > 0 && s.err == nil; round++ {
		s.lookUp(next, func(second int64) (map[int]int64, error) {
			return c.api.DescribeOffsetByTime(ctx, c.SubscribeID, api.Second(second))
		})
		probes := map[int64]bool{}
		for _, w := range all {
			for _, second := range s.probes(w, round%2 == 0) {
				if s.known[second] == nil {
					probes[second] = true
				}
			}
		}
		next = slices.Sorted(maps.Keys(probes))
		next = next[:min(len(next), mostLookUps-len(s.known))]
	}
	return s
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

// before returns the last second that leads to a place or before it, as far as the
// search has found one, and where it leads.
func (s *nearby) before(w place) (second, leads int64, ok bool) {
	low, _ := s.bracket(w)
	if low < 0 {
		return 0, 0, false
	}
	return low, s.known[low][w.partition], true
}

// probes returns the seconds to look up next for a place; none if it is found. It
// estimates the second from the offsets around it, and brackets the estimate; every
// other time it halves, for logs that grow unevenly.
func (s *nearby) probes(w place, estimate bool) []int64 {
	low, high := s.bracket(w)
	switch {
	case high < 0 && low < 0:
		return nil // the service reports nothing about this partition
	case low < 0:
		back := max(firstStep, 2*(s.now-s.seconds[0]))
		if back > oldest {
			return nil
		}
		return []int64{s.now - back}
	case high < 0 || high-low <= 1 || s.known[low][w.partition] == w.offset:
		return nil
	}
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
