package tencentdtsfake

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// logs are the low and high offsets of the topic's partitions.
type logs map[int32]ends

type ends struct{ low, high int64 }

func (f *Fake) logs(ctx context.Context) (logs, error) {
	low, err := f.admin.ListStartOffsets(ctx, SeedTopic)
	if err = errors.Join(err, low.Error()); err != nil {
		return nil, err
	}
	high, err := f.admin.ListEndOffsets(ctx, SeedTopic)
	if err = errors.Join(err, high.Error()); err != nil {
		return nil, err
	}
	all := logs{}
	for p, l := range low[SeedTopic] {
		all[p] = ends{l.Offset, high[SeedTopic][p].Offset}
	}
	return all, nil
}

func (l logs) sorted() []int32 { return slices.Sorted(maps.Keys(l)) }

// state is what the broker reports of a group.
type state struct {
	kadm.DescribedGroup
	committed kadm.OffsetResponses
}

func (f *Fake) state(ctx context.Context, name string) (state, error) {
	described, err := f.admin.DescribeGroups(ctx, FullName(name))
	if err != nil {
		return state{}, err
	}
	s := state{DescribedGroup: described[FullName(name)]}
	switch {
	case errors.Is(s.Err, kerr.GroupIDNotFound):
		s.State = "Dead"
	case s.Err != nil:
		return state{}, s.Err
	}
	s.committed, err = f.admin.FetchOffsets(ctx, FullName(name))
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return state{}, err
	}
	return s, nil
}

// place is the group's offset on a partition, or -1.
func (s state) place(p int32) int64 {
	if at, ok := s.committed.Lookup(SeedTopic, p); ok {
		return at.At
	}
	return -1
}

// commit moves a group that is Dead or Empty. In any other state the broker
// refuses, and like the real service this one does nothing and reports success.
func (f *Fake) commit(ctx context.Context, name string, to map[int32]int64) error {
	var offsets kadm.Offsets
	for p, at := range to {
		offsets.AddOffset(SeedTopic, p, at, -1)
	}
	answer, err := f.admin.CommitOffsets(ctx, FullName(name), offsets)
	if err = errors.Join(err, answer.Error()); errors.Is(err, kerr.UnknownMemberID) {
		return nil
	}
	return err
}
