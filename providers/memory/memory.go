// Package memory is a provider whose service lives in this process. It is
// real: it passes the conformance suite, and the core is tested on it. A test
// can give it any capabilities, so that the core meets services of every kind.
//
// The capabilities are the service's law: what they do not claim it neither
// reports nor applies. It is not built into the program.
package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/resetplan/resetplan/plan/text"
	"github.com/resetplan/resetplan/providers"
)

// Type is the provider's name in a document.
const Type = "memory"

// New returns a provider of the service s with the capabilities c.
// Its cursors have an order.
func New(s *Service, c providers.Capabilities) providers.Provider {
	c.Order.Number = cursorNumber
	return provider{s, c}
}

type provider struct {
	service *Service
	caps    providers.Capabilities
}

var _ providers.Provider = provider{}

// Full are the capabilities of a service that can do all that Service does.
func Full() providers.Capabilities {
	return providers.Capabilities{
		Moves:    map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Unset: providers.PerPart},
		Resolves: map[providers.Kind]bool{providers.Earliest: true, providers.Latest: true, providers.Time: true, providers.Group: true},
		Reads:    providers.Exact, Bounds: providers.Exact, Activity: providers.Exact, Counts: providers.ExactCount,
		Needs: providers.Idle, Undo: providers.Exact,
		Selects: []providers.Selector{{Key: "groups", One: "group"}},
		Notes: map[string]providers.Note{
			"checkpoints": {Fact: "memory has offsets, not cursors", Remedy: "use offsets"},
			"default":     {Fact: "memory has no default target", Remedy: "use earliest or another form"},
			"idle.pause":  {Fact: "memory cannot pause consumers", Remedy: "stop them"},
		},
	}
}

func (p provider) Type() string                         { return Type }
func (p provider) Capabilities() providers.Capabilities { return p.caps }

// keys are the keys of a step's target.
type keys struct {
	Group      string `json:"group"`
	Topic      string `json:"topic"`
	Partitions []int  `json:"partitions"`
}

func (p provider) Target(_ providers.Config, decode func(into any) error) (providers.Target, error) {
	var k keys
	if err := decode(&k); err != nil {
		return nil, err
	}
	switch {
	case k.Group == "":
		return nil, &providers.KeyError{Key: "group", Reason: "group is required"}
	case k.Partitions != nil && k.Topic == "":
		return nil, &providers.KeyError{Key: "partitions", Reason: "partitions requires topic"}
	}
	slices.Sort(k.Partitions)
	return &target{k.Group, k.Topic, slices.Compact(k.Partitions)}, nil
}

func (p provider) Connect(providers.Config, providers.Process) (providers.Connection, error) {
	return &connection{p.service, p.caps}, nil
}

// target is one group's positions on one topic, or on all it has committed on.
type target struct {
	group      string
	topic      string
	partitions []int // sorted; nil = all
}

func (t *target) Address() string {
	address := Type + ":" + t.group + "/" + cmp.Or(t.topic, "*")
	if t.partitions != nil {
		address += ":" + text.Ranges(t.partitions)
	}
	return address
}

// Identity is the address: it names no endpoint.
func (t *target) Identity() string { return t.Address() }

func (t *target) Group() string { return t.group }

func (t *target) SameGroup(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.group == o.group
}

func (t *target) Overlaps(other providers.Target) bool {
	o, ok := other.(*target)
	return ok && t.SameGroup(o) && (t.topic == o.topic || t.topic == "" || o.topic == "") &&
		(t.partitions == nil || o.partitions == nil || slices.ContainsFunc(t.partitions, func(p int) bool { return slices.Contains(o.partitions, p) }))
}

type connection struct {
	s    *Service
	caps providers.Capabilities
}

var (
	_ providers.Connection = (*connection)(nil)
	_ providers.Lister     = (*connection)(nil)
	_ providers.Sizer      = (*connection)(nil)
	_ providers.Pauser     = (*connection)(nil)
)

func (c *connection) Close() error { return nil }

// Names lists groups, or the topics that a group has committed on; within a topic,
// the groups that have committed on it.
func (c *connection) Names(ctx context.Context, key string, within map[string]string) ([]string, error) {
	if err := c.s.arrive(ctx, &c.s.failRead); err != nil {
		return nil, err
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.lists++
	return c.s.names(key, within)
}

func (c *connection) Read(ctx context.Context, reqs []providers.ReadRequest) []providers.Snapshot {
	out := make([]providers.Snapshot, len(reqs))
	for i, q := range reqs {
		if err := c.s.arrive(ctx, &c.s.failRead); err != nil {
			out[i].Err = err
			continue
		}
		out[i] = c.snapshot(q)
	}
	return out
}

func (c *connection) Reset(ctx context.Context, m providers.Move) (providers.Receipt, error) {
	if err := c.s.arrive(ctx, &c.s.failReset); err != nil {
		return providers.Receipt{}, err
	}
	return c.reset(m)
}

// Pause removes the group's members. Whether a document may request it is the
// capability CanPause.
func (c *connection) Pause(ctx context.Context, t providers.Target) error {
	if err := c.s.arrive(ctx, &c.s.failPause); err != nil {
		return err
	}
	c.s.Rest(t.Group())
	c.s.locked(func() { c.s.note(Entry{By: ByPause, Group: t.Group()}) })
	return nil
}

func (c *connection) Start(ctx context.Context, t providers.Target, _ map[string]any) error {
	if err := c.s.arrive(ctx, &c.s.failStart); err != nil {
		return err
	}
	c.s.Activate(t.Group())
	c.s.locked(func() { c.s.note(Entry{By: ByStart, Group: t.Group()}) })
	return nil
}

func (c *connection) Size(ctx context.Context, reqs []providers.SizeRequest) []providers.Size {
	out := make([]providers.Size, len(reqs))
	for i, q := range reqs {
		if out[i].Err = c.s.arrive(ctx, &c.s.failRead); out[i].Err == nil {
			out[i].Parts = c.sizes(q)
		}
	}
	return out
}
