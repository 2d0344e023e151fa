//go:build integration && linux && amd64

package reconcile_test

import (
	"strings"
	"testing"

	"github.com/resetplan/resetplan/plan/lock/locktest"
)

// TestIntegrationAProcessThatAppliesOnAServerLeavesNothing has the lock in servers of
// object stores; `make soak` applies more often.
func TestIntegrationAProcessThatAppliesOnAServerLeavesNothing(t *testing.T) {
	for scheme, start := range locktest.Servers {
		t.Run(scheme, func(t *testing.T) {
			server := start(t)
			for _, v := range server.Env(server.Address) {
				name, value, _ := strings.Cut(v, "=")
				t.Setenv(name, value)
			}
			appliesLeaveNothing(t, server.URL(server.Address, "leaks"), 25)
		})
	}
}
