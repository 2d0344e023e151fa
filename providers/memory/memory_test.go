package memory

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

// TestConformance runs the suite on services of every kind that providers are
// written for.
func TestConformance(t *testing.T) {
	for name, caps := range kinds() {
		t.Run(name, func(t *testing.T) { providertest.Run(t, harness(caps, nil)) })
	}
}

// Kinds that a fault or a seed needs by name: the targets of asNested are selected by
// two keys, asByTime only resolves times itself, asNear also finds times near other
// positions, and asVague knows only as a range where a time leads.
const (
	asNested = "topics within a group"
	asByTime = "times by part, resolved only by the service"
	asNear   = "times by part, and times near offsets"
	asVague  = "times for the whole target, which lead to a range"
)

// kinds are the capabilities of services that differ in what they need, accept and
// report.
func kinds() map[string]providers.Capabilities {
	full := Full()
	moves := func(m map[providers.Kind]providers.Grain, changes func(*providers.Capabilities)) providers.Capabilities {
		c := Full()
		c.Moves = m
		changes(&c)
		return c
	}
	return map[string]providers.Capabilities{
		"everything": full,
		"the whole target by time, with active consumers": moves(map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget,
			providers.Earliest: providers.WholeTarget, providers.Latest: providers.WholeTarget},
			func(c *providers.Capabilities) {
				c.Needs, c.Undo, c.Resolves = providers.Active, providers.Inferred, nil
			}),
		asByTime: moves(map[providers.Kind]providers.Grain{providers.Time: providers.PerPart}, func(c *providers.Capabilities) {
			c.Undo, c.Resolves, c.Unit = providers.Inferred, nil, "message"
		}),
		asNear: moves(map[providers.Kind]providers.Grain{providers.Time: providers.PerPart}, func(c *providers.Capabilities) {
			c.Undo, c.Resolves = providers.Inferred, map[providers.Kind]bool{providers.Time: true}
			c.Approximates = map[providers.Kind]bool{providers.Offset: true, providers.Group: true}
		}),
		asVague: moves(map[providers.Kind]providers.Grain{providers.Time: providers.WholeTarget}, func(c *providers.Capabilities) {
			c.Undo, c.Resolves = providers.Inferred, map[providers.Kind]bool{providers.Time: true}
			c.Approximates = map[providers.Kind]bool{providers.Offset: true, providers.Group: true}
		}),
		"cursors, activity inferred": moves(map[providers.Kind]providers.Grain{providers.Cursor: providers.PerPart},
			func(c *providers.Capabilities) {
				c.Activity, c.Counts, c.Order.Cursor = providers.Inferred, providers.UpperBound, cursorOf
			}),
		"offsets by part and times as a whole, no activity reported": moves(map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart, providers.Time: providers.WholeTarget},
			func(c *providers.Capabilities) { c.Activity = providers.No }),
		"offsets by part, no boundaries": moves(map[providers.Kind]providers.Grain{providers.Offset: providers.PerPart,
			providers.Latest: providers.WholeTarget},
			func(c *providers.Capabilities) { c.Bounds, c.Resolves = providers.No, nil }),
		"pauses its consumers": moves(full.Moves, func(c *providers.Capabilities) {
			c.CanPause, c.NeedsGroup = true, true
			c.Notes["allowNew"] = providers.Note{Fact: "memory resets only groups that exist here", Remedy: "commit first"}
		}),
		asNested: moves(full.Moves, func(c *providers.Capabilities) {
			c.Selects = append(c.Selects, providers.Selector{Key: "topics", One: "topic"})
		}),
		"only its own rule, no positions reported": moves(map[providers.Kind]providers.Grain{providers.Default: providers.WholeTarget},
			func(c *providers.Capabilities) {
				c.Reads, c.Bounds, c.Undo, c.Resolves = providers.No, providers.No, providers.No, nil
			}),
	}
}

// harness gives a seeded service to each case. A mutation, if any, breaks the
// provider.
func harness(caps providers.Capabilities, mutation func(providers.Provider) providers.Provider) providertest.Harness {
	s := &Service{}
	kind := New(s, caps)
	if mutation != nil {
		kind = mutation(kind)
	}
	return providertest.Harness{Provider: kind, Start: func(*testing.T) *providertest.Service {
		*s = *NewService() // its lock is free between cases
		return seeded(s, caps)
	}}
}

func seeded(s *Service, caps providers.Capabilities) *providertest.Service {
	fill := func(id string) {
		s.Topic("orders", 2, id, now.Add(-4*time.Hour), now.Add(-3*time.Hour), now.Add(-2*time.Hour), now.Add(-time.Hour))
	}
	fill("first")
	if reflect.DeepEqual(caps, kinds()[asVague]) {
		s.Vague(1)
	}
	for n := range 2 {
		s.Commit("billing", providers.Part{Topic: "orders", Number: n}, 3, nil)
		s.Commit("donor", providers.Part{Topic: "orders", Number: n}, 1, nil)
	}
	disturb := s.Activate
	if caps.Needs == providers.Active {
		s.Activate("billing")
		disturb = s.Rest
	}
	conn := &connection{s, caps} // only for the form of its positions
	return &providertest.Service{
		Keeps: true,
		Env:   providers.Process{Now: func() time.Time { return now }}, Config: map[string]any{},
		Target:  map[string]any{"group": "billing", "topic": "orders", "partitions": []int{0, 1}},
		Spelled: []map[string]any{{"group": "billing", "topic": "orders", "partitions": []int{1, 0, 1}}},
		Other:   map[string]any{"group": "donor", "topic": "orders"},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "biling", "topic": "orders"}, What: "group"},
			{Target: map[string]any{"group": "billing", "topic": "ordrs"}, What: "topic"},
			{Target: map[string]any{"group": "billing", "topic": "orders", "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: "billing", Donor: "donor", Within: now.Add(-150 * time.Minute), Secrets: []string{secret},
		Committed: func() map[providers.Part]providers.Position {
			out := s.Committed("billing")
			for p, at := range out {
				n, _ := at.Offset()
				out[p] = conn.place(n)
			}
			return out
		},
		Writes:     s.Writes,
		Disturb:    func() { disturb("billing") },
		LoseAnswer: s.LoseAnswer,
		Throttle:   func() { s.FailReset(providers.ErrThrottled) },
		Deny:       func() { s.FailRead(providers.ErrDenied) },
		Recreate:   func() { fill("second") },
		Block:      s.Block,
		Hangs:      s.Hangs,
	}
}

const secret = "s3cret"

// TestService shows what another program's doing looks like from here.
func TestService(t *testing.T) {
	zero, one := providers.Part{Topic: "orders"}, providers.Part{Topic: "orders", Number: 1}
	type place struct{ Low, High, Committed string }
	for name, c := range map[string]struct {
		do   func(*Service)
		want []place
	}{
		"nothing": {func(*Service) {}, []place{{"offset:0", "offset:4", "offset:3"}, {"offset:0", "offset:4", "offset:3"}}},
		"a commit elsewhere": {func(s *Service) { s.Commit("billing", one, 2, nil) },
			[]place{{"offset:0", "offset:4", "offset:3"}, {"offset:0", "offset:4", "offset:2"}}},
		"records that are added": {func(s *Service) { s.Append(zero, now, now) },
			[]place{{"offset:0", "offset:6", "offset:3"}, {"offset:0", "offset:4", "offset:3"}}},
		"records that are gone": {func(s *Service) { s.Truncate(zero, 2) },
			[]place{{"offset:2", "offset:4", "offset:3"}, {"offset:0", "offset:4", "offset:3"}}},
		"a re-created topic": {func(s *Service) { s.Topic("orders", 2, "new") },
			[]place{{"offset:0", "offset:0", "unset"}, {"offset:0", "offset:0", "unset"}}},
		"a topic deleted": {func(s *Service) { s.DeleteTopic("orders") }, nil},
		"a reset not yet seen": {func(s *Service) {
			s.Hide(2)
			if _, err := connect(s).Reset(t.Context(), move(t, s, zero, providers.AtOffset(1))); err != nil {
				t.Error(err)
			}
		}, []place{{"offset:0", "offset:4", "offset:3"}, {"offset:0", "offset:4", "offset:3"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewService()
			seeded(s, Full())
			c.do(s)
			var got []place
			for _, p := range connect(s).Read(t.Context(), []providers.ReadRequest{{Target: goal(t, s)}})[0].Parts {
				got = append(got, place{p.Low.String(), p.High.String(), p.Committed.String()})
			}
			if !slices.Equal(got, c.want) || s.Reads() != 1 {
				t.Errorf("got %v after %d readings, want %v", got, s.Reads(), c.want)
			}
		})
	}
}

// TestRefusedParts shows the two ways in which a part's refusal is reported.
func TestRefusedParts(t *testing.T) {
	zero := providers.Part{Topic: "orders"}
	s := NewService()
	seeded(s, Full())
	m := move(t, s, zero, providers.AtOffset(1))
	m.To = append(m.To, providers.PartMove{Part: providers.Part{Topic: "orders", Number: 1}, Position: providers.AtOffset(1)})
	s.RefusePart(zero)
	receipt, err := connect(s).Reset(t.Context(), m)
	if err != nil || receipt.Parts[0].Err == nil || receipt.Parts[1].Err != nil || s.Committed("billing")[zero] != providers.AtOffset(3) {
		t.Errorf("one of two refused: %+v, %v", receipt, err)
	}
	s.RefusePart(zero)
	if _, err := connect(s).Reset(t.Context(), move(t, s, zero, providers.AtOffset(1))); err == nil || s.Resets() != 1 {
		t.Errorf("all refused: %v after %d resets", err, s.Resets())
	}
}

func connect(s *Service) providers.Connection { return &connection{s, Full()} }

func goal(t *testing.T, s *Service) providers.Target {
	t.Helper()
	got, err := New(s, Full()).Target(providers.Config{}, func(into any) error {
		*into.(*keys) = keys{Group: "billing", Topic: "orders"}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func move(t *testing.T, s *Service, p providers.Part, to providers.Position) providers.Move {
	t.Helper()
	return providers.Move{Target: goal(t, s), To: []providers.PartMove{{Part: p, Position: to}}}
}
