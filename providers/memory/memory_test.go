package memory

import (
	"testing"
	"time"

	"github.com/resetplan/resetplan/providers"
	"github.com/resetplan/resetplan/providers/providertest"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

func TestConformance(t *testing.T) {
	s := &Service{}
	providertest.Run(t, providertest.Harness{
		Provider: New(s, Full()),
		Start: func(*testing.T) *providertest.Service {
			*s = *NewService() // nobody holds its lock between cases
			return seeded(s)
		},
	})
}

func seeded(s *Service) *providertest.Service {
	fill := func(id string) {
		s.Topic("orders", 2, id, now.Add(-4*time.Hour), now.Add(-3*time.Hour), now.Add(-2*time.Hour), now.Add(-time.Hour))
	}
	fill("first")
	for n := range 2 {
		s.Commit("billing", providers.Part{Topic: "orders", Number: n}, 3, nil)
		s.Commit("donor", providers.Part{Topic: "orders", Number: n}, 1, nil)
	}
	return &providertest.Service{
		Env: providers.Env{Now: func() time.Time { return now }}, Config: map[string]any{},
		Target: map[string]any{"group": "billing", "topic": "orders"},
		Other:  map[string]any{"group": "donor", "topic": "orders"},
		Unknown: []providertest.Unknown{
			{Target: map[string]any{"group": "biling", "topic": "orders"}, What: "group"},
			{Target: map[string]any{"group": "billing", "topic": "ordrs"}, What: "topic"},
			{Target: map[string]any{"group": "billing", "topic": "orders", "partitions": []int{0, 77}}, What: "partition"},
		},
		Group: "billing", Donor: "donor", Within: now.Add(-150 * time.Minute),
		Committed:  func() map[providers.Part]providers.Position { return s.Committed("billing") },
		Writes:     s.Resets,
		Disturb:    func() { s.Activate("billing") },
		LoseAnswer: s.LoseAnswer,
		Throttle:   func() { s.FailReset(providers.ErrThrottled) },
		Deny:       func() { s.FailRead(providers.ErrDenied) },
		Recreate:   func() { fill("second") },
		Block:      s.Block,
	}
}
